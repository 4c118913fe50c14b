/** madvise and mlock. @kernel 6.18 mm/madvise.c, mm/mlock.c */
import {
  type Advice,
  type MadviseOp,
  type MlockOp,
  type MunlockOp,
  type Outcome,
  PAGE_SIZE,
  pageAlign,
} from '@forklab/core';
import { dropGuards, dropPages, populate, populateVma } from './memory.js';
import { FLAG, type FlatProc, type FlatVma, isPrivateAnonymous } from './types.js';
import { dropWp } from './uffd.js';
import { ensureAnon, hasHole, isolate, mergeAround, vmaAt, vmasIn } from './vmas.js';

const setFlags = (proc: FlatProc, vma: FlatVma, start: number, end: number, flags: number): void => {
  if (vma.flags === flags) return;
  const part = isolate(proc, vma, start, end);
  part.flags = flags;
  mergeAround(proc, part);
};

type Change = (vma: FlatVma) => number | 'EINVAL';

/** The flags of a VMA after the advice. */
const FLAG_ADVICE: Partial<Record<Advice, Change>> = {
  normal: (vma) => vma.flags,
  dontfork: (vma) => vma.flags | FLAG.dontfork,
  dofork: (vma) => vma.flags & ~FLAG.dontfork,
  wipeonfork: (vma) => (isPrivateAnonymous(vma) ? vma.flags | FLAG.wipeonfork : 'EINVAL'),
  keeponfork: (vma) => vma.flags & ~FLAG.wipeonfork,
  hugepage: (vma) => (vma.flags & ~FLAG.nohugepage) | FLAG.hugepage,
  nohugepage: (vma) => (vma.flags & ~FLAG.hugepage) | FLAG.nohugepage,
  unmergeable: (vma) => vma.flags,
};

/** What was there goes, and with it write protection, but where a userfaultfd watches over pages of a file. */
const drop = (proc: FlatProc, vma: FlatVma, start: number, end: number): void => {
  dropPages(proc, start, end);
  if (vma.uffd === null || isPrivateAnonymous(vma)) dropWp(proc, start, end);
};

/** What was there goes. Anonymous memory gets an anon_vma, as if it had been written. */
const guardInstall = (proc: FlatProc, vma: FlatVma, start: number, end: number): Outcome => {
  if (vma.flags & FLAG.locked) return 'EINVAL';
  const [first, last] = [start / PAGE_SIZE, end / PAGE_SIZE];
  const outlives = vma.uffd !== null && !isPrivateAnonymous(vma);
  // Linux never comes back from this.
  if (outlives && [...proc.uffd.wp].some((page) => page >= first && page < last)) return 'ENOSYS';
  if (isPrivateAnonymous(vma)) ensureAnon(proc, vma);
  vma.flags |= FLAG.maybeGuard;
  drop(proc, vma, start, end);
  for (let page = start / PAGE_SIZE; page < end / PAGE_SIZE; page++) proc.guards.add(page);
  return 0;
};

/** Advice about pages, which changes no flag of a VMA. */
const PAGE_ADVICE: readonly Advice[] = ['dontneed', 'cold', 'pageout', 'guard_install', 'guard_remove'];

const advise = (proc: FlatProc, vma: FlatVma, start: number, end: number, advice: Advice): Outcome => {
  if (advice === 'dontneed') {
    if (vma.flags & FLAG.locked) return 'EINVAL';
    drop(proc, vma, Math.max(start, vma.start), Math.min(end, vma.end));
    return 0;
  }
  // Whether a page is in memory or in swap is nothing that a program could see.
  if (advice === 'cold' || advice === 'pageout') return vma.flags & FLAG.locked ? 'EINVAL' : 0;
  if (advice === 'guard_install') return guardInstall(proc, vma, Math.max(start, vma.start), Math.min(end, vma.end));
  if (advice === 'guard_remove') {
    dropGuards(proc, Math.max(start, vma.start), Math.min(end, vma.end));
    return 0;
  }
  const flags = FLAG_ADVICE[advice]?.(vma) ?? 'EINVAL';
  if (typeof flags === 'string') return flags;
  setFlags(proc, vma, start, end, flags);
  return 0;
};

export const madvise = (proc: FlatProc, op: MadviseOp): Outcome => {
  const populates = op.advice === 'populate_read' || op.advice === 'populate_write';
  if (!populates && !PAGE_ADVICE.includes(op.advice) && !(op.advice in FLAG_ADVICE)) return 'ENOSYS';
  if (op.addr % PAGE_SIZE !== 0) return 'EINVAL';
  const end = op.addr + pageAlign(op.length);
  if (populates) return populate(proc, op.addr, end, op.advice === 'populate_write');
  const holes = hasHole(proc, op.addr, end);
  for (const vma of vmasIn(proc, op.addr, end)) {
    const answer = advise(proc, vma, op.addr, end, op.advice);
    if (answer !== 0) return answer;
  }
  return holes ? 'ENOMEM' : 0; // after all parts that are mapped have been done
};

/** Sets or clears the lock up to the first hole. @kernel apply_vma_lock_flags() */
const setLocked = (proc: FlatProc, start: number, end: number, locked: boolean): Outcome => {
  let at = start;
  for (const vma of vmasIn(proc, start, end)) {
    if (vma.start > at) return 'ENOMEM';
    at = vma.end;
    setFlags(proc, vma, start, end, locked ? vma.flags | FLAG.locked : vma.flags & ~FLAG.locked);
  }
  return at < end ? 'ENOMEM' : 0;
};

const lockedRange = (op: MlockOp | MunlockOp): { start: number; end: number } => {
  const start = op.addr - (op.addr % PAGE_SIZE);
  return { start, end: start + pageAlign(op.length + op.addr - start) };
};

export const mlock = (proc: FlatProc, op: MlockOp): Outcome => {
  const { start, end } = lockedRange(op);
  const answer = setLocked(proc, start, end, true);
  if (answer !== 0) return answer;
  for (let at = start; at < end; ) {
    const vma = vmaAt(proc, at) as FlatVma;
    const stop = Math.min(end, vma.end);
    if (populateVma(proc, vma, at, stop) !== 0) return 'ENOMEM';
    at = stop;
  }
  return 0;
};

export const munlock = (proc: FlatProc, op: MunlockOp): Outcome => {
  const { start, end } = lockedRange(op);
  return setLocked(proc, start, end, false);
};
