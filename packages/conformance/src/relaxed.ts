/** What a strategy's traits take back of the catalogue. */
import type { StrategyTraits } from '@forklab/core';
import type { CheckId } from './catalogue.js';

export interface Relaxed {
  readonly check: CheckId;
  readonly because: string;
}

/** What a strategy's traits take back: declared, so reports show it and the checks leave it out. */
export const relaxedBy = (all: readonly StrategyTraits[]): readonly Relaxed[] => {
  const relaxed: Relaxed[] = [];
  if (all.some(({ keepsPins }) => !keepsPins)) {
    relaxed.push({ check: 'pin-keeps-page', because: 'traits.keepsPins is false' });
  }
  return relaxed;
};
