/** Documents that are made from the source, in part or whole. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { APP } from './cli.js';

export const REFERENCE = join(APP, '../../docs/reference');

/** With this in the environment, tests write what they would otherwise hold against the source. */
const WRITE = process.env.FORKLAB_WRITE_DOCS;
const MEND = 'run FORKLAB_WRITE_DOCS=1 npx vitest run apps/compare/test/docs.test.ts && npm run fix';

/** Holds a JSON document against what the source says; how it is formatted is the formatter's affair. */
export const expectJson = (name: string, wanted: object): void => {
  const path = join(REFERENCE, name);
  if (WRITE) writeFileSync(path, `${JSON.stringify(wanted, null, 2)}\n`);
  else expect(JSON.parse(readFileSync(path, 'utf8')), `${name} is behind the source: ${MEND}`).toEqual(wanted);
};

/** Holds the part between `<!-- generated: PART -->` and `<!-- end -->` against what the source says. */
export const expectPart = (name: string, part: string, wanted: string): void => {
  const path = join(REFERENCE, name);
  const text = readFileSync(path, 'utf8');
  const head = `<!-- generated: ${part} -->\n`;
  const from = text.indexOf(head) + head.length;
  const to = text.indexOf('<!-- end -->', from);
  expect(text.includes(head) && to > 0, `${name} has no part "${part}"`).toBe(true);
  if (WRITE) writeFileSync(path, `${text.slice(0, from)}\n${wanted}\n\n${text.slice(to)}`);
  else expect(text.slice(from, to).trim(), `${name} is behind the source: ${MEND}`).toBe(wanted);
};
