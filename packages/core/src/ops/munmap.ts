/** @kernel mm/vma.c do_vmi_align_munmap(), release 6.18 */
import { unlinkAnonVmas } from '../anon-vma.js';
import { type Why, Y } from '../counters.js';
import { isPageAligned, pageAlign } from '../geometry.js';
import type { Machine } from '../machine.js';
import type { Space } from '../space.js';
import type { Addr } from '../strategy.js';
import { findVmaIndex, removeVma, type Vma } from '../vma.js';
import { splitVma } from '../vma-merge.js';
import { countVmaWork } from '../walk.js';
import type { Errno } from './errno.js';
import { releaseFileIfUnused } from './file.js';
import { freePgtables } from './free-pgtables.js';
import { askTouch, zapRange } from './zap.js';

/** @kernel mm/mmap.c munmap() */
export const munmap = (m: Machine, space: Space, addr: Addr, length: number): Errno => {
  m.syscall('munmap');
  const size = pageAlign(length);
  if (!isPageAligned(addr) || size === 0 || addr + size > m.geometry.taskSize) return 'EINVAL';
  return unmapRange(m, space, addr, addr + size, 'munmap');
};

/** May these VMAs be unmapped, moved or cut at these ends? @kernel vm_ops->may_split */
const refused = (m: Machine, space: Space, start: Addr, end: Addr): boolean => {
  const { mayChange } = m.strategy;
  if (!mayChange) return false;
  for (let i = findVmaIndex(space.vmas, start); i < space.vmas.length && space.vmas[i]!.start < end; i++) {
    const vma = space.vmas[i]!;
    const cut = vma.start < start || vma.end > end;
    if (mayChange.call(m.strategy, space, vma, cut ? 'split' : 'unmap', end) === 'refuse') return true;
  }
  return false;
};

/** Unmaps the aligned range [start, end): tables first, then VMAs, then the tables that nothing is left in. */
export const unmapRange = (m: Machine, space: Space, start: Addr, end: Addr, why: Why): Errno => {
  const { vmas } = space;
  const at = findVmaIndex(vmas, start);
  if (at >= vmas.length || vmas[at]!.start >= end) return 0;
  if (refused(m, space, start, end)) return 'EINVAL';
  if (askTouch(m, space, start, end, 'munmap part', 'skip') === 'oom') return 'ENOMEM';
  if (vmas[at]!.start < start) splitVma(space, vmas[at]!, start, 'low');
  const lastIndex = findVmaIndex(vmas, end - 1);
  const last = vmas[lastIndex];
  if (last && last.start < end && last.end > end) splitVma(space, last, end, 'low');
  countVmaWork(m, space, why);
  zapRange(m, space, start, end, why);
  const removed: Vma[] = [];
  for (let i = findVmaIndex(vmas, start); i < vmas.length && vmas[i]!.start < end; i++) removed.push(vmas[i]!);
  const first = findVmaIndex(vmas, start);
  const floor = first > 0 ? vmas[first - 1]!.end : 0;
  const ceiling = vmas[first + removed.length]?.start ?? Number.POSITIVE_INFINITY;
  for (const vma of removed) dropVma(m, space, vma);
  freePgtables(m, space, removed, floor, ceiling, why);
  return 0;
};

/** Takes a VMA out of its space, with its links; its file may go with it. */
export const dropVma = (m: Machine, space: Space, vma: Vma): void => {
  unlinkAnonVmas(vma);
  removeVma(space.vmas, vma);
  if (vma.file) releaseFileIfUnused(m, vma.file, Y.munmap);
};
