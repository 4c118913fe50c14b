/** Does the order by the 99.9th percentile of requests hang on a price? The same requests, served again at others. */

import { WORKS, type Work } from '@forklab/core';
import {
  CONTENTION_PRICES,
  latenciesDuring,
  latencyOf,
  type PriceList,
  type Simulation,
  scale,
  serveAgain,
} from '@forklab/timing';
import type { Stability } from './document.js';
import { formatNs } from './format.js';
import { SPREAD } from './stability.js';

export interface Simulated {
  readonly label: string;
  readonly simulation: Simulation;
}

/** Two percentiles this close have no order: a histogram tells three digits. */
const ALIKE = 1.002;

const p999At = ({ simulation: { log, window } }: Simulated, prices: PriceList): number => {
  const { latencies } = serveAgain(log, prices, CONTENTION_PRICES);
  return latencyOf(latenciesDuring(log, latencies, window) ?? latencies).p999;
};

/** Kinds of work that some request or fork did, and so prices that matter here. */
const paidIn = (all: readonly Simulated[]): readonly Work[] =>
  WORKS.filter((_, w) => all.some(({ simulation }) => simulation.log.works.some((work) => work[w] !== 0)));

const turned = (a: number, b: number, nowA: number, nowB: number): boolean => a * ALIKE < b && nowA > nowB * ALIKE;

/** What turned, price by price. Yields before each, so that the caller can stop. */
export function* requestStability(
  all: readonly Simulated[],
  prices: PriceList,
): Generator<undefined, Stability['flips']> {
  const flips: Stability['flips'] = [];
  if (all.length < 2) return flips;
  const base = all.map((each) => p999At(each, prices));
  for (const price of paidIn(all)) {
    for (const [sign, factor] of [
      ['+', 1 + SPREAD],
      ['-', 1 - SPREAD],
    ] as const) {
      if (prices.prices[price].ns === 0) continue;
      yield;
      const now = all.map((each) => p999At(each, scale(prices, factor, [price])));
      for (const [i, a] of all.entries()) {
        for (const [j, b] of all.entries()) {
          if (!turned(base[i]!, base[j]!, now[i]!, now[j]!)) continue;
          const direction = `${sign}50 % (then ${formatNs(now[i]!)} and ${formatNs(now[j]!)})`;
          flips.push({ row: 'requestNsP999', price, direction, pair: [a.label, b.label] });
        }
      }
    }
  }
  return flips;
}

/** The finding in a sentence. */
export const saysRequests = (flips: Stability['flips']): string => {
  const pairs = new Set(flips.map(({ pair }) => pair.join(' and ')));
  const what = 'The order by the 99.9th percentile of requests';
  return pairs.size === 0
    ? `${what} survives any one price moved by half.`
    : `${what} does not survive: one price moved by half turns ${[...pairs].join(', ')} round.`;
};
