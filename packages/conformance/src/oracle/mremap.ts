/** mremap, with MREMAP_MAYMOVE and MREMAP_FIXED or in place. @kernel 6.18 mm/mremap.c */
import { type MremapOp, type Outcome, PAGE_SIZE, pageAlign } from '@forklab/core';
import { unmap } from './map.js';
import { dropGuards, movePages, populateVma } from './memory.js';
import { FLAG, type FlatProc, type FlatVma, isPrivateAnonymous } from './types.js';
import { disarm, dropWp } from './uffd.js';
import { insertVma, mergeAround, pgoffOf, removeVmas, vmaAt, vmasIn } from './vmas.js';

/** A request, lengths rounded up to pages. */
interface Remap {
  readonly addr: number;
  readonly oldLength: number;
  readonly newLength: number;
  readonly to: number | null;
}

/** @kernel check_mremap_params() */
const refused = (op: MremapOp, { addr, oldLength, newLength, to }: Remap, taskSize: number): boolean => {
  if (addr % PAGE_SIZE !== 0 || newLength === 0 || newLength > taskSize) return true;
  if (to === null) return false;
  if (op.newAddr === undefined || to > taskSize - newLength || to % PAGE_SIZE !== 0) return true;
  return addr + oldLength > to && to + newLength > addr; // old and new place overlap
};

/** @kernel check_prep_vma() */
const check = (vma: FlatVma | undefined, { addr, oldLength, newLength, to }: Remap): Outcome => {
  if (vma === undefined) return 'EFAULT';
  if (to === null && newLength <= oldLength) return 0;
  // Length 0 asks for a second mapping of the same pages, which private memory cannot have.
  if (oldLength === 0 && !vma.shared) return 'EINVAL';
  // A move that shrinks unmaps the tail first, so only what is left must lie in one VMA.
  return Math.min(oldLength, newLength) > vma.end - addr ? 'EFAULT' : 0;
};

/** Moves a part of one VMA, whose new place may be larger or smaller. @kernel mremap_to(), move_vma() */
const moveOne = (proc: FlatProc, { addr, oldLength, newLength, to }: Remap & { readonly to: number }): Outcome => {
  unmap(proc, to, to + newLength);
  const vma = vmaAt(proc, addr);
  if (vma === undefined) return 'EFAULT';
  const length = Math.min(oldLength, newLength);
  if (newLength < oldLength) unmap(proc, addr + newLength, addr + oldLength);
  const fresh = isPrivateAnonymous(vma) && vma.anon === null;
  const moved = {
    ...vma,
    start: to,
    end: to + newLength,
    pgoff: fresh ? to / PAGE_SIZE : pgoffOf(vma, addr),
  };
  if (length > 0) removeVmas(proc, addr, addr + length);
  movePages(proc, addr, addr + length, to);
  dropGuards(proc, addr, addr + length, to);
  dropWp(proc, addr, addr + length, vma.uffd === null ? to : undefined);
  const whole = insertVma(proc, moved);
  disarm(proc, whole);
  if (whole.flags & FLAG.locked && newLength > length) populateVma(proc, whole, to + length, to + newLength);
  return 0;
};

/** A pure move may span several VMAs, and holes except at its start. @kernel remap_move() */
const moveMany = (proc: FlatProc, remap: Remap & { readonly to: number }): Outcome => {
  const { addr: start, oldLength, to } = remap;
  const end = start + oldLength;
  if (vmaAt(proc, start) === undefined) return 'EFAULT';
  // One at a time: a piece that has moved may have merged with one that is still to come.
  for (let at = start; at < end; ) {
    const vma = vmasIn(proc, at, end)[0];
    if (vma === undefined) return 0;
    const addr = Math.max(at, vma.start);
    if (vma.uffd !== null && (at > start || vma.end < end)) return 'EFAULT';
    at = Math.min(end, vma.end);
    const piece = { addr, oldLength: at - addr, newLength: at - addr, to: to + (addr - start) };
    const answer = check(vma, piece) || moveOne(proc, piece);
    if (answer !== 0) return answer;
  }
  return 0;
};

/** @kernel mremap_at() */
const inPlace = (proc: FlatProc, vma: FlatVma, { addr, oldLength, newLength }: Remap, taskSize: number): Outcome => {
  if (newLength <= oldLength) {
    // An empty range would still be cut out, and cuts do not heal.
    if (newLength < oldLength) unmap(proc, addr + newLength, addr + oldLength);
    return 0;
  }
  const end = addr + newLength;
  if (vma.end !== addr + oldLength || end > taskSize || vmasIn(proc, vma.end, end).length > 0) return 'ENOMEM';
  const oldEnd = vma.end;
  vma.end = end;
  const whole = mergeAround(proc, vma);
  if (whole.flags & FLAG.locked) populateVma(proc, whole, oldEnd, end);
  return 0;
};

export const mremap = (proc: FlatProc, op: MremapOp, taskSize: number): Outcome => {
  const to = op.newAddr ?? null;
  const remap = { addr: op.addr, oldLength: pageAlign(op.oldLength), newLength: pageAlign(op.newLength), to };
  if (refused(op, remap, taskSize)) return 'EINVAL';
  if (to !== null && remap.oldLength === remap.newLength) return moveMany(proc, { ...remap, to });
  const vma = vmaAt(proc, op.addr);
  const answer = check(vma, remap);
  if (answer !== 0) return answer;
  return to === null ? inPlace(proc, vma as FlatVma, remap, taskSize) : moveOne(proc, { ...remap, to });
};
