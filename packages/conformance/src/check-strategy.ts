/** Random exploration: traces drawn from a seed, each checked against the oracle and the invariants. */
import { type StrategyPlugin, shrinkTrace, type Trace } from '@forklab/core';
import type { Breakage } from './breakage.js';
import { type CheckTraceOptions, checkTrace } from './check-trace.js';
import type { RandomTraceOptions } from './commands/index.js';
import { type Finding, findingOf } from './finding.js';
import { randomTrace } from './random-trace.js';

export interface CheckStrategyOptions extends RandomTraceOptions, CheckTraceOptions {
  /** Random traces to run. Default 100. */
  readonly runs?: number;
  /** Seed of the first run, 0 to 2^32-1; the n-th run after it has this seed plus n. Default 1. */
  readonly seed?: number;
  /** Stop after so many findings, each of another invariant. Default 1. */
  readonly findingsMax?: number;
  /** Called after each run, for progress. */
  readonly onRun?: (run: number) => void;
}

export interface CheckReport {
  readonly findings: readonly Finding[];
  /** Runs made. */
  readonly runs: number;
  /** Work done in all runs together, by name: a branch whose counter is 0 has not been tested. */
  readonly events: Readonly<Record<string, number>>;
}

const RUNS_DEFAULT = 100;

/** Shrinks a trace that breaks something; what is left breaks the same invariant. */
const minimize = (
  trace: Trace,
  found: Breakage,
  strategies: readonly StrategyPlugin[],
  options: CheckTraceOptions,
): { readonly trace: Trace; readonly found: Breakage } => {
  const breaks = (tried: Trace): Breakage | null => {
    const { breakage } = checkTrace(tried, strategies, options);
    return breakage?.invariant === found.invariant ? breakage : null;
  };
  const cut = { header: trace.header, ops: trace.ops.slice(0, found.step) };
  const small = shrinkTrace(breaks(cut) ? cut : trace, (tried) => breaks(tried) !== null);
  return { trace: small, found: breaks(small) ?? found };
};

/** Checks one trace and, when it breaks something, shrinks it to a finding. */
export const findIn = (
  trace: Trace,
  strategies: readonly StrategyPlugin[],
  options: CheckTraceOptions & { readonly seed?: number } = {},
): Finding | null => {
  const { breakage } = checkTrace(trace, strategies, options);
  if (breakage === null) return null;
  const small = minimize(trace, breakage, strategies, options);
  return findingOf(small.found, small.trace, { strategies, options, seed: options.seed ?? null });
};

/**
 * Runs random traces under a strategy, or a composition of several, and reports what does not hold. Deterministic: the
 * same options give the same report.
 */
export const checkStrategy = (
  strategies: StrategyPlugin | readonly StrategyPlugin[],
  options: CheckStrategyOptions = {},
): CheckReport => {
  const plugins: readonly StrategyPlugin[] = 'setup' in strategies ? [strategies] : strategies;
  const { runs = RUNS_DEFAULT, seed: first = 1, findingsMax = 1, onRun, commands, starved, ...machine } = options;
  const random = { ...machine, ...(commands && { commands }), ...(starved && { starved }) };
  const events: Record<string, number> = {};
  const findings = new Map<string, Finding>();
  let run = 0;
  while (run < runs && findings.size < findingsMax) {
    const seed = (first + run++) >>> 0;
    const trace = randomTrace(seed, random);
    const checked = checkTrace(trace, plugins, machine);
    for (const [work, count] of Object.entries(checked.events)) events[work] = (events[work] ?? 0) + count;
    const broken = checked.breakage?.invariant;
    if (broken !== undefined && !findings.has(broken)) {
      const finding = findIn(trace, plugins, { ...machine, seed });
      if (finding) findings.set(broken, finding);
    }
    onRun?.(run);
  }
  return { findings: [...findings.values()], runs: run, events };
};
