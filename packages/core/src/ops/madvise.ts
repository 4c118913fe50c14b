/** @kernel mm/madvise.c, release 6.18 */
import { W, Y } from '../counters.js';
import { isPageAligned, pageAlign } from '../geometry.js';
import { splitCut } from '../huge-pmd.js';
import type { Machine } from '../machine.js';
import type { SlotCursor } from '../slot.js';
import type { Space } from '../space.js';
import type { Addr } from '../strategy.js';
import {
  findVmaIndex,
  VM_DONTCOPY,
  VM_HUGEPAGE,
  VM_LOCKED,
  VM_NOHUGEPAGE,
  VM_SHARED,
  VM_WIPEONFORK,
  type Vma,
} from '../vma.js';
import { modifyFlags } from '../vma-merge.js';
import { countVmaWork, eachTable } from '../walk.js';
import { cutFolios, reclaimFolios } from './cut-folios.js';
import type { Errno } from './errno.js';
import { releaseTable } from './free-pgtables.js';
import { guardInstall, guardRemove } from './guard.js';
import { madvisePopulate } from './gup.js';
import { madviseFree } from './madvise-free.js';
import { reclaimRange } from './reclaim.js';
import { askSplit, askTouch, markersOf, zapRange } from './zap.js';

/** Advice that the machine acts on. Anything else of the trace format answers ENOSYS. */
export const MODELLED_ADVICE = [
  'normal',
  'dontneed',
  'free',
  'cold',
  'pageout',
  'dontfork',
  'dofork',
  'wipeonfork',
  'keeponfork',
  'populate_read',
  'populate_write',
  'hugepage',
  'nohugepage',
  'guard_install',
  'guard_remove',
] as const;
export type ModelledAdvice = (typeof MODELLED_ADVICE)[number];

export const madvise = (m: Machine, space: Space, addr: Addr, length: number, advice: ModelledAdvice): Errno => {
  m.syscall(advice === 'dontneed' || advice === 'free' ? 'dontneed' : 'madvise');
  if (m.kernel !== '6.18' && isGuardAdvice(advice)) return 'EINVAL';
  if (!isPageAligned(addr)) return 'EINVAL';
  const end = addr + pageAlign(length);
  if (end === addr) return 0;
  if (advice === 'populate_read' || advice === 'populate_write') {
    if (m.kernel === '5.6') return 'EINVAL';
    return madvisePopulate(m, space, addr, end, advice === 'populate_write');
  }
  return eachPart(space, addr, end, (vma, start, stop) => {
    switch (advice) {
      case 'dontneed':
        return dontneed(m, space, vma, start, stop);
      case 'free':
        return madviseFree(m, space, vma, start, stop);
      case 'cold':
      case 'pageout':
        return age(m, space, vma, start, stop, advice);
      case 'guard_install':
        return guardInstall(m, space, vma, start, stop);
      case 'guard_remove':
        return guardRemove(m, space, start, stop);
      default:
        return adviseFlags(m, space, vma, start, stop, advice);
    }
  });
};

/** Linux knows it since 6.13, and in mappings of files since 6.15. */
const isGuardAdvice = (advice: ModelledAdvice): boolean => advice === 'guard_install' || advice === 'guard_remove';

/** Visits the mapped parts of a range; a hole is an error only after all of them. @kernel madvise_walk_vmas() */
const eachPart = (space: Space, start: Addr, end: Addr, visit: (vma: Vma, start: Addr, end: Addr) => Errno): Errno => {
  let unmapped: Errno = 0;
  for (let at = start; at < end; ) {
    const vma = space.vmas[findVmaIndex(space.vmas, at)];
    if (!vma) return 'ENOMEM';
    if (vma.start > at) {
      unmapped = 'ENOMEM';
      at = vma.start;
      if (at >= end) break;
    }
    const stop = Math.min(vma.end, end);
    const errno = visit(vma, at, stop);
    if (errno !== 0) return errno;
    at = stop;
  }
  return unmapped;
};

const newFlags = (vma: Vma, advice: ModelledAdvice): number | 'EINVAL' => {
  switch (advice) {
    case 'dontfork':
      return vma.flags | VM_DONTCOPY;
    case 'dofork':
      return vma.flags & ~VM_DONTCOPY;
    case 'wipeonfork':
      return vma.file || (vma.flags & VM_SHARED) !== 0 ? 'EINVAL' : vma.flags | VM_WIPEONFORK;
    case 'keeponfork':
      return vma.flags & ~VM_WIPEONFORK;
    case 'hugepage':
      return (vma.flags & ~VM_NOHUGEPAGE) | VM_HUGEPAGE;
    case 'nohugepage':
      return (vma.flags & ~VM_HUGEPAGE) | VM_NOHUGEPAGE;
    default:
      return vma.flags;
  }
};

const adviseFlags = (m: Machine, space: Space, vma: Vma, start: Addr, end: Addr, advice: ModelledAdvice): Errno => {
  const flags = newFlags(vma, advice);
  if (flags === 'EINVAL') return 'EINVAL';
  if (flags === vma.flags) return 0;
  if (askSplit(m, space, vma, start, end) === 'oom') return 'ENOMEM';
  splitCut(m, space, vma, start, end, 'madvise');
  modifyFlags(space, vma, start, end, flags);
  countVmaWork(m, space, 'madvise');
  m.inPlace.clear();
  return 0;
};

/** @kernel madvise_dontneed_single_vma() */
const dontneed = (m: Machine, space: Space, vma: Vma, start: Addr, end: Addr): Errno => {
  if ((vma.flags & VM_LOCKED) !== 0) return 'EINVAL';
  if (m.asPosted && m.strategy.dontneed?.(space) === 'ignore') {
    m.suffer('advice-is-taken', `${space.name}: MADV_DONTNEED at ${start.toString(16)} does nothing`);
    return 0;
  }
  if (askTouch(m, space, start, end, 'dontneed', 'skip unmarked') === 'oom') return 'ENOMEM';
  zapRange(m, space, start, end, 'dontneed', markersOf(vma));
  m.inPlace.clear();
  if (m.ptReclaim) reclaimTables(m, space, start, end);
  return 0;
};

/**
 * Pages that nobody else maps are reclaimed. `cold` would only make them the next to go, and the model keeps no order.
 * @kernel madvise_cold(), madvise_pageout()
 */
const age = (m: Machine, space: Space, vma: Vma, start: Addr, end: Addr, advice: 'cold' | 'pageout'): Errno => {
  if ((vma.flags & VM_LOCKED) !== 0) return 'EINVAL';
  if (advice === 'cold' && m.frames.folios.count === 0) return 0;
  // Where tables are shared, only a table of one's own says how often a page is mapped.
  if (askTouch(m, space, start, end, 'reclaim') === 'oom') return 'ENOMEM';
  cutFolios(m, space, start, end, 'reclaim');
  m.inPlace.clear();
  if (advice === 'cold') return 0;
  reclaimFolios(m, space, start, end);
  reclaimRange(m, space, vma, start, end, true);
  return 0;
};

/**
 * Frees tables that the call covered whole and left empty. The call decides, not the VMA's extent or what was there.
 * @kernel mm/pt_reclaim.c try_get_and_clear_pmd(), since 6.14
 */
const reclaimTables = (m: Machine, space: Space, start: Addr, end: Addr): void => {
  eachTable(m, space, start, end, m.at, null, (at) => {
    if (start > at.start || end < at.end) return true;
    if (m.tables.used[at.table] === 0 && m.tables.refs[at.table] === 1) freeTable(m, space, at);
    return true;
  });
};

const freeTable = (m: Machine, space: Space, at: SlotCursor): void => {
  const { table } = at;
  at.write(0, 0);
  releaseTable(m, space, table, Y.dontneed);
  m.counters.add(W.slotsVisited, Y.dontneed, 1);
};
