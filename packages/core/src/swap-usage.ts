/** What smaps prints as `Swap:`. @kernel fs/proc/task_mmu.c smaps_pte_entry(), smaps_pte_hole_lookup(), release 6.18 */
import { PAGE_SIZE } from './geometry.js';
import type { Machine } from './machine.js';
import { isSwap } from './pte.js';
import type { Space } from './space.js';
import { VM_SHARED, VM_WRITE, type Vma } from './vma.js';
import { eachTable } from './walk.js';

/**
 * Pages of a VMA that are swapped out: its own swap entries, and pages of its file that were swapped out. In a private
 * mapping that may be written, the latter count only where nothing is mapped in their place.
 */
export const swappedPages = (m: Machine, space: Space, vma: Vma): number => {
  const own = swapEntries(m, space, vma);
  const { file } = vma;
  if (file === null || file.swapped.size === 0) return own;
  const first = vma.pgoff;
  if ((vma.flags & VM_SHARED) !== 0 || (vma.flags & VM_WRITE) === 0) {
    return own + file.swappedIn(first, first + vma.pages);
  }
  return own + file.swappedIn(first, first + vma.pages) - hiddenSwapped(m, space, vma);
};

const swapEntries = (m: Machine, space: Space, vma: Vma): number => {
  let found = 0;
  eachEntry(m, space, vma, (lo) => {
    if (isSwap(lo)) found++;
  });
  return found;
};

/** Swapped pages of the file in whose place something is mapped. */
const hiddenSwapped = (m: Machine, space: Space, vma: Vma): number => {
  let hidden = 0;
  eachEntry(m, space, vma, (lo, addr) => {
    if (lo !== 0 && vma.file!.swapped.has(vma.fileIndex(addr))) hidden++;
  });
  return hidden;
};

const eachEntry = (m: Machine, space: Space, vma: Vma, visit: (lo: number, addr: number) => void): void => {
  eachTable(m, space, vma.start, vma.end, m.at, vma, (at) => {
    if (m.tables.used[at.table] === 0 || (vma.file === null && m.tables.swap[at.table] === 0)) return true;
    const words = m.tables.words(at.table);
    const last = Math.min(vma.end, at.end);
    for (let addr = Math.max(vma.start, at.start); addr < last; addr += PAGE_SIZE) {
      visit(words[((addr - at.start) >>> 12) * 2]!, addr);
    }
    return true;
  });
};
