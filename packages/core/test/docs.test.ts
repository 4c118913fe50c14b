import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ErrorEntry } from '../src/errors.js';
import type { Field, Operation } from '../src/index.js';
import {
  ADVICES,
  DEFAULT_LIMITS,
  ERRORS,
  ForklabError,
  formatTrace,
  HEADER,
  MMAP_FLAGS,
  NAME_LENGTH_MAX,
  OPERATIONS,
  PROTS,
  parseTrace,
  SAMPLE_FIELDS,
  SHARE_KINDS,
  SOURCE_DEPTH_MAX,
  STEP_FIELDS,
  TOUCH_PATTERNS,
  UFFD_MODES,
} from '../src/index.js';

const REFERENCE = join(import.meta.dirname, '../../../docs/reference');

/**
 * Holds the part of a document between `<!-- generated: NAME -->` and `<!-- end -->` against the source. With
 * FORKLAB_WRITE_DOCS=1 in the environment it writes that part instead.
 */
const expectGenerated = (file: string, name: string, wanted: string): void => {
  const path = join(REFERENCE, file);
  const text = readFileSync(path, 'utf8');
  const start = text.indexOf(`<!-- generated: ${name} -->\n`);
  expect(start, `${file} has no part "${name}"`).toBeGreaterThanOrEqual(0);
  const from = text.indexOf('\n', start) + 1;
  const to = text.indexOf('<!-- end -->', from);
  expect(to, `the part "${name}" of ${file} has no end`).toBeGreaterThan(0);
  if (process.env.FORKLAB_WRITE_DOCS) {
    writeFileSync(path, `${text.slice(0, from)}\n${wanted}\n\n${text.slice(to)}`);
    return;
  }
  const mend = 'run FORKLAB_WRITE_DOCS=1 npx vitest run packages/core/test/docs.test.ts';
  expect(text.slice(from, to).trim(), `${file} is behind the source: ${mend}`).toBe(wanted);
};

const cell = (text: string): string => text.replaceAll('|', '\\|');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

/** The type of a field in a few words; the long lists stand in a part of their own. */
const typeOf = ({ type }: Field): string => {
  switch (type.is) {
    case 'address':
    case 'bytes':
      return type.is === 'bytes' && type.min > 0 ? `bytes, at least ${type.min}` : type.is;
    case 'integer':
    case 'real':
      return `${type.min} to ${type.max}`;
    case 'name':
      return type.role === 'new' ? `new name (${type.of})` : `name (${type.of})`;
    case 'title':
      return 'name';
    case 'choice':
      return type.of === PROTS
        ? 'rights'
        : type.of === ADVICES
          ? 'advice'
          : type.of.map((it) => `\`${it}\``).join(', ');
    case 'flags':
      return type.of ? 'mapping flags' : 'list of names';
    case 'exclusions':
      return 'exclusions';
    case 'constant':
      return `\`${JSON.stringify(type.value)}\``;
    default:
      return type.is;
  }
};

const rows = (fields: Readonly<Record<string, Field>>): string[][] =>
  Object.entries(fields).map(([name, field]) => {
    const { when } = field;
    const there = field.required ? 'yes' : when ? `exactly when \`${when.field}\` is \`${when.is}\`` : 'no';
    return [`\`${name}\``, typeOf(field), there, field.says];
  });

const HEAD = ['field', 'type', 'required', 'meaning'];

const operationText = ([name, { says, fields }]: readonly [string, Operation]): string =>
  `### \`${name}\`\n\n${says}\n\n${table(HEAD, rows(fields))}`;

describe('docs/reference/trace.md', () => {
  it('has the header as the source has it', () => {
    expectGenerated('trace.md', 'header', table(HEAD, rows(HEADER as unknown as Record<string, Field>)));
  });

  it('has the operations as the source has them', () => {
    const parts = Object.entries<Operation>(OPERATIONS).map(operationText);
    expectGenerated('trace.md', 'operations', parts.join('\n\n'));
  });

  it('has the lists of words as the source has them', () => {
    const lists: [string, readonly string[]][] = [
      ['rights', PROTS],
      ['mapping flags', MMAP_FLAGS],
      ['advice', ADVICES],
      ['patterns', TOUCH_PATTERNS],
      ['modes of a userfaultfd', UFFD_MODES],
      ['kinds of share objects', SHARE_KINDS],
      ['fields of a step', STEP_FIELDS],
      ['fields of a process in a sample', SAMPLE_FIELDS],
    ];
    const listed = lists.map(([name, words]) => [name, words.map((it) => `\`${it}\``).join(', ')]);
    expectGenerated('trace.md', 'words', table(['list', 'words'], listed));
  });

  it('has the limits as the source has them', () => {
    const { lineBytes, operations, bytes } = DEFAULT_LIMITS;
    const limits = [
      ['`lineBytes`', String(lineBytes), 'the longest line, in bytes'],
      ['`operations`', String(operations), 'the most operations'],
      ['`bytes`', String(bytes), 'the longest text, in bytes, after decompression'],
    ];
    expectGenerated('trace.md', 'limits', table(['limit', 'default', 'what'], limits));
  });

  it('names the bounds of names and sources as the source has them', () => {
    const text = readFileSync(join(REFERENCE, 'trace.md'), 'utf8');
    expect(text).toContain(`1 to ${NAME_LENGTH_MAX} characters`);
    expect(text).toContain(`nested at most ${SOURCE_DEPTH_MAX} deep`);
  });

  it('has examples that can be read', () => {
    const text = readFileSync(join(REFERENCE, 'trace.md'), 'utf8');
    const examples = [...text.matchAll(/```jsonl\n(.*?)```/gs)].map(([, body = '']) => body);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const trace = parseTrace(example, 'docs/reference/trace.md');
      expect(parseTrace(formatTrace(trace))).toEqual(trace);
    }
  });
});

describe('docs/reference/errors.md', () => {
  it('has every code as the source has it, with a message as it is printed', () => {
    const parts = Object.entries(ERRORS).map(([code, it]) => {
      const { title, about, example } = it as unknown as ErrorEntry<never>;
      const { message } = new ForklabError(code as keyof typeof ERRORS, example);
      return `### ${code}: ${title}\n\n${about}\n\n\`\`\`text\n${message}\n\`\`\``;
    });
    expectGenerated('errors.md', 'codes', parts.join('\n\n'));
  });

  it('names no code that does not exist', () => {
    const text = readFileSync(join(REFERENCE, 'errors.md'), 'utf8');
    const named = new Set([...text.matchAll(/FL\d{4}/g)].map(([code]) => code));
    expect([...named].filter((code) => !Object.hasOwn(ERRORS, code))).toEqual([]);
    expect(named.size).toBe(Object.keys(ERRORS).length);
  });
});
