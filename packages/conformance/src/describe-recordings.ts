/** For a strategy's own test file: what real processes observed must not depend on the strategy. */
import { runTrace, type StepResult, type StrategyPlugin } from '@forklab/core';
import { describe, expect, it } from 'vitest';
import { kernelFixtures } from './kernel-fixtures.js';
import { recordedAreas, recordingOf } from './recordings.js';

/** What a process can tell: outcomes and contents. Faults, charges and tables are the strategy's own business. */
const observed = (steps: readonly StepResult[]) =>
  steps.map(({ i, op, result, digest }) => (digest === undefined ? { i, op, result } : { i, op, result, digest }));

/** Recounting everything after each step takes far longer than the step: of the random traces, some are enough. */
const CHECKED_EVERY = 6;

/**
 * Holds a strategy to every recording of a real kernel: the same results, signals and digests, and no invariant
 * violated on the way.
 */
export const describeRecordings = (plugins: readonly StrategyPlugin[]): void => {
  describe(`${plugins.map(({ name }) => name).join('+')} shows processes what Linux 6.18 showed them`, () => {
    const fixtures = kernelFixtures('linux-6.18');
    it.each(fixtures.map((fixture) => [fixture.name, fixture] as const))('%s', (_name, { trace, steps }) => {
      const result = runTrace(trace, { strategies: plugins, check: true });
      expect(result.violations).toEqual([]);
      expect(observed(result.steps)).toEqual(observed(steps));
    });
  });

  describe.each(recordedAreas())(`${plugins.map(({ name }) => name).join('+')} in recordings of %s`, (area) => {
    it('shows processes what Linux showed them', () => {
      for (const [k, { name, trace, steps }] of recordingOf(area).traces.entries()) {
        const result = runTrace(trace, { strategies: plugins, check: k % CHECKED_EVERY === 0, maxViolations: 1 });
        expect(result.violations, name).toEqual([]);
        expect(observed(result.steps), name).toEqual(observed(steps));
      }
    });
  });
};
