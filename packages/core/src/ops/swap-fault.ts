/** A fault on a swap entry: the page comes back. @kernel mm/memory.c do_swap_page(), release 6.18 */
import { SHAPE, W, Y } from '../counters.js';
import type { Machine } from '../machine.js';
import { ACCESSED, DIRTY, entryHi, entryLo, entryPfn, RW, SWP_EXCLUSIVE, UFFD_WP } from '../pte.js';
import type { SlotCursor } from '../slot.js';
import type { Pfn } from '../strategy.js';
import { addToSwapCache, folioFreeSwap } from '../swap-cache.js';
import { VM_LOCKED, VM_WRITE, type Vma } from '../vma.js';
import { anonPage } from './fault-entry.js';
import { isMlocked } from './rmap.js';

/**
 * Reads a slot into a fresh page; 0 when memory is full. Of a slot with one reference the page is that reference's alone
 * and never enters the swap cache, as with every device that is read synchronously (zram).
 */
const readSlot = (m: Machine, slot: number): Pfn => {
  const pfn = anonPage(m);
  if (pfn === 0) return 0;
  m.frames.contents[pfn] = m.swap.contents(slot);
  m.counters.add(W.pagesSwappedIn, Y.fault, 1);
  m.counters.shape |= SHAPE.read;
  m.majorFault = true;
  return pfn;
};

/** @kernel should_try_to_free_swap() */
const shouldFreeSwap = (m: Machine, vma: Vma, addr: number, pfn: Pfn, write: boolean, others: number): boolean =>
  m.swap.full || (vma.flags & VM_LOCKED) !== 0 || (write && others === 0) || isMlocked(m, vma, addr, pfn);

/** The entry at `i` refers to a slot; afterwards it maps the page. False when memory is full. */
export const swapIn = (
  m: Machine,
  vma: Vma,
  addr: number,
  write: boolean,
  at: SlotCursor,
  words: Uint32Array,
  i: number,
): boolean => {
  const { swap, frames } = m;
  const old = words[i]!;
  const slot = entryPfn(old, words[i + 1]!);
  let pfn = swap.cached(slot);
  let fresh = false;
  if (pfn === 0) {
    fresh = swap.count(slot) === 1;
    pfn = readSlot(m, slot);
    if (pfn === 0) return false;
    if (!fresh) addToSwapCache(m, slot, pfn);
  }
  const others = frames.refcount(pfn) - (fresh ? 0 : 1);
  frames.map(pfn);
  swap.put(slot);
  const freed = !fresh && shouldFreeSwap(m, vma, addr, pfn, write, others) && folioFreeSwap(m, pfn);
  const exclusive = fresh || (old & SWP_EXCLUSIVE) !== 0 || (freed && others === 0);
  let lo = entryLo(pfn, (vma.protLo & ~RW) | ACCESSED | (old & UFFD_WP));
  if (exclusive) {
    frames.setExclusive(pfn);
    if ((vma.flags & VM_WRITE) !== 0 && (old & UFFD_WP) === 0) lo |= write ? RW | DIRTY : RW;
  }
  words[i] = lo;
  words[i + 1] = entryHi(pfn, vma.protHi);
  m.book(at.table, 1, 0, 0);
  m.bookForeign(at.table, -1, -1);
  return true;
};
