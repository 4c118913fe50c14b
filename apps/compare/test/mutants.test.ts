/** Every seeded bug is killed by the check that docs/reference/mutants.md names, and lives without it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { numbersOf } from '@forklab/conformance';
import { describe, expect, test } from 'vitest';
import { hunt, type Mutant } from './mutants/mutant.js';
import { OPERATION_MUTANTS } from './mutants/operations.js';
import { STRATEGY_MUTANTS } from './mutants/strategies.js';
import { VERB_MUTANTS } from './mutants/verbs.js';
import { REFERENCE } from './support/generated.js';

const PAGE = join(REFERENCE, 'mutants.md');
const ALL: readonly Mutant[] = [...STRATEGY_MUTANTS, ...VERB_MUTANTS, ...OPERATION_MUTANTS];
/** Traces after which a bug counts as one that lives. */
const PATIENCE = 300;

interface Row {
  readonly by: string;
  /** Without the check that names it first, nothing else does. */
  readonly alone: boolean;
}

/** Of processor time, for one mutant. */
const SECONDS_MAX = 5;

const rowOf = async (mutant: Mutant): Promise<Row> => {
  const { by, seconds } = await hunt(mutant);
  // Judged when the page is written, on a machine that does nothing else: a loaded one would fail a test now and then.
  if (seconds >= SECONDS_MAX) throw new Error(`the mutant "${mutant.name}" lived for ${seconds} s`);
  if (by === null) throw new Error(`the mutant "${mutant.name}" lives`);
  return { by, alone: (await hunt(mutant, [by], PATIENCE)).by === null };
};

const HEAD = `# Mutants

Bugs seeded into the sources of the default strategies and of core, one at a time, and the check that names each, within five
seconds of processor time. *Alone*: with that check switched off the bug lives, so that nothing else would have found it; the others are
named by a second check then. A test plants all of them again; \`FORKLAB_WRITE_DOCS=1 npx vitest run apps/compare/test/mutants.test.ts\`
writes this page.

| mutant | source | under | killed by | alone |
| --- | --- | --- | --- | --- |
`;

const nameOf = ({ under }: Mutant): string => under.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const lineOf = (mutant: Mutant, { by, alone }: Row): string => {
  const killer = `\`${by}\` (${numbersOf(by).join(', ')})`;
  return `| ${mutant.name} | \`${mutant.mutation.file}\` | ${nameOf(mutant)} | ${killer} | ${alone ? 'yes' : ''} |`;
};

test.runIf(process.env.FORKLAB_WRITE_DOCS)(
  'writes mutants.md',
  async () => {
    const lines: string[] = [];
    for (const mutant of ALL) lines.push(lineOf(mutant, await rowOf(mutant)));
    writeFileSync(PAGE, `${HEAD}${lines.join('\n')}\n`);
  },
  1_200_000,
);

const listed: ReadonlyMap<string, Row> = new Map(
  readFileSync(PAGE, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| ') && line.includes('`'))
    .map((line) => {
      const [, name, , , by, alone] = line.split(' | ').join('|').split('|');
      return [name!.trim(), { by: /`([a-z-]+)`/.exec(by!)![1]!, alone: alone!.trim() === 'yes' }] as const;
    }),
);

describe('seeded bugs', () => {
  test('are more than thirty, and the page lists each', () => {
    expect(ALL.length).toBeGreaterThan(30);
    expect([...listed.keys()].sort()).toEqual(ALL.map(({ name }) => name).sort());
    expect([...listed.values()].filter(({ alone }) => alone).length).toBeGreaterThan(10);
  });

  test.each(ALL.map((mutant) => [mutant.name, mutant] as const))('%s', async (name, mutant) => {
    const { by } = await hunt(mutant);
    expect(by).toBe(listed.get(name)?.by);
    if (listed.get(name)?.alone) expect((await hunt(mutant, [by!], PATIENCE)).by).toBeNull();
  });
});
