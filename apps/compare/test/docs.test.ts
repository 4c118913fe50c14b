import { describe, expect, test } from 'vitest';
import { comparisonJsonSchema, comparisonSchema } from '../src/document.js';
import { helpOf, overview } from '../src/help.js';
import { COMMANDS } from '../src/main.js';
import { ROW_GROUPS, ROW_KEYS, type RowGroup, rowDoc } from '../src/row-docs.js';
import { forklab, scratch } from './support/cli.js';
import { compared, planOf } from './support/comparison.js';
import { expectJson, expectPart } from './support/generated.js';

const fenced = (text: string): string => `\`\`\`text\n${text.trimEnd()}\n\`\`\``;

describe('docs/reference', () => {
  test('comparison.schema.json is the JSON Schema of the zod schema', () => {
    expectJson('comparison.schema.json', comparisonJsonSchema());
  });

  test('comparison.md defines every row', () => {
    const rows = (Object.keys(ROW_GROUPS) as RowGroup[]).flatMap((group) => [
      `| **${ROW_GROUPS[group]}** | | | |`,
      ...ROW_KEYS.filter((key) => rowDoc(key).group === group).map((key) => {
        const { label, unit, says } = rowDoc(key);
        return `| \`${key}\` | ${label} | ${unit} | ${says} |`;
      }),
    ]);
    expectPart(
      'comparison.md',
      'rows',
      ['| row | label | unit | definition |', '| --- | --- | --- | --- |', ...rows].join('\n'),
    );
  });

  test('cli.md holds the help of every call', async () => {
    expectPart('cli.md', 'overview', fenced(overview(COMMANDS)));
    const parts: string[] = [];
    for (const [name, { load }] of Object.entries(COMMANDS)) {
      const { command } = await load();
      expect(command.name).toBe(name);
      expect(command.examples.length, `${name} has an example`).toBeGreaterThan(0);
      for (const { call } of command.examples) expect(call).toMatch(new RegExp(`^forklab ${name}\\b`));
      parts.push(`### forklab ${name}\n\n${fenced(helpOf(command))}`);
    }
    expectPart('cli.md', 'calls', parts.join('\n\n'));
  });

  test('--help prints what is documented, for every call, with status 0', async () => {
    for (const [name, { load }] of Object.entries(COMMANDS)) {
      const { status, out } = await forklab([name, '--help'], scratch());
      expect([status, out]).toEqual([0, helpOf((await load()).command)]);
    }
  });
});

describe('the document', () => {
  test('fits the schema, with and without findings, and says what the contract asks for', async () => {
    const { comparison } = compared(await planOf());
    expect(comparisonSchema.parse(JSON.parse(JSON.stringify(comparison)))).toEqual(comparison);
    const [input] = comparison.inputs;
    expect(Object.keys(comparison)).toEqual(
      expect.arrayContaining(['forklab', 'version', 'inputs', 'config', 'seed', 'versions']),
    );
    expect(Object.keys(input!)).toEqual(expect.arrayContaining(['name', 'strategies', 'verdict', 'breakEven']));
    expect(Object.keys(input!.strategies[0]!)).toEqual(
      expect.arrayContaining(['name', 'options', 'rows', 'violations', 'unmodelled']),
    );
    const promised =
      'forkNs forkNsMax faultNsMax totalNs pageTablesKbMax pageTablesKbAfterFork framesKbMax tablesCopied tablesShared ' +
      'tablesBroken tablesAdopted ptesCopied pagesCopied minorFaults tlbFlushes unchargedTablesMax violations';
    expect(ROW_KEYS).toEqual(expect.arrayContaining(promised.split(' ')));
  });

  test('a field more, or one less, does not fit: the schema can fail', async () => {
    const { comparison } = compared(await planOf());
    expect(comparisonSchema.safeParse({ ...comparison, more: 1 }).success).toBe(false);
    const { seed: _seed, ...less } = comparison;
    expect(comparisonSchema.safeParse(less).success).toBe(false);
  });
});
