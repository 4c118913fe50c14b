/** Runs operations on a machine and prices what parts of them did. */
import { createRunner, type Op, type Runner, type StrategyPlugin, WORKS } from '@forklab/core';
import { epyc7302p, type PriceList, priceWork } from '@forklab/timing';
import type { Row } from './experiment.js';

/** A price with its range, in nanoseconds. */
export interface Span {
  readonly ns: number;
  readonly low: number;
  readonly high: number;
}

/** One run: what each operation did, and the machine at its end. */
export interface Ran {
  readonly runner: Runner;
  /** Work of the operations that are picked. */
  work(pick: (op: Op, i: number) => boolean): Float64Array;
}

export type Run = (ops: readonly Op[], strategies: readonly StrategyPlugin[]) => Ran;

export const run: Run = (ops, strategies) => {
  const header = { forklab: 'trace', version: 1, name: 'reproduce' } as const;
  const runner = createRunner({ header, ops }, { strategies });
  const { counters } = runner.machine;
  const did: Float64Array[] = [];
  for (let before = counters.totals(); runner.next(); before = counters.totals()) {
    const now = counters.totals();
    did.push(now.map((n, w) => n - before[w]!));
  }
  return {
    runner,
    work(pick) {
      const sum = new Float64Array(WORKS.length);
      for (const [i, op] of ops.entries()) {
        if (!pick(op, i)) continue;
        for (let w = 0; w < sum.length; w++) sum[w] = sum[w]! + did[i]![w]!;
      }
      return sum;
    },
  };
};

/** Price of this work on the machine of the paper, unless said otherwise, with what a program computes beside it. */
export const priced = (work: Float64Array, userNs = 0, list: PriceList = epyc7302p): Span => {
  const { ns, low, high } = priceWork(work, list);
  return { ns: ns + userNs, low: low + userNs, high: high + userNs };
};

const MS = 1e6;

/** A time in milliseconds. */
export const timed = (what: string, publishedMs: number, span: Span, why?: string): Row => ({
  what,
  unit: 'ms',
  expect: 'time',
  published: publishedMs,
  ours: span.ns / MS,
  low: span.low / MS,
  high: span.high / MS,
  ...(why === undefined ? {} : { why }),
});

/** New over old. Both come from one list, so their prices move together; the range is that of all prices at once. */
export const ratio = (
  what: string,
  published: number,
  fresh: Span,
  old: Span,
  more: { readonly expect?: 'ratio' | 'direction'; readonly why?: string } = {},
): Row => ({
  what,
  unit: '',
  expect: 'ratio',
  published,
  ours: fresh.ns / old.ns,
  low: fresh.low / old.high,
  high: fresh.high / old.low,
  ...more,
});
