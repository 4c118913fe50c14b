/** Copying and removing entries that are not present: swap entries and markers. */
import type { Machine } from './machine.js';
import { entryPfn, isGuard, isSwap, SWP_EXCLUSIVE } from './pte.js';
import { freeSwapAndCache } from './swap-cache.js';
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

/**
 * What a zap does to markers: munmap and exit drop all of them; MADV_DONTNEED and truncation keep guards, since the
 * mapping stays. @kernel mm/memory.c zap_drop_markers()
 */
export type Markers = 'drop' | 'keep guards';

/**
 * Takes one entry's references away; the caller clears the entry. Answers false for one that stays.
 * @kernel mm/memory.c zap_nonpresent_ptes()
 */
export const zapForeign = (
  m: Machine,
  words: Uint32Array,
  i: number,
  tally: Tally,
  markers: Markers,
  why: number,
): boolean => {
  const lo = words[i]!;
  if (markers !== 'drop' && isGuard(lo)) return false;
  tally.used++;
  tally.foreign++;
  if (!isSwap(lo)) return true;
  tally.swap++;
  freeSwapAndCache(m, entryPfn(lo, words[i + 1]!), why);
  return true;
};
