/** What a price is, what a list of them is, and how to change one. Data only: nothing here measures anything. */

import type { Work } from '@forklab/core';
import { WORKS } from '@forklab/core';

/** How a price was come by, and so how far to trust it. */
export const PRICE_KIND_DOCS = {
  measured: 'timed on the named host, alone or as the difference of two timings',
  published: 'taken from a paper or a posting, on another host',
  derived: 'put together from measured parts, because the thing itself cannot be timed on that host',
  assumed: 'nobody has measured it; the range says how little is known',
  none: 'nothing to pay here: another price contains it, or the model leaves it out, and the source says which',
} as const;

export type PriceKind = keyof typeof PRICE_KIND_DOCS;
export const PRICE_KINDS = Object.keys(PRICE_KIND_DOCS) as readonly PriceKind[];

/** What one unit of one kind of work costs. */
export interface Price {
  /** Nanoseconds a unit, at least 0. */
  readonly ns: number;
  /** The least and the most that can be defended: low <= ns <= high. */
  readonly low: number;
  readonly high: number;
  /** What the nanoseconds are per, e.g. 'ns per entry'. */
  readonly unit: string;
  /** Where the number comes from: the difference of timings, or the paper. */
  readonly source: string;
  readonly kind: PriceKind;
}

/** A price for every kind of work. */
export interface PriceList {
  /** Key in a configuration. Lower case letters, digits, '-' and '.'. */
  readonly name: string;
  readonly about: string;
  /** The machine and kernel that the prices are of. */
  readonly host: string;
  readonly prices: Readonly<Record<Work, Price>>;
}

/** Counts by kind of work: as `Counters.totals()` gives them (in the order of `WORKS`), or by name, absent ones 0. */
export type WorkCounts = Float64Array | Readonly<Partial<Record<Work, number>>>;

/** How often `work`, which is row `row` of `WORKS`, was done. */
export const countOf = (counts: WorkCounts, work: Work, row: number): number =>
  (counts instanceof Float64Array ? counts[row] : counts[work]) ?? 0;

const isPrice = (value: unknown): value is Price => typeof value === 'object' && value !== null;

const problemOf = (price: Price): string | null => {
  const { ns, low, high, unit, source, kind } = price;
  for (const [field, value] of Object.entries({ ns, low, high })) {
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
      return `${field} is ${value}, expected a finite number of nanoseconds, 0 or more`;
    }
  }
  if (low > ns || ns > high) return `ns is ${ns}, expected it between low (${low}) and high (${high})`;
  if (!PRICE_KINDS.includes(kind)) return `kind is ${kind}, expected one of ${PRICE_KINDS.join(', ')}`;
  if (kind === 'none' && high > 0) return `kind is none, expected low, ns and high to be 0, high is ${high}`;
  for (const [field, value] of Object.entries({ unit, source })) {
    if (typeof value !== 'string' || value.trim() === '') return `${field} is empty, expected a text`;
  }
  return null;
};

/**
 * What is wrong with a list that somebody wrote by hand, one sentence a price, in the order of `WORKS`; an empty array
 * when nothing is. The caller knows which file it came from, so it, not this, raises the error.
 */
export const priceProblems = (list: PriceList): readonly string[] => {
  const problems: string[] = [];
  const prices: Readonly<Record<string, unknown>> = list.prices;
  for (const work of WORKS) {
    const price = Object.hasOwn(prices, work) ? prices[work] : undefined;
    const problem = isPrice(price) ? problemOf(price) : 'it is missing';
    if (problem !== null) problems.push(`prices.${work}: ${problem}`);
  }
  for (const name of Object.keys(prices)) {
    if (!(WORKS as readonly string[]).includes(name)) problems.push(`prices.${name}: no such kind of work is counted`);
  }
  return problems;
};

/**
 * The list with prices multiplied by `factor` (0 or more), range included: all of them, or those named in `which`.
 * The name says so, so that a report of a shaken list cannot pass for one of the list itself.
 */
export const scale = (list: PriceList, factor: number, which: readonly Work[] = WORKS): PriceList => {
  if (!Number.isFinite(factor) || factor < 0) throw new RangeError(`scale: factor is ${factor}, expected 0 or more`);
  const chosen = new Set(which);
  const entries = WORKS.map((work): [Work, Price] => {
    const price = list.prices[work];
    if (!chosen.has(work)) return [work, price];
    return [work, { ...price, ns: price.ns * factor, low: price.low * factor, high: price.high * factor }];
  });
  const what = which === WORKS ? '' : ` ${[...chosen].join(' ')}`;
  return {
    ...list,
    name: `${list.name}${what} x ${factor}`,
    prices: Object.fromEntries(entries) as Record<Work, Price>,
  };
};
