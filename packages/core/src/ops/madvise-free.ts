/** MADV_FREE: pages that reclaim may drop unless they are written again. @kernel mm/madvise.c, release 6.18 */
import { W, Y } from '../counters.js';
import { assertModel } from '../errors/violation.js';
import { KIND_ANON, KIND_MASK } from '../frames.js';
import { PAGE_SIZE } from '../geometry.js';
import type { Machine } from '../machine.js';
import { ACCESSED, DIRTY, entryPfn, isPresent, isSwap } from '../pte.js';
import type { SlotCursor } from '../slot.js';
import type { Space } from '../space.js';
import type { Addr, TableId } from '../strategy.js';
import { folioFreeSwap, freeSwapAndCache, swapSlotOf } from '../swap-cache.js';
import { VM_LOCKED, type Vma } from '../vma.js';
import { eachTable } from '../walk.js';
import { cutFolios, freeLeaf, wholeFolio } from './cut-folios.js';
import type { Errno } from './errno.js';
import { askTouch } from './zap.js';

/** @kernel madvise_free_single_vma() */
export const madviseFree = (m: Machine, space: Space, vma: Vma, start: Addr, end: Addr): Errno => {
  if (vma.file !== null || (vma.flags & VM_LOCKED) !== 0) return 'EINVAL';
  if (askTouch(m, space, start, end, 'dontneed') === 'oom') return 'ENOMEM';
  cutFolios(m, space, start, end, 'dontneed');
  let changed = 0;
  const leaf = (at: SlotCursor): boolean => {
    changed += freeLeaf(m, at);
    return true;
  };
  const table = (at: SlotCursor): boolean => {
    const { table } = at;
    assertModel(
      m.tables.refs[table] === 1 || m.inPlace.has(table),
      'no-change-while-shared',
      'entries were about to be freed lazily in a table that other spaces hold',
    );
    const first = (Math.max(start, at.start) - at.start) / PAGE_SIZE;
    changed += freeEntries(m, table, first, (Math.min(end, at.end) - at.start) / PAGE_SIZE);
    return true;
  };
  eachTable(m, space, start, end, m.at, vma, table, leaf);
  m.inPlace.clear();
  if (changed > 0) m.flushRange(space, start, end, Y.dontneed);
  return 0;
};

/** Cleans entries, and drops swap entries. @kernel madvise_free_pte_range() */
const freeEntries = (m: Machine, table: TableId, first: number, last: number): number => {
  const words = m.tables.words(table);
  let cleaned = 0;
  let dropped = 0;
  // Of a large folio that was not split, all pages are freed or none.
  const whole = m.frames.folios.count > 0 && last - first === m.geometry.entries ? wholeFolio(m, table) : undefined;
  const freed = whole && whole.mapcount === whole.pages ? whole : undefined;
  if (freed) {
    freed.lazy = true;
    freed.dirty = false;
  }
  for (let i = (first * 2) | 0; i < ((last * 2) | 0); i += 2) {
    const lo = words[i]!;
    if (isSwap(lo)) {
      freeSwapAndCache(m, entryPfn(lo, words[i + 1]!), Y.dontneed);
      words[i] = 0;
      words[i + 1] = 0;
      dropped++;
    } else if (isPresent(lo) && (freed || makeLazy(m, entryPfn(lo, words[i + 1]!)))) {
      words[i] = lo & ~(ACCESSED | DIRTY);
      cleaned++;
    }
  }
  if (dropped > 0) {
    m.book(table, 0, 0, -dropped);
    m.bookForeign(table, -dropped, -dropped);
    m.counters.add(W.ptesZapped, Y.dontneed, dropped);
  }
  return cleaned;
};

/**
 * Answers whether the entry is to be cleaned. Of a page that is known to be dirty, or has a slot, both are given up first,
 * and only if nobody else maps it. Any other page turns lazy for all its mappers, and stays for those whose entry is dirty.
 * @kernel folio_mark_lazyfree()
 */
const makeLazy = (m: Machine, pfn: number): boolean => {
  const { frames } = m;
  if ((frames.meta[pfn]! & KIND_MASK) !== KIND_ANON || frames.folios.of(pfn)) return false;
  const cached = swapSlotOf(m, pfn) !== 0;
  if (cached || frames.record(pfn)?.dirty) {
    if (frames.mapcount(pfn) !== 1 || (cached && !folioFreeSwap(m, pfn))) return false;
  }
  frames.amend(pfn, { lazy: true, dirty: false });
  return true;
};
