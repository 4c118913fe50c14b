/** @kernel mm/mprotect.c do_mprotect_pkey(), mprotect_fixup(), release 6.18 */
import { changeEntries } from '../change-entries.js';
import { Y } from '../counters.js';
import { assertModel } from '../errors/violation.js';
import { isPageAligned, PAGE_SIZE, pageAlign } from '../geometry.js';
import { protectHugePmd, splitCut } from '../huge-pmd.js';
import type { Machine } from '../machine.js';
import { protectEntries } from '../protect-entries.js';
import type { SlotCursor } from '../slot.js';
import type { Space } from '../space.js';
import type { Addr } from '../strategy.js';
import { findVmaIndex, VM_ACCESS, VM_ACCOUNT, VM_LOCKED, VM_NORESERVE, VM_SHARED, VM_WRITE, type Vma } from '../vma.js';
import { modifyFlags } from '../vma-merge.js';
import { countVmaWork, eachTable } from '../walk.js';
import type { Errno } from './errno.js';
import { populateVma } from './gup.js';
import { protFlags } from './mmap.js';
import { askTouch } from './zap.js';

export const mprotect = (m: Machine, space: Space, addr: Addr, length: number, prot: string): Errno => {
  m.syscall('mprotect');
  if (!isPageAligned(addr)) return 'EINVAL';
  if (length === 0) return 0;
  const end = addr + pageAlign(length);
  const rights = protFlags(prot);
  const first = space.vmas[findVmaIndex(space.vmas, addr)];
  if (!first || first.start > addr) return 'ENOMEM';
  let at = addr;
  while (at < end) {
    const vma = space.vmas[findVmaIndex(space.vmas, at)];
    // What lies before a hole has changed already: that is how Linux does it.
    if (!vma || vma.start > at) return 'ENOMEM';
    const stop = Math.min(vma.end, end);
    const errno = protectPart(m, space, vma, at, stop, rights);
    if (errno !== 0) return errno;
    at = stop;
  }
  return 0;
};

/** Flags of a VMA with other access rights; private memory that becomes writable is charged from then on. */
const flagsWith = (vma: Vma, rights: number): number => {
  const flags = (vma.flags & ~VM_ACCESS) | rights;
  if ((rights & VM_WRITE) !== 0) {
    const free = (vma.flags & (VM_ACCOUNT | VM_WRITE | VM_SHARED | VM_NORESERVE)) === 0;
    return free ? flags | VM_ACCOUNT : flags;
  }
  const unfaulted = (vma.flags & VM_ACCOUNT) !== 0 && vma.anonymous && !vma.anonVma;
  return unfaulted ? flags & ~VM_ACCOUNT : flags;
};

/** The call holds the mm's lock all the time, so it can't wait for a handler: protected pages end it. */
const populateLocked = (m: Machine, space: Space, vma: Vma, start: Addr, end: Addr): void => {
  space.mayWait = false;
  populateVma(m, space, vma, start, end);
  space.mayWait = true;
};

const protectPart = (m: Machine, space: Space, vma: Vma, start: Addr, end: Addr, rights: number): Errno => {
  const flags = flagsWith(vma, rights);
  if (((vma.flags & ~VM_ACCESS) | rights) === vma.flags) return 0;
  if (m.strategy.mayChange?.(space, vma, 'protect') === 'refuse') return 'EINVAL';
  if (askTouch(m, space, start, end, 'mprotect') === 'oom') return 'ENOMEM';
  splitCut(m, space, vma, start, end, 'mprotect');
  const oldFlags = vma.flags;
  const target = modifyFlags(space, vma, start, end, flags);
  countVmaWork(m, space, 'mprotect');
  // Shared memory files need no notification of writes, so their entries get the VMA's rights as they are.
  const upgrade = (flags & (VM_SHARED | VM_WRITE)) === VM_WRITE && m.kernel !== '5.6';
  const change = { lo: target.protLo, hi: target.protHi, upgrade };
  const keepsWp = { wp: 'keep', markers: false } as const;
  let changed = 0;
  const table = (at: SlotCursor) => {
    assertModel(
      m.asPosted || m.tables.refs[at.table] === 1 || m.inPlace.has(at.table),
      'no-change-while-shared',
      'rights were about to change in a table that other spaces hold',
    );
    if (m.asPosted && m.tables.refs[at.table]! > 1) {
      m.suffer('no-change-while-shared', `${space.name}: mprotect changes table ${at.table} for every holder`);
    }
    const first = (Math.max(start, at.start) - at.start) / PAGE_SIZE;
    const last = (Math.min(end, at.end) - at.start) / PAGE_SIZE;
    changed += target.uffd
      ? changeEntries(m, at.table, first, last, { ...change, ...keepsWp }, Y.mprotect)
      : protectEntries(m, at.table, first, last, change, Y.mprotect);
    return true;
  };
  const leaf = (at: SlotCursor) => {
    // The cuts have been split, so that a leaf lies inside the range with all it maps.
    protectHugePmd(m, at, change, Y.mprotect);
    changed += m.geometry.entries;
    return true;
  };
  eachTable(m, space, start, end, m.at, null, table, leaf);
  m.inPlace.clear();
  if (changed > 0) m.flushRange(space, start, end, Y.mprotect);
  const becameWritable = (oldFlags & (VM_WRITE | VM_SHARED | VM_LOCKED)) === VM_LOCKED && (flags & VM_WRITE) !== 0;
  if (becameWritable) populateLocked(m, space, target, start, end);
  return 0;
};
