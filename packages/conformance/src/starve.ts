/** Fault injection: the same trace with ever more memory, so that each allocation in turn is the first to fail. */
import { PAGE_SIZE, type StrategyPlugin, type Trace } from '@forklab/core';
import { findIn } from './check-strategy.js';
import { type CheckTraceOptions, checkTrace } from './check-trace.js';
import type { Finding } from './finding.js';

export interface StarveReport {
  /** The first thing that broke, shrunk; null when nothing did. */
  readonly finding: Finding | null;
  /** Runs made: one for every amount of memory that is too little, and one that is enough. */
  readonly runs: number;
}

/** Traces that want more memory than this are too large to be tried page by page. */
const PAGES_MAX = 4096;

/** Runs a trace with 1, 2, 3, … pages of memory, until nothing fails for want of it. */
export const starve = (
  trace: Trace,
  strategies: readonly StrategyPlugin[],
  options: CheckTraceOptions = {},
): StarveReport => {
  for (let pages = 1; pages <= PAGES_MAX; pages++) {
    const bounded: Trace = { header: { ...trace.header, memory: pages * PAGE_SIZE }, ops: trace.ops };
    const { breakage, events } = checkTrace(bounded, strategies, options);
    if (breakage) return { finding: findIn(bounded, strategies, options), runs: pages };
    if (events.ooms === 0) return { finding: null, runs: pages };
  }
  return { finding: null, runs: PAGES_MAX };
};
