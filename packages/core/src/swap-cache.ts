/**
 * The swap cache, and what ends when the last mapping of a page goes: the page, its place in the swap cache, its slot.
 *
 * @kernel mm/swap_state.c, mm/swapfile.c, release 6.18
 */
import { W } from './counters.js';
import { COUNT_MASK, EXTRA, KIND_ANON, KIND_MASK } from './frames.js';
import type { Machine } from './machine.js';
import type { Pfn } from './strategy.js';

/** The slot whose cache holds the frame; 0: none. */
export const swapSlotOf = (m: Machine, pfn: Pfn): number => m.frames.record(pfn)?.swap ?? 0;

/** @kernel add_to_swap_cache() */
export const addToSwapCache = (m: Machine, slot: number, pfn: Pfn): void => {
  m.swap.setCached(slot, pfn);
  m.frames.amend(pfn, { swap: slot });
};

/** Takes a frame out of the swap cache; answers true when nothing else held it. @kernel delete_from_swap_cache() */
export const deleteFromSwapCache = (m: Machine, pfn: Pfn): boolean => {
  const slot = swapSlotOf(m, pfn);
  m.frames.amend(pfn, { swap: 0 });
  m.swap.setCached(slot, 0);
  return freeIfUnheld(m, pfn);
};

const freeIfUnheld = (m: Machine, pfn: Pfn): boolean => {
  if ((m.frames.meta[pfn]! & (KIND_MASK | COUNT_MASK | EXTRA)) !== KIND_ANON) return false;
  m.frames.free(pfn);
  return true;
};

/** Gives a page's slot up, unless entries still refer to it; answers true when it did. @kernel folio_free_swap() */
export const folioFreeSwap = (m: Machine, pfn: Pfn): boolean => {
  const slot = swapSlotOf(m, pfn);
  if (slot === 0 || m.swap.count(slot) > 0) return false;
  if (!deleteFromSwapCache(m, pfn)) m.frames.amend(pfn, { dirty: true });
  return true;
};

/**
 * One entry fewer refers to a slot. A page that only the cache still has goes with the last one, and so does the slot of
 * a mapped page when swap is full; else a mapped page keeps it. @kernel free_swap_and_cache_nr()
 */
export const freeSwapAndCache = (m: Machine, slot: number, why: number): void => {
  m.swap.put(slot);
  const pfn = m.swap.cached(slot);
  if (pfn === 0 || m.swap.count(slot) > 0) return;
  if (m.frames.mapcount(pfn) > 0 && !m.swap.full) return;
  if (deleteFromSwapCache(m, pfn)) m.counters.add(W.pagesFreed, why, 1);
};

/**
 * One entry fewer maps a page, of the address space `mm`; answers how many frames that freed.
 * @kernel folio_remove_rmap_pte(), free_swap_cache()
 */
export const unmapPage = (m: Machine, pfn: Pfn, mm = 0): number => {
  const { frames } = m;
  const freed = frames.unmap(pfn, mm);
  if (freed > 0) return freed;
  if ((frames.meta[pfn]! & (KIND_MASK | COUNT_MASK | EXTRA)) !== (KIND_ANON | EXTRA) || frames.folios.of(pfn)) return 0;
  frames.amend(pfn, { lazy: false, dirty: false });
  const slot = swapSlotOf(m, pfn);
  if (slot !== 0 && m.swap.count(slot) > 0) return 0;
  return (slot === 0 ? freeIfUnheld(m, pfn) : deleteFromSwapCache(m, pfn)) ? 1 : 0;
};
