/**
 * userfaultfd write protection: who is registered, which pages are protected, and what a write to one of them does.
 * @kernel 6.18 fs/userfaultfd.c, mm/userfaultfd.c
 */
import {
  type Outcome,
  PAGE_SIZE,
  type UffdMode,
  type UffdRegisterOp,
  type UffdUnregisterOp,
  type UffdWriteprotectOp,
} from '@forklab/core';
import { FLAG, type FlatProc, type FlatUffd, type FlatVma, isPrivateAnonymous } from './types.js';
import { isolate, mergeAround, vmasIn } from './vmas.js';

/** @kernel validate_range() */
const isRange = ({ addr, length }: { addr: number; length: number }, taskSize: number): boolean =>
  addr % PAGE_SIZE === 0 && length % PAGE_SIZE === 0 && length > 0 && addr + length <= taskSize;

const contextOf = (proc: FlatProc, mode: UffdMode): FlatUffd => {
  const there = proc.uffd.contexts.get(mode);
  if (there) return there;
  const fresh = { async: mode === 'wp-async', unpopulated: mode !== 'wp' };
  proc.uffd.contexts.set(mode, fresh);
  return fresh;
};

const setContext = (proc: FlatProc, vma: FlatVma, start: number, end: number, uffd: FlatUffd | null): void => {
  const part = isolate(proc, vma, start, end);
  part.uffd = uffd;
  part.flags = uffd ? part.flags | FLAG.uffdWp : part.flags & ~FLAG.uffdWp;
  mergeAround(proc, part);
};

export const uffdRegister = (proc: FlatProc, op: UffdRegisterOp, taskSize: number): Outcome => {
  const end = op.addr + op.length;
  const vmas = isRange(op, taskSize) ? vmasIn(proc, op.addr, end) : [];
  if (vmas.length === 0) return 'EINVAL';
  const context = contextOf(proc, op.mode);
  if (vmas.some(({ uffd }) => uffd !== null && uffd !== context)) return 'EBUSY';
  for (const vma of vmas) if (vma.uffd === null) setContext(proc, vma, op.addr, end, context);
  return 0;
};

export const uffdUnregister = (proc: FlatProc, op: UffdUnregisterOp, taskSize: number): Outcome => {
  const end = op.addr + op.length;
  const vmas = isRange(op, taskSize) ? vmasIn(proc, op.addr, end) : [];
  const context = contextOf(proc, op.mode);
  if (vmas.length === 0 || vmas.some(({ uffd }) => uffd !== null && uffd !== context)) return 'EINVAL';
  for (const vma of vmas) {
    if (vma.uffd === null) continue;
    dropWp(proc, Math.max(op.addr, vma.start), Math.min(end, vma.end));
    setContext(proc, vma, op.addr, end, null);
  }
  return 0;
};

/** Anonymous memory that nobody has touched is protected only where that was asked for. */
const canProtect = (proc: FlatProc, vma: FlatVma, page: number): boolean => {
  if (proc.guards.has(page)) return false;
  if (!isPrivateAnonymous(vma) || vma.uffd?.unpopulated) return true;
  return proc.pages.has(page) || proc.uffd.zeroes.has(page);
};

/** Up to the first VMA that is not registered; what lies before it has changed. */
export const uffdWriteprotect = (proc: FlatProc, op: UffdWriteprotectOp, taskSize: number): Outcome => {
  if (!isRange(op, taskSize)) return 'EINVAL';
  const end = op.addr + op.length;
  const vmas = vmasIn(proc, op.addr, end);
  if (vmas.length === 0) return 'ENOENT';
  for (const vma of vmas) {
    if (vma.uffd === null) return 'ENOENT';
    const [from, to] = [Math.max(op.addr, vma.start), Math.min(end, vma.end)];
    if (!op.protect) dropWp(proc, from, to);
    else
      for (let page = from / PAGE_SIZE; page < to / PAGE_SIZE; page++)
        if (canProtect(proc, vma, page)) proc.uffd.wp.add(page);
  }
  return 0;
};

/**
 * A write that has found its page: true when it may go on. Protection goes with the first write, and with a handler that
 * is an event; a call that can't wait for one gives up.
 */
export const noteWrite = (proc: FlatProc, vma: FlatVma, page: number): boolean => {
  const { uffd } = proc;
  if (vma.uffd === null || !uffd.wp.has(page)) return true;
  if (!vma.uffd.async && !uffd.mayWait) return false;
  uffd.wp.delete(page);
  if (!vma.uffd.async) uffd.events++;
  return true;
};

/** Takes protection out of [start, end), or moves it to `to`. */
export const dropWp = (proc: FlatProc, start: number, end: number, to?: number): void => {
  const { uffd } = proc;
  const gone = [...uffd.wp].filter((page) => page >= start / PAGE_SIZE && page < end / PAGE_SIZE);
  for (const page of gone) uffd.wp.delete(page);
  if (to !== undefined) for (const page of gone) uffd.wp.add(page + (to - start) / PAGE_SIZE);
};

/** What has moved leaves its userfaultfd; the neighbour into which it merged leaves it, too, and keeps its marks. */
export const disarm = (proc: FlatProc, vma: FlatVma): void => {
  if (vma.uffd === null) return;
  vma.uffd = null;
  vma.flags &= ~FLAG.uffdWp;
  // A page of a file may lose such a mark at a fault or keep it: that depends on what tables hold.
  const [first, last] = [vma.start / PAGE_SIZE, vma.end / PAGE_SIZE];
  if (!isPrivateAnonymous(vma) && [...proc.uffd.wp].some((page) => page >= first && page < last)) {
    proc.uffd.known = false;
  }
};
