/** Drawing numbers and choices, the same for the same seed everywhere. */

import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Choices that are not equally likely: each with its weight, a whole number. */
export type Weighted<T> = readonly (readonly [weight: number, choice: T])[];

export interface Draw {
  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number;
  /** True in `percent` of 100 draws. */
  chance(percent: number): boolean;
  pick<T>(choices: readonly [T, ...T[]]): T;
  /** As `pick`, of a list that may be empty. */
  pickOr<T>(choices: readonly T[]): T | undefined;
  weighted<T>(choices: Weighted<T>): T;
}

/** Numbers drawn for small seeds are poor at first, so the seed is spread over all bits. @see splitmix32 */
const spread = (seed: number): number => {
  let z = (seed + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return z ^ (z >>> 15);
};

const SKIPPED = 8;

export const createDraw = (seed: number): Draw => {
  const rng = xoroshiro128plus(spread(seed));
  for (let k = 0; k < SKIPPED; k++) rng.next();
  const int = (low: number, high: number): number => uniformInt(rng, low, high);
  return {
    int,
    chance: (percent) => int(1, 100) <= percent,
    pick: (choices) => choices[int(0, choices.length - 1)]!,
    pickOr: (choices) => (choices.length === 0 ? undefined : choices[int(0, choices.length - 1)]),
    weighted: (choices) => {
      let left = int(
        1,
        choices.reduce((sum, [weight]) => sum + weight, 0),
      );
      return choices.find(([weight]) => {
        left -= weight;
        return left <= 0;
      })![1];
    },
  };
};
