/** The contract of a strategy as one call in its vitest file. */
import {
  ForklabError,
  type Geometry,
  machineName,
  runTrace,
  type StrategyPlugin,
  TINY,
  TOUCH_SITES,
  X86_64,
} from '@forklab/core';
import { describe, expect, it } from 'vitest';
import { type CheckReport, checkStrategy, findIn } from './check-strategy.js';
import { COW_CASES } from './cow-cases/index.js';
import { type Finding, formatFinding } from './finding.js';
import { lifeOfATable } from './life-of-a-table.js';
import { randomTrace } from './random-trace.js';
import { REGRESSIONS, type Regression } from './regressions/index.js';
import { missing, neverOf, sometimesOf } from './sometimes.js';
import { starve } from './starve.js';

/** What a strategy's author may add or change. */
export interface DescribeOptions {
  /** Random traces on TINY; a tenth as many on X86_64. Default: the variable FORKLAB_RUNS, or 1000. */
  readonly runs?: number;
  /** Seed of the first random trace. Default: the variable FORKLAB_SEED, or 1. */
  readonly seed?: number;
  /** Further fixed traces, checked like those of the kit. */
  readonly regressions?: readonly Regression[];
  /** Further events that random traces must have met, such as `tablesBroken: gup`. */
  readonly sometimes?: readonly string[];
}

/** As many take about two seconds for a strategy. */
const RUNS_DEFAULT = 1000;
const X86_64_SHARE = 10;
const SEED_MAX = 2 ** 32 - 1;

const fromEnvironment = (name: string, otherwise: number): number => {
  const text = process.env[name];
  if (text === undefined || text === '') return otherwise;
  if (/^\d{1,10}$/.test(text) && Number(text) <= SEED_MAX) return Number(text);
  throw new ForklabError('FL1003', { option: name, arrived: text, expected: `a whole number from 0 to ${SEED_MAX}` });
};

/** Fails with the finding as text: seed, trace, and how to run it again. */
const expectNone = (findings: readonly (Finding | null)[]): void => {
  const found = findings.filter((finding) => finding !== null);
  if (found.length > 0) expect.fail(found.map(formatFinding).join('\n\n'));
};

const describeTraits = (plugin: StrategyPlugin): void => {
  it(`${plugin.name} describes itself`, () => {
    const { api, name, models, traits } = plugin;
    expect(api).toBe(1);
    expect(name).toMatch(/^[a-z][a-z0-9-]*$/);
    expect(models.title).not.toBe('');
    expect(models.where).not.toBe('');
    for (const site of traits.unmodelled) expect(Object.keys(TOUCH_SITES)).toContain(site);
    // Who pays is a question only where a table has several holders, or none that is a process.
    expect(traits.charges === 'host').toBe(traits.hosts.length > 0);
  });
};

const describeRegressions = (plugins: readonly StrategyPlugin[], regressions: readonly Regression[]): void => {
  for (const geometry of [TINY, X86_64]) {
    it.each(regressions.map((regression) => [regression.name, regression] as const))(
      `%s (${geometry.name})`,
      (_name, regression) => expectNone([findIn(regression.trace(geometry), plugins, { geometry })]),
    );
  }
};

/** The cases of the kernel's selftest: what each one demands, and besides all that fixed traces must hold. */
const describeCowCases = (plugins: readonly StrategyPlugin[]): void => {
  for (const geometry of [TINY, X86_64]) {
    it.each(COW_CASES.map((it) => [it.name, it] as const))(`%s (${geometry.name})`, (_name, { trace, demands }) => {
      const { steps } = runTrace(trace(geometry), { strategies: plugins, geometry });
      const demanded = demands(geometry);
      expect(steps.flatMap(({ i, digest }) => (demanded.some((it) => it.i === i) ? [{ i, digest }] : []))).toEqual(
        demanded,
      );
      expect(steps.filter(({ result }) => result !== 0)).toEqual([]);
      expectNone([findIn(trace(geometry), plugins, { geometry })]);
    });
  }
};

const describeExploration = (plugins: readonly StrategyPlugin[], options: Required<DescribeOptions>): void => {
  const { runs, seed } = options;
  const explored = new Map<Geometry, CheckReport>();
  const explore = (geometry: Geometry): CheckReport => {
    const count = geometry === TINY ? runs : Math.ceil(runs / X86_64_SHARE);
    const report = explored.get(geometry) ?? checkStrategy(plugins, { geometry, runs: count, seed });
    explored.set(geometry, report);
    return report;
  };
  for (const geometry of [TINY, X86_64]) {
    it(`agrees with the oracle on random traces from seed ${seed} (${geometry.name})`, () => {
      expectNone(explore(geometry).findings);
    });
  }
  // A few runs cannot meet everything, and whoever asks for few knows that.
  it.skipIf(runs < RUNS_DEFAULT)('has met every branch at least once on the way', () => {
    const { events } = explore(TINY);
    expect(missing([...sometimesOf(plugins), ...options.sometimes], events)).toEqual([]);
    for (const work of neverOf(plugins)) expect([work, events[work]]).toEqual([work, 0]);
  });
  it(`runs out of memory in good order on random traces from seed ${seed}`, () => {
    const report = checkStrategy(plugins, { geometry: TINY, runs: Math.ceil(runs / 2), seed, starved: true });
    expectNone(report.findings);
    if (runs >= RUNS_DEFAULT) expect(report.events.ooms).toBeGreaterThan(0);
  });
};

/**
 * Describes the whole contract for vitest: traits, the fixed traces, random traces against the flat oracle, whether the
 * sharing that the traits promise takes place, and what happens when memory runs out. Call it in a test file; an array
 * is a composition, as in a configuration.
 *
 * @throws ForklabError FL1003 when FORKLAB_RUNS or FORKLAB_SEED is not a number.
 */
export const describeStrategy = (
  strategies: StrategyPlugin | readonly StrategyPlugin[],
  extra: DescribeOptions = {},
): void => {
  const plugins: readonly StrategyPlugin[] = 'setup' in strategies ? [strategies] : strategies;
  const options: Required<DescribeOptions> = {
    runs: fromEnvironment('FORKLAB_RUNS', RUNS_DEFAULT),
    seed: fromEnvironment('FORKLAB_SEED', 1),
    regressions: [],
    sometimes: [],
    ...extra,
  };
  const regressions = [...REGRESSIONS, ...options.regressions];
  describe(`the contract of ${machineName(plugins)}`, () => {
    for (const plugin of plugins) describeTraits(plugin);

    it('answers the same each time it is set up', () => {
      const trace = randomTrace(options.seed);
      const answer = () => runTrace(trace, { strategies: plugins });
      expect(answer()).toEqual(answer());
    });

    it('shares, breaks, takes over and frees tables as its traits promise', () => {
      for (const { phase, work, count } of lifeOfATable(plugins)) {
        expect(count, `${work} in the phase "${phase}"`).toBeGreaterThan(0);
      }
    });

    describe('fixed traces', () => describeRegressions(plugins, regressions));

    describe('cases of copy-on-write', () => describeCowCases(plugins));

    it('survives each allocation of the fixed traces failing in turn', () => {
      const reports = regressions.map(({ trace }) => starve(trace(TINY), plugins, { geometry: TINY }));
      expectNone(reports.map(({ finding }) => finding));
      expect(reports.every(({ runs }) => runs > 1)).toBe(true);
    });

    describe('random traces', () => describeExploration(plugins, options));
  });
};
