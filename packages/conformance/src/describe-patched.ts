/** For a strategy's own test file: a variant answers as the kernel that really ran it did, its failures included. */
import type { StrategyPlugin } from '@forklab/core';
import { describe, expect, it } from 'vitest';
import { comparePatched, type PatchedAnswer } from './compare-patched.js';
import { type PatchedKernel, patchedFixtures } from './kernel-fixtures.js';

const standing = (answer: PatchedAnswer, reason: string | undefined): string => {
  if (reason !== undefined) return `not modelled: ${reason}`;
  return answer.equal === 'to the end'
    ? 'equal'
    : answer.lostAt === null
      ? 'equal until it was lost'
      : `equal until step ${answer.lostAt}`;
};

const table = (
  rows: readonly (readonly [string, PatchedAnswer])[],
  reasons: Readonly<Record<string, string>>,
): string => {
  const count = (equal: PatchedAnswer['equal']) =>
    rows.filter(([name, a]) => a.equal === equal && !(name in reasons)).length;
  const lines = rows.map(([name, answer]) => {
    const { noticed, trouble } = answer;
    const found = noticed === null ? '' : `\`${noticed.invariant}\`, step ${noticed.step}`;
    const wrong =
      trouble.length === 0
        ? ''
        : trouble[0]!.replaceAll('|', '/') + (trouble.length > 1 ? `, and ${trouble.length - 1} more` : '');
    return `| ${name} | ${standing(answer, reasons[name])} | ${wrong} | ${found} |`;
  });
  const sum = [
    `${count('to the end')} of ${rows.length} traces equal`,
    `${count('until lost')} equal until that kernel was lost`,
    `${Object.keys(reasons).length} not modelled.`,
  ].join(', ');
  return [
    sum,
    '',
    '| trace | answer | wrong on that kernel | first violation |',
    '|---|---|---|---|',
    ...lines,
    '',
  ].join('\n');
};

/**
 * Holds a variant to every recording of its kernel. `reasons`: traces whose answer is not modelled, each with why;
 * one that is listed and equal fails, too. `file`: where the table of all traces is kept, updated with `vitest -u`.
 */
export const describePatched = (
  plugin: StrategyPlugin,
  kernel: PatchedKernel,
  file: string,
  reasons: Readonly<Record<string, string>> = {},
): void => {
  describe(`${plugin.name} ${JSON.stringify(plugin.options)} answers as ${kernel} did`, () => {
    const rows: [string, PatchedAnswer][] = [];
    const fixtures = patchedFixtures(kernel);
    it.each(fixtures.map((fixture) => [fixture.name, fixture] as const))('%s', (name, fixture) => {
      const answer = comparePatched(plugin, kernel, fixture);
      rows.push([name, answer]);
      if (name in reasons) expect(answer.differences, 'it is listed as not modelled').not.toEqual([]);
      else expect(answer.differences).toEqual([]);
      expect(answer.unnoticed).toEqual([]);
    });

    it('names every trace, and at least 95 of 100 are equal', async () => {
      const equal = rows.filter(([, { equal }]) => equal !== 'no').length;
      expect(equal / fixtures.length).toBeGreaterThanOrEqual(0.95);
      await expect(table(rows, reasons)).toMatchFileSnapshot(file);
    });
  });
};
