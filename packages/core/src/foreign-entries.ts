/** Copying and removing entries that are not present: swap entries and markers. */
import type { Machine } from './machine.js';
import { entryPfn, isSwap, SWP_EXCLUSIVE } from './pte.js';
import type { Tally } from './tally.js';

/**
 * The child gets the same entry, and neither side is alone with the slot any more.
 * @kernel mm/memory.c copy_nonpresent_pte()
 */
export const copyForeign = (m: Machine, from: Uint32Array, to: Uint32Array, i: number, tally: Tally): void => {
  const lo = from[i]!;
  const hi = from[i + 1]!;
  tally.used++;
  tally.foreign++;
  if (isSwap(lo)) {
    tally.swap++;
    m.swap.dup(entryPfn(lo, hi));
    from[i] = lo & ~SWP_EXCLUSIVE;
  }
  to[i] = from[i]!;
  to[i + 1] = hi;
};

/** Takes one entry's references away; the caller clears the entry. @kernel mm/memory.c zap_nonpresent_ptes() */
export const zapForeign = (m: Machine, words: Uint32Array, i: number, tally: Tally): void => {
  const lo = words[i]!;
  tally.used++;
  tally.foreign++;
  if (!isSwap(lo)) return;
  tally.swap++;
  m.swap.put(entryPfn(lo, words[i + 1]!));
};
