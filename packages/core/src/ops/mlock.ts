/** @kernel mm/mlock.c, release 6.18 */
import { alignDown, PAGE_SIZE, pageAlign } from '../geometry.js';
import { splitCut } from '../huge-pmd.js';
import type { Machine } from '../machine.js';
import type { Space } from '../space.js';
import type { Addr } from '../strategy.js';
import { findVmaIndex, VM_LOCKED } from '../vma.js';
import { modifyFlags } from '../vma-merge.js';
import { countVmaWork } from '../walk.js';
import type { Errno } from './errno.js';
import { populateVma } from './gup.js';
import { askSplit } from './zap.js';

/** Sets or clears VM_LOCKED; what lies before a hole has changed already. @kernel apply_vma_lock_flags() */
const applyLock = (m: Machine, space: Space, start: Addr, end: Addr, lock: boolean): Errno => {
  for (let at = start; at < end; ) {
    const vma = space.vmas[findVmaIndex(space.vmas, at)];
    if (!vma || vma.start > at) return 'ENOMEM';
    const stop = Math.min(vma.end, end);
    const flags = lock ? vma.flags | VM_LOCKED : vma.flags & ~VM_LOCKED;
    if (flags !== vma.flags) {
      if (askSplit(m, space, vma, at, stop) === 'oom') return 'ENOMEM';
      splitCut(m, space, vma, at, stop, 'mlock');
      modifyFlags(space, vma, at, stop, flags);
      countVmaWork(m, space, 'mlock');
    }
    at = stop;
  }
  return 0;
};

/** Locks and populates. The limit on locked memory is not modelled: root has none. */
export const mlock = (m: Machine, space: Space, addr: Addr, length: number): Errno => {
  m.syscall('mlock');
  const start = alignDown(addr, PAGE_SIZE);
  const end = start + pageAlign(length + (addr - start));
  const errno = applyLock(m, space, start, end, true);
  if (errno !== 0) return errno;
  for (let at = start; at < end; ) {
    const vma = space.vmas[findVmaIndex(space.vmas, at)]!;
    const stop = Math.min(vma.end, end);
    const done = populateVma(m, space, vma, at, stop);
    // @kernel __mlock_posix_error_return(): EFAULT turns into ENOMEM, ENOMEM into EAGAIN
    if (done !== 'ok') return done === 'ENOMEM' ? 'EAGAIN' : 'ENOMEM';
    at = stop;
  }
  return 0;
};

export const munlock = (m: Machine, space: Space, addr: Addr, length: number): Errno => {
  m.syscall('mlock');
  const start = alignDown(addr, PAGE_SIZE);
  return applyLock(m, space, start, start + pageAlign(length + (addr - start)), false);
};
