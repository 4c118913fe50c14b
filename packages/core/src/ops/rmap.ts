/**
 * Who maps a page: every VMA that could hold it is asked.
 *
 * The kernel walks the interval tree of the page's anon_vma, or of its file. Both list VMAs by the page's offset, and so
 * does this, without a tree: what it finds in an entry decides, so a VMA too many costs time and nothing else. Frames
 * keep no list of mappers, since reclaim is rare and frames are many.
 *
 * @kernel mm/rmap.c rmap_walk(), release 6.18
 */
import { PAGE_SIZE } from '../geometry.js';
import type { Machine } from '../machine.js';
import { entryPfn, isPresent } from '../pte.js';
import type { Space } from '../space.js';
import type { Addr, Pfn } from '../strategy.js';
import { VM_LOCKED, type Vma } from '../vma.js';
import { findSlot } from '../walk.js';

export interface Mapper {
  readonly space: Space;
  readonly vma: Vma;
  readonly addr: Addr;
}

/** Does the entry at an address map the page? If so, `m.rmap` is left on its slot. */
export const maps = (m: Machine, space: Space, addr: Addr, pfn: Pfn): boolean => {
  const at = m.rmap;
  if (!findSlot(m, space, addr, null, at) || at.table === 0) return false;
  const words = m.tables.words(at.table);
  const i = ((addr - at.start) >>> 12) * 2;
  const lo = words[i]!;
  return isPresent(lo) && entryPfn(lo, words[i + 1]!) === pfn;
};

/** Every place at which the page that `vma` maps at `addr` is mapped, in the order of a walk: by the offset of the VMA. */
export const mappersOf = (m: Machine, vma: Vma, addr: Addr, pfn: Pfn): Mapper[] => {
  const index = vma.fileIndex(addr);
  const found: Mapper[] = [];
  // A vfork child is a second name for its parent's space.
  for (const space of new Set(m.procs.values())) {
    for (const other of space.vmas) {
      if (other.file !== vma.file || index < other.pgoff || index >= other.pgoff + other.pages) continue;
      const there = other.start + (index - other.pgoff) * PAGE_SIZE;
      if (maps(m, space, there, pfn)) found.push({ space, vma: other, addr: there });
    }
  }
  return found.sort((a, b) => a.vma.pgoff - b.vma.pgoff);
};

/** Does locked memory map the page? @kernel folio_test_mlocked() */
export const isMlocked = (m: Machine, vma: Vma, addr: Addr, pfn: Pfn): boolean =>
  m.frames.mapcount(pfn) > 0 && mappersOf(m, vma, addr, pfn).some((mapper) => (mapper.vma.flags & VM_LOCKED) !== 0);
