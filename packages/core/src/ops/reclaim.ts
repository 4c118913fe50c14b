/**
 * Reclaim of pages: to swap, or away.
 *
 * Which pages are reclaimed is said from outside (`swapout`, MADV_PAGEOUT). No memory pressure is modelled, and so no
 * LRU lists and no ages.
 *
 * @kernel mm/vmscan.c shrink_folio_list(), mm/rmap.c try_to_unmap_one(), release 6.18
 */
import { W, Y } from '../counters.js';
import { assertModel } from '../errors/violation.js';
import { FILE_DIRTY, KIND_ANON, KIND_FILE, KIND_MASK } from '../frames.js';
import { alignDown, PAGE_SIZE, pageAlign } from '../geometry.js';
import { leafFolio } from '../huge-pmd.js';
import type { Machine } from '../machine.js';
import { DIRTY, entryHi, entryLo, entryPfn, isPresent, isSwap, MARKER, SWAP, SWP_EXCLUSIVE, UFFD_WP } from '../pte.js';
import type { SlotCursor } from '../slot.js';
import type { Space } from '../space.js';
import type { Addr, Pfn } from '../strategy.js';
import { addToSwapCache, deleteFromSwapCache, folioFreeSwap, swapSlotOf, unmapPage } from '../swap-cache.js';
import { VM_LOCKED, type Vma } from '../vma.js';
import { eachTable, findSlot } from '../walk.js';
import type { Errno } from './errno.js';
import { type Mapper, mappersOf, maps } from './rmap.js';

/** The page that an address maps, and 0 where there is none to reclaim. */
const pageAt = (m: Machine, space: Space, addr: Addr): Pfn => {
  const at = m.to;
  if (!findSlot(m, space, addr, null, at) || at.table === 0) return 0;
  const words = m.tables.words(at.table);
  const i = ((addr - at.start) >>> 12) * 2;
  const lo = words[i]!;
  const pfn = isPresent(lo) ? entryPfn(lo, words[i + 1]!) : 0;
  const kind = m.frames.meta[pfn]! & KIND_MASK;
  return kind === KIND_ANON || kind === KIND_FILE ? pfn : 0;
};

/** Does the range map a huge page, or a page of one? What reclaim does to those is not modelled. */
const meetsHugePage = (m: Machine, space: Space, start: Addr, end: Addr): boolean => {
  if (m.frames.folios.count === 0) return false;
  const table = (at: SlotCursor): boolean => {
    const words = m.tables.words(at.table);
    const last = Math.min(end, at.end);
    for (let addr = Math.max(start, at.start); addr < last; addr += PAGE_SIZE) {
      const i = ((addr - at.start) >>> 12) * 2;
      if (isPresent(words[i]!) && m.frames.folios.of(entryPfn(words[i]!, words[i + 1]!))) return false;
    }
    return true;
  };
  return !eachTable(m, space, start, end, m.at, null, table, (at) => leafFolio(m, at) === null);
};

/**
 * Reclaims what a part of a VMA maps, page by page. `sole`: pages with other mappings stay, as MADV_PAGEOUT has it.
 * Nothing fails: what cannot be reclaimed stays.
 */
export const reclaimRange = (m: Machine, space: Space, vma: Vma, start: Addr, end: Addr, sole: boolean): void => {
  const occupied: Addr[] = [];
  eachTable(m, space, start, end, m.at, vma, (at) => {
    if (m.tables.used[at.table]! > 0) occupied.push(at.start);
    return true;
  });
  for (const slot of occupied) {
    const last = Math.min(end, slot + m.geometry.slotBytes);
    for (let addr = Math.max(start, slot); addr < last; addr += PAGE_SIZE) {
      const pfn = pageAt(m, space, addr);
      if (pfn === 0 || (sole && (m.frames.mapcount(pfn) !== 1 || m.frames.folios.of(pfn)))) continue;
      reclaimPage(m, space, vma, addr, pfn, sole);
    }
  }
  m.inPlace.clear();
};

/** Reclaims every page that a range maps, wherever else it is mapped, as a control group's reclaim would. */
export const swapout = (m: Machine, space: Space, addr: Addr, length: number): Errno => {
  m.syscall('reclaim');
  const start = alignDown(addr, PAGE_SIZE);
  const end = start + pageAlign(length + (addr - start));
  if (meetsHugePage(m, space, start, end)) return 'ENOSYS';
  for (const vma of [...space.vmas]) {
    const from = Math.max(start, vma.start);
    const to = Math.min(end, vma.end);
    if (from < to) reclaimRange(m, space, vma, from, to, false);
  }
  return 0;
};

const reclaimPage = (m: Machine, space: Space, vma: Vma, addr: Addr, pfn: Pfn, sole: boolean): void => {
  const alone = !m.sharing && m.frames.mapcount(pfn) === 1;
  const mappers = alone ? [{ space, vma, addr }] : mappersOf(m, vma, addr, pfn);
  if (mappers.some((mapper) => (mapper.vma.flags & VM_LOCKED) !== 0)) return;
  if (m.sharing && !askMappers(m, mappers)) return;
  if ((m.frames.meta[pfn]! & KIND_MASK) === KIND_FILE) reclaimFilePage(m, vma, addr, pfn, mappers);
  else if (!m.frames.isLazy(pfn)) swapOutPage(m, pfn, mappers);
  // One pass only finds that the page was written since MADV_FREE; another one swaps it out.
  else if (!discardLazyPage(m, pfn, mappers) && !sole) swapOutPage(m, pfn, mappers);
};

/** Every table in which the page is mapped must be one that may change; false when memory for that is missing. */
const askMappers = (m: Machine, mappers: readonly Mapper[]): boolean => {
  for (const { space, vma, addr } of mappers) {
    if (!findSlot(m, space, addr, vma, m.at) || m.at.table === 0) continue;
    const verdict = m.strategy.touch(m.at, 'reclaim');
    if (verdict === 'oom') return false;
    if (verdict === 'in-place') m.inPlace.add(m.at.table);
  }
  return true;
};

/** Replaces the entry by which a mapper maps the page, unless a linked table has lost it already. */
const replaceEntry = (
  m: Machine,
  { space, addr }: Mapper,
  pfn: Pfn,
  replace: (lo: number) => [number, number],
): void => {
  m.flushPage(space, addr, Y.reclaim);
  if (!maps(m, space, addr, pfn)) return;
  const { table, start } = m.rmap;
  assertModel(
    m.tables.refs[table] === 1 || m.inPlace.has(table),
    'no-change-while-shared',
    'a page was about to be reclaimed through a table that other spaces hold',
  );
  const words = m.tables.words(table);
  const i = ((addr - start) >>> 12) * 2;
  const anon = (m.frames.meta[pfn]! & KIND_MASK) === KIND_ANON ? 1 : 0;
  const [lo, hi] = replace(words[i]!);
  words[i] = lo;
  words[i + 1] = hi;
  m.actor = space;
  if (m.asPosted && m.tables.refs[table]! > 1) {
    m.suffer('no-change-while-shared', `${space.name}: a page goes out through table ${table} for every holder`);
  }
  m.book(table, -anon, anon - 1, lo === 0 ? -1 : 0);
  if (lo !== 0) m.bookForeign(table, isSwap(lo) ? 1 : 0, 1);
  m.countFreed(unmapPage(m, pfn, space.id), Y.reclaim);
};

/** @kernel folio_alloc_swap(), try_to_unmap(), pageout(), __remove_mapping() */
const swapOutPage = (m: Machine, pfn: Pfn, mappers: readonly Mapper[]): void => {
  const { frames, swap, counters } = m;
  let slot = swapSlotOf(m, pfn);
  if (slot === 0) {
    if (frames.maybePinned(pfn)) return;
    slot = swap.alloc(frames.contents[pfn]!);
    if (slot === 0) return;
    addToSwapCache(m, slot, pfn);
  } else swap.dup(slot);
  // From here on the reference that this walk holds keeps the slot.
  const exclusive = frames.isExclusive(pfn);
  if (!(exclusive && frames.maybePinned(pfn))) {
    const flags = SWAP | (exclusive ? SWP_EXCLUSIVE : 0);
    frames.clearExclusive(pfn);
    for (const mapper of mappers) {
      replaceEntry(m, mapper, pfn, (lo) => {
        swap.dup(slot);
        return [entryLo(slot, flags | (lo & UFFD_WP)), entryHi(slot, 0)];
      });
    }
  }
  if (frames.mapcount(pfn) > 0) {
    swap.put(slot);
    if (swap.full) folioFreeSwap(m, pfn);
    return;
  }
  swap.store(slot, frames.contents[pfn]!);
  counters.add(W.pagesSwappedOut, Y.reclaim, 1);
  swap.put(slot);
  // A page that is referred to otherwise stays in the swap cache. @kernel is_page_cache_freeable()
  if (frames.refcount(pfn) === 1 && deleteFromSwapCache(m, pfn)) counters.add(W.pagesFreed, Y.reclaim, 1);
};

/** A page after MADV_FREE goes without a trace; false when it was written since, and is like any other now. */
const discardLazyPage = (m: Machine, pfn: Pfn, mappers: readonly Mapper[]): boolean => {
  const { frames } = m;
  for (const mapper of mappers) {
    if (!maps(m, mapper.space, mapper.addr, pfn)) continue;
    const lo = m.tables.words(m.rmap.table)[((mapper.addr - m.rmap.start) >>> 12) * 2]!;
    if ((lo & DIRTY) !== 0 || frames.record(pfn)?.dirty) {
      frames.amend(pfn, { lazy: false, dirty: true });
      return false;
    }
    if (frames.refcount(pfn) !== frames.mapcount(pfn)) return true;
    replaceEntry(m, mapper, pfn, () => [0, 0]);
  }
  return true;
};

/** Out of all tables; and out of memory, to swap if it was ever written. @kernel mm/shmem.c shmem_writeout() */
const reclaimFilePage = (m: Machine, vma: Vma, addr: Addr, pfn: Pfn, mappers: readonly Mapper[]): void => {
  const { frames, swap, counters } = m;
  const file = vma.file!;
  const index = vma.fileIndex(addr);
  // @kernel pte_install_uffd_wp_if_needed()
  for (const mapper of mappers) {
    replaceEntry(m, mapper, pfn, (lo) => [(lo & UFFD_WP) !== 0 ? MARKER | UFFD_WP : 0, 0]);
  }
  if (frames.refcount(pfn) !== 1 || file.page(index) !== pfn) return;
  if ((frames.meta[pfn]! & FILE_DIRTY) !== 0) {
    const slot = swap.alloc(frames.contents[pfn]!);
    if (slot === 0) return;
    file.setSwapped(index, slot);
    counters.add(W.pagesSwappedOut, Y.reclaim, 1);
  } else file.setPage(index, 0);
  frames.free(pfn);
  counters.add(W.pagesFreed, Y.reclaim, 1);
};
