/** Copying and removing entries that are not present: swap entries and markers. */
import { W } from './counters.js';
import type { Machine } from './machine.js';
import { entryPfn, isGuard, isMarker, isSwap, isWpMarker, SWP_EXCLUSIVE, UFFD_WP } from './pte.js';
import type { TableId } from './strategy.js';
import { freeSwapAndCache } from './swap-cache.js';
import type { Tally } from './tally.js';

/**
 * The child gets the same entry, and neither side is alone with the slot any more.
 * @kernel mm/memory.c copy_nonpresent_pte()
 */
export const copyForeign = (
  m: Machine,
  from: Uint32Array,
  to: Uint32Array,
  i: number,
  tally: Tally,
  keepWp: boolean,
): void => {
  const lo = from[i]!;
  const hi = from[i + 1]!;
  // @kernel copy_pte_marker()
  if (isWpMarker(lo) && !keepWp) return;
  tally.used++;
  tally.foreign++;
  if (isSwap(lo)) {
    tally.swap++;
    m.swap.dup(entryPfn(lo, hi));
    from[i] = lo & ~SWP_EXCLUSIVE;
  }
  to[i] = keepWp ? from[i]! : from[i]! & ~UFFD_WP;
  to[i + 1] = hi;
};

/**
 * What a zap does to markers: munmap and exit drop all of them; MADV_DONTNEED and truncation keep guards, since the
 * mapping stays, and in mappings of files write protection, too. @kernel mm/memory.c zap_drop_markers()
 */
export type Markers = 'drop' | 'keep guards' | 'keep all';

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
  if (markers !== 'drop' && (isGuard(lo) || (markers === 'keep all' && isMarker(lo)))) return false;
  tally.used++;
  tally.foreign++;
  if (!isSwap(lo)) return true;
  tally.swap++;
  freeSwapAndCache(m, entryPfn(lo, words[i + 1]!), why);
  return true;
};

/** Takes write-protect markers out of entries [first, last). */
export const dropWpMarkers = (m: Machine, table: TableId, first: number, last: number, why: number): void => {
  const words = m.tables.words(table);
  let gone = 0;
  for (let i = (first * 2) | 0; i < ((last * 2) | 0); i += 2) {
    if (!isWpMarker(words[i]!)) continue;
    words[i] = 0;
    gone++;
  }
  if (gone === 0) return;
  m.book(table, 0, 0, -gone);
  m.bookForeign(table, 0, -gone);
  m.counters.add(W.markersChanged, why, gone);
};
