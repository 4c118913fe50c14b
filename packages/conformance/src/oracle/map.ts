/** mmap, munmap and mprotect. @kernel 6.18 mm/mmap.c, mm/vma.c, mm/mprotect.c */
import { type MmapOp, type MprotectOp, type MunmapOp, type Outcome, PAGE_SIZE, pageAlign } from '@forklab/core';
import { dropGuards, dropPages, populateVma } from './memory.js';
import { canWrite, FLAG, type FlatFile, type FlatProc, type FlatVma, isPrivateAnonymous } from './types.js';
import { dropWp } from './uffd.js';
import { insertVma, isolate, mergeAround, removeVmas, vmasIn } from './vmas.js';

/** Unmaps what is there, contents included. */
export const unmap = (proc: FlatProc, start: number, end: number): void => {
  removeVmas(proc, start, end);
  dropPages(proc, start, end);
  dropGuards(proc, start, end);
  dropWp(proc, start, end);
};

export const mmap = (proc: FlatProc, op: MmapOp, named: FlatFile | null, taskSize: number): Outcome => {
  const has = (flag: MmapOp['flags'][number]): boolean => op.flags.includes(flag);
  if (has('hugetlb')) return 'ENOSYS';
  const offset = op.offset ?? 0;
  if (offset % PAGE_SIZE !== 0) return 'EINVAL';
  if (!has('anonymous') && named === null) return 'EBADF';
  if (op.length === 0) return 'EINVAL';
  const length = pageAlign(op.length);
  const end = op.addr + length;
  if (end > taskSize) return 'ENOMEM';
  if (op.addr % PAGE_SIZE !== 0) return 'EINVAL';
  if (!has('fixed') && vmasIn(proc, op.addr, end).length > 0) return 'EEXIST';
  const shared = has('shared');
  if (has('growsdown') && (shared || !has('anonymous'))) return 'EINVAL';
  unmap(proc, op.addr, end);
  // Shared anonymous memory is a nameless file of exactly this length.
  const file = has('anonymous') ? (shared ? { name: '', size: length, pages: new Map() } : null) : named;
  const charge = has('noreserve') ? FLAG.noreserve : !shared && canWrite(op.prot) ? FLAG.account : 0;
  const flags = charge | (has('growsdown') ? FLAG.growsdown : 0);
  const pgoff = file === null ? op.addr / PAGE_SIZE : has('anonymous') ? 0 : offset / PAGE_SIZE;
  const vma = insertVma(proc, {
    start: op.addr,
    end,
    prot: op.prot,
    shared,
    file,
    pgoff,
    flags,
    anon: null,
    uffd: null,
  });
  if (has('populate')) populateVma(proc, vma, op.addr, end); // its errors are ignored
  return 0;
};

export const munmap = (proc: FlatProc, op: MunmapOp, taskSize: number): Outcome => {
  const length = pageAlign(op.length);
  if (op.addr % PAGE_SIZE !== 0 || op.addr + op.length > taskSize || length === 0) return 'EINVAL';
  unmap(proc, op.addr, op.addr + length);
  return 0;
};

/** The call can't wait for a handler. */
const populateLocked = (proc: FlatProc, vma: FlatVma, start: number, end: number): void => {
  proc.uffd.mayWait = false;
  populateVma(proc, vma, start, end);
  proc.uffd.mayWait = true;
};

export const mprotect = (proc: FlatProc, op: MprotectOp): Outcome => {
  if (op.addr % PAGE_SIZE !== 0) return 'EINVAL';
  const end = op.addr + pageAlign(op.length);
  let at = op.addr;
  // Stops at the first hole; what lies before it has changed.
  for (const vma of vmasIn(proc, op.addr, end)) {
    if (vma.start > at) return 'ENOMEM';
    at = vma.end;
    if (vma.prot === op.prot) continue;
    const part = isolate(proc, vma, op.addr, end);
    const charged = FLAG.account | FLAG.noreserve;
    if (canWrite(op.prot)) {
      if (!part.shared && !(part.flags & charged)) part.flags |= FLAG.account;
    } else if (isPrivateAnonymous(part) && part.anon === null) {
      part.flags &= ~FLAG.account;
    }
    const becomesWritable = !part.shared && !canWrite(part.prot) && canWrite(op.prot);
    part.prot = op.prot;
    const whole = mergeAround(proc, part);
    if (becomesWritable && whole.flags & FLAG.locked)
      populateLocked(proc, whole, Math.max(op.addr, vma.start), Math.min(end, at));
  }
  return at < end ? 'ENOMEM' : 0;
};
