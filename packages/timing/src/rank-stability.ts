/** Does the order of strategies hang on a price? A ranking that one price can turn is reported as such. */

import type { Work } from '@forklab/core';
import { WORKS } from '@forklab/core';
import type { PriceList, WorkCounts } from './price-list.js';
import { countOf } from './price-list.js';
import { nsOf } from './price-work.js';

export interface RankRow {
  readonly name: string;
  readonly work: WorkCounts;
}

export interface Ranked {
  readonly name: string;
  readonly ns: number;
}

/** One price that, moved alone, turns two rows round. */
export interface Flip {
  readonly price: Work;
  readonly direction: 'up' | 'down';
  /** As ranked: the first was cheaper. */
  readonly pair: readonly [string, string];
  /** The price, in nanoseconds, at which the two cost the same. */
  readonly tieNs: number;
}

/** A pair that some choice of all prices at once, each within its own range, turns round. */
export interface RangeFlip {
  readonly pair: readonly [string, string];
  /** By how many nanoseconds the second is then cheaper, at most. */
  readonly byNs: number;
}

export interface RankStability {
  /** Cheapest first; rows that cost the same stay in the order given. */
  readonly ranking: readonly Ranked[];
  /** By pair in order of rank, then in the order of `WORKS`. */
  readonly flips: readonly Flip[];
  readonly rangeFlips: readonly RangeFlip[];
  /** No single price, moved by the spread, changes the order of any two rows. */
  readonly survives: boolean;
  /** Nor do all prices together, within their ranges. Much the harder test. */
  readonly survivesRanges: boolean;
}

const flipsOf = (pair: readonly [string, string], gap: number, diff: Float64Array, list: PriceList, spread: number) => {
  const flips: Flip[] = [];
  for (const [row, price] of WORKS.entries()) {
    const { ns } = list.prices[price];
    const more = diff[row]!;
    if (ns === 0 || more === 0) continue;
    // The gap is negative: only a dearer price of what the first does more of, or the reverse, can close it.
    const direction = more > 0 ? 'up' : 'down';
    const move = more > 0 ? spread : Math.max(-spread, -1);
    if (gap + move * ns * more > 0) flips.push({ price, direction, pair, tieNs: ns - gap / more });
  }
  return flips;
};

/**
 * Ranks rows by what they cost, then asks what would change that order: each price alone moved by `spread` (a share, 0
 * or more) up and down, and all prices at once within their ranges. Both answers are exact, since a total is a sum:
 * a pair turns if its dearest difference is above 0. Rows that tie have no order to lose.
 */
export const rankStability = (rows: readonly RankRow[], list: PriceList, spread = 0.5): RankStability => {
  if (!Number.isFinite(spread) || spread < 0)
    throw new RangeError(`rankStability: spread is ${spread}, expected 0 or more`);
  const ranked = rows
    .map(({ name, work }, at) => ({
      name,
      at,
      ns: nsOf(work, list),
      counts: WORKS.map((w, row) => countOf(work, w, row)),
    }))
    .sort((a, b) => a.ns - b.ns || a.at - b.at);
  const flips: Flip[] = [];
  const rangeFlips: RangeFlip[] = [];
  const diff = new Float64Array(WORKS.length);
  for (const [i, a] of ranked.entries()) {
    for (const b of ranked.slice(i + 1)) {
      if (a.ns === b.ns) continue;
      const pair = [a.name, b.name] as const;
      let byNs = 0;
      for (const [row, work] of WORKS.entries()) {
        const more = a.counts[row]! - b.counts[row]!;
        diff[row] = more;
        byNs += more * (more > 0 ? list.prices[work].high : list.prices[work].low);
      }
      flips.push(...flipsOf(pair, a.ns - b.ns, diff, list, spread));
      if (byNs > 0) rangeFlips.push({ pair, byNs });
    }
  }
  return {
    ranking: ranked.map(({ name, ns }) => ({ name, ns })),
    flips,
    rangeFlips,
    survives: flips.length === 0,
    survivesRanges: rangeFlips.length === 0,
  };
};
