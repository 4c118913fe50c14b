import type { Strategy } from './data/types.js';

/** A strategy that the reader has not switched off, with its place, which decides its colour and dash. */
export interface ShownStrategy {
  readonly strategy: Strategy;
  readonly at: number;
}

export const shownOf = (strategies: readonly Strategy[], hidden: ReadonlySet<string>): readonly ShownStrategy[] =>
  strategies.map((strategy, at) => ({ strategy, at })).filter(({ strategy }) => !hidden.has(strategy.label));
