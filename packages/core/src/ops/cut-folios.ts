/**
 * What advice about pages does to large folios: one of which a part is meant is split first, one that is meant as a whole
 * stays one for as long as it can.
 *
 * @kernel mm/madvise.c madvise_cold_or_pageout_pte_range(), madvise_free_pte_range(), release 6.18
 */
import { W, type Why, Y } from '../counters.js';
import type { Folio } from '../folio.js';
import { PAGE_SIZE } from '../geometry.js';
import { leafFolio, splitHugePmd, zapHugePmd } from '../huge-pmd.js';
import type { Machine } from '../machine.js';
import { ACCESSED, DIRTY, entryPfn, isPresent } from '../pte.js';
import type { SlotCursor } from '../slot.js';
import type { Space } from '../space.js';
import type { Addr, TableId } from '../strategy.js';
import { eachTable } from '../walk.js';
import { splitFolio } from './split-folio.js';

/** The folio that the entry at word `i` maps a page of. */
const folioAt = (m: Machine, words: Uint32Array, i: number): Folio | undefined =>
  isPresent(words[i]!) ? m.frames.folios.of(entryPfn(words[i]!, words[i + 1]!)) : undefined;

/** Entries from word `i` on that map consecutive pages of one folio. @kernel madvise_folio_pte_batch() */
const batch = (words: Uint32Array, i: number, last: number, folio: Folio): number => {
  const first = entryPfn(words[i]!, words[i + 1]!);
  const max = Math.min((last - i) / 2, folio.head + folio.pages - first);
  let n = 1;
  while (n < max && isPresent(words[i + 2 * n]!) && entryPfn(words[i + 2 * n]!, words[i + 2 * n + 1]!) === first + n)
    n++;
  return n;
};

/** The folio that a table maps whole and in order. It then maps nothing else. */
export const wholeFolio = (m: Machine, table: TableId): Folio | undefined => {
  const words = m.tables.words(table);
  const folio = folioAt(m, words, 0);
  return folio && batch(words, 0, words.length, folio) === folio.pages ? folio : undefined;
};

/** Splits what [start, end) takes a part of, as far as this space alone maps it and nobody holds it. */
export const cutFolios = (m: Machine, space: Space, start: Addr, end: Addr, why: Why): void => {
  if (m.frames.folios.count === 0) return;
  const table = (at: SlotCursor): boolean => {
    const words = m.tables.words(at.table);
    const last = ((Math.min(end, at.end) - at.start) / PAGE_SIZE) * 2;
    for (let i = (Math.max(0, start - at.start) / PAGE_SIZE) * 2; i < last; ) {
      const folio = folioAt(m, words, i);
      const n = folio ? batch(words, i, last, folio) : 1;
      // What was split is small now, and is looked at no more.
      if (folio && n < folio.pages) splitFolio(m, space, folio, why);
      i += 2 * n;
    }
    return true;
  };
  const leaf = (at: SlotCursor): boolean => {
    const folio = leafFolio(m, at);
    if (folio && (start > at.start || end < at.end)) splitFolio(m, space, folio, why);
    return true;
  };
  eachTable(m, space, start, end, m.at, null, table, leaf);
};

/** MADV_FREE of a whole folio that this mm alone maps. @kernel madvise_free_huge_pmd() */
export const freeLeaf = (m: Machine, at: SlotCursor): number => {
  const folio = leafFolio(m, at);
  if (folio === null || folio.maybeShared) return 0;
  folio.lazy = true;
  folio.dirty = false;
  at.write(at.lo & ~(ACCESSED | DIRTY), at.hi);
  return folio.pages;
};

/**
 * Readies whole folios in [start, end) for reclaim page by page: their places in swap are taken together, and each page has
 * its own from then on. Without room for that they are split, which empties them of pages that hold nothing.
 * @kernel mm/vmscan.c shrink_folio_list()
 */
export const reclaimFolios = (m: Machine, space: Space, start: Addr, end: Addr): void => {
  if (m.frames.folios.count === 0) return;
  /** `at`: the leaf by which it is mapped; null when it is mapped page by page. */
  const ready = (folio: Folio, at: SlotCursor | null): void => {
    if (folio.maybeShared || folio.refcount !== folio.mapcount) return;
    if (m.swap.limit - m.swap.live < folio.pages) {
      splitFolio(m, space, folio, 'reclaim');
      return;
    }
    if (at) splitHugePmd(m, at, 'reclaim');
    m.frames.folios.split(folio);
    m.counters.add(W.foliosSplit, Y.reclaim, 1);
  };
  const table = (at: SlotCursor): boolean => {
    const folio = wholeFolio(m, at.table);
    if (folio && m.tables.refs[at.table] === 1 && start <= at.start && end >= at.end) ready(folio, null);
    return true;
  };
  const leaf = (at: SlotCursor): boolean => {
    const folio = leafFolio(m, at);
    if (folio === null || start > at.start || end < at.end) return true;
    const clean = folio.lazy && (at.lo & DIRTY) === 0;
    if (clean && folio.refcount === 1) zapHugePmd(m, at, 'reclaim');
    else if (folio.lazy) folio.lazy = clean;
    else ready(folio, at);
    return true;
  };
  eachTable(m, space, start, end, m.at, null, table, leaf);
};
