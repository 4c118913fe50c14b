/** What a reproduction is: published values beside ours, each with what may be expected of it. */
import type { StrategyPlugin } from '@forklab/core';
import type { Run } from './run.js';

/**
 * `exact`: a count that follows from the geometry; it must be the same. `count`: a count of a whole machine or process, of
 * which ours is a part; `within` says how far apart they may be. `time`: must lie within the range that the prices
 * claim. `ratio`: as time, of a quotient. `direction`: only which of two is larger must be the same.
 */
export type Expect = 'exact' | 'count' | 'time' | 'ratio' | 'direction';

/** One value. A ratio is new over old: below 1 the new one is smaller. */
export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly expect: Expect;
  readonly published: number;
  readonly ours: number;
  /** What our prices allow. Equal to `ours` for counts. */
  readonly low: number;
  readonly high: number;
  /** Of a count: how far the two may be apart. */
  readonly within?: number;
  /** Why it differs, where it does, or what the two have in common that ours leaves out. */
  readonly why?: string;
}

export interface Experiment {
  readonly name: string;
  readonly title: string;
  readonly source: string;
  /** What is run, and what is scaled or assumed. */
  readonly about: string;
  /** Yields between runs. */
  rows(tools: Tools): Generator<undefined, readonly Row[]>;
}

/** Strategies and the one way to run them. */
export interface Tools {
  readonly classic: readonly StrategyPlugin[];
  readonly cowPte: readonly StrategyPlugin[];
  readonly ondemandFork: readonly StrategyPlugin[];
  readonly mshare: readonly StrategyPlugin[];
  readonly run: Run;
}

export type Outcome = 'same' | 'within' | 'same direction' | 'outside' | 'wrong';

/** A ratio this close to 1 says that nothing changes. */
const NOTHING = 0.1;

/**
 * Whether two ratios point the same way. Nothing changed, there, must mean little changed, here: at most twice as much as is
 * still called nothing. Near 1 on either side, a sign is noise.
 */
const sameDirection = (published: number, ours: number): boolean => {
  const [there, here] = [published - 1, ours - 1];
  if (Math.abs(there) <= NOTHING) return Math.abs(here) <= 2 * NOTHING;
  return Math.sign(there) === Math.sign(here);
};

/**
 * How a row came out. `outside` is reported and not an error: the published value lies beyond our range, in the right
 * direction where there is one. `wrong` is: a count that must be exact is not, or a direction is turned round.
 */
export const outcomeOf = ({ expect, published, ours, low, high, within }: Row): Outcome => {
  switch (expect) {
    case 'exact':
      return published === ours ? 'same' : 'wrong';
    case 'count':
      if (published === ours) return 'same';
      return Math.abs(published - ours) <= (within ?? 0) ? 'within' : 'wrong';
    case 'time':
      return published >= low && published <= high ? 'within' : 'outside';
    case 'ratio':
      if (!sameDirection(published, ours)) return 'wrong';
      return published >= low && published <= high ? 'within' : 'outside';
    case 'direction':
      return sameDirection(published, ours) ? 'same direction' : 'wrong';
  }
};

/** A value that is the same at every price. */
export const counted = (
  what: string,
  unit: string,
  published: number,
  ours: number,
  more: { readonly expect?: 'exact' | 'count' | 'direction'; readonly within?: number; readonly why?: string } = {},
): Row => ({ what, unit, expect: 'exact', published, ours, low: ours, high: ours, ...more });
