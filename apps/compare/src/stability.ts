/** Does the order of the strategies hang on a price? Asked of the forks, and of the whole trace. */
import { type PriceList, type RankRow, type RankStability, rankStability } from '@forklab/timing';
import type { Stability } from './document.js';
import { formatNs } from './format.js';
import type { ForkSeen, Measured } from './measure.js';

/** How far each price is moved, as a share of itself. */
export const SPREAD = 0.5;

export interface Measurement {
  readonly label: string;
  readonly measured: Measured;
}

const allForks = (forks: readonly ForkSeen[], length: number): Float64Array => {
  const sum = new Float64Array(length);
  for (const { work } of forks) for (let i = 0; i < length; i++) sum[i] = sum[i]! + work[i]!;
  return sum;
};

const flipsOf = (row: string, found: RankStability): Stability['flips'] =>
  found.flips.map(({ price, direction, pair, tieNs }) => ({
    row,
    price,
    direction: `${direction === 'up' ? '+' : '-'}50 % (tie at ${formatNs(tieNs)})`,
    pair: [pair[0], pair[1]],
  }));

/** Each row's order under every single price moved by half, and under all prices within their ranges. */
export const stabilityOf = (measurements: readonly Measurement[], prices: PriceList): Stability => {
  const rank = (work: (m: Measured) => Float64Array): RankStability => {
    const rows: RankRow[] = measurements.map(({ label, measured }) => ({ name: label, work: work(measured) }));
    return rankStability(rows, prices, SPREAD);
  };
  const fork = rank((m) => allForks(m.forks, m.totals.length));
  const total = rank((m) => m.totals);
  const sentence = (what: string, found: RankStability): string => {
    const pairs = new Set(found.flips.map(({ pair }) => pair.join(' and ')));
    const alone = found.survives
      ? `The order by ${what} survives any one price moved by half`
      : `The order by ${what} does not survive: one price moved by half turns ${[...pairs].join(', ')} round`;
    const together = found.survivesRanges ? '' : ', and prices moved together within their ranges could turn it';
    return `${alone}${found.survives ? together : ''}.`;
  };
  return {
    survives: fork.survives && total.survives,
    says: `${sentence('fork', fork)} ${sentence('total', total)}`,
    flips: [...flipsOf('forkNsTotal', fork), ...flipsOf('totalNs', total)],
  };
};
