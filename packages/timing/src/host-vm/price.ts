/** Short hands for the lists beside this file: a price reads as one line of numbers and its source. */

import type { Price, PriceKind } from '../price-list.js';

type Range = readonly [low: number, high: number];

const priced =
  (kind: PriceKind) =>
  (ns: number, [low, high]: Range, per: string, source: string): Price => ({
    ns,
    low,
    high,
    unit: `ns per ${per}`,
    source,
    kind,
  });

export const measured = priced('measured');
export const derived = priced('derived');

/** Paid elsewhere, or not modelled: `source` says which. */
export const unpaid = (per: string, source: string): Price => ({
  ns: 0,
  low: 0,
  high: 0,
  unit: `ns per ${per}`,
  source,
  kind: 'none',
});
