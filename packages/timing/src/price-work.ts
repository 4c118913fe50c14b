/** Counts times prices. The only arithmetic that turns facts into an opinion. */

import type { Work } from '@forklab/core';
import { WORKS } from '@forklab/core';
import type { PriceKind, PriceList, WorkCounts } from './price-list.js';
import { countOf, PRICE_KINDS } from './price-list.js';

export interface PricedWork {
  /** Nanoseconds: the sum of `byWork`. */
  readonly ns: number;
  /** The same with every price at its low end, and at its high end. */
  readonly low: number;
  readonly high: number;
  /** Nanoseconds by kind of work; every kind is there. */
  readonly byWork: Readonly<Record<Work, number>>;
  /** Nanoseconds by how the price was come by, so that a report can say how much of a total is derived. */
  readonly byKind: Readonly<Record<PriceKind, number>>;
}

/** What this work costs. Sums run in the order of `WORKS`, so equal counts give equal results to the last bit. */
export const priceWork = (counts: WorkCounts, list: PriceList): PricedWork => {
  const byWork: Partial<Record<Work, number>> = {};
  const byKind = Object.fromEntries(PRICE_KINDS.map((kind) => [kind, 0])) as Record<PriceKind, number>;
  let ns = 0;
  let low = 0;
  let high = 0;
  for (const [row, work] of WORKS.entries()) {
    const price = list.prices[work];
    const count = countOf(counts, work, row);
    const paid = count * price.ns;
    byWork[work] = paid;
    byKind[price.kind] += paid;
    ns += paid;
    low += count * price.low;
    high += count * price.high;
  }
  return { ns, low, high, byWork: byWork as Record<Work, number>, byKind };
};

/** The total alone, for callers that ask often. Equal to `priceWork(...).ns` to the last bit. */
export const nsOf = (counts: WorkCounts, list: PriceList): number => {
  let ns = 0;
  for (const [row, work] of WORKS.entries()) ns += countOf(counts, work, row) * list.prices[work].ns;
  return ns;
};
