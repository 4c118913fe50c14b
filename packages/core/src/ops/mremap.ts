/** Moving and resizing mappings. @kernel mm/mremap.c do_mremap() and what it calls, release 6.18 */
import { anonVmaClone } from '../anon-vma.js';
import { isPageAligned, PAGE_SIZE, pageAlign } from '../geometry.js';
import type { Machine } from '../machine.js';
import type { Space } from '../space.js';
import type { Addr } from '../strategy.js';
import { anyVmaIn, findVmaIndex, insertVma, VM_LOCKED, VM_UFFD_WP, Vma, vmaLookup } from '../vma.js';
import { mergeNewRange } from '../vma-merge.js';
import { countVmaWork } from '../walk.js';
import type { Errno } from './errno.js';
import { populateRange } from './gup.js';
import { movePageTables } from './move-page-tables.js';
import { unmapRange } from './munmap.js';
import { askTouch } from './zap.js';

export interface MremapArgs {
  readonly addr: Addr;
  readonly oldLength: number;
  readonly newLength: number;
  /** Where to move to (MREMAP_MAYMOVE and MREMAP_FIXED); null: in place only. */
  readonly newAddr: Addr | null;
}

/** One VMA's part of the work, lengths rounded up to pages. */
interface Remap {
  readonly vma: Vma;
  readonly addr: Addr;
  readonly oldLen: number;
  readonly newLen: number;
}

export const mremap = (m: Machine, space: Space, args: MremapArgs): Errno => {
  m.syscall('mremap');
  const { addr, newAddr } = args;
  const oldLen = pageAlign(args.oldLength);
  const newLen = pageAlign(args.newLength);
  if (!isPageAligned(addr) || newLen === 0) return 'EINVAL';
  // Before 6.17 only a move asked whether a length can be one at all.
  if (newLen > m.geometry.taskSize && (newAddr !== null || m.kernel === '6.18')) return 'EINVAL';
  if (newAddr !== null) {
    if (newAddr > m.geometry.taskSize - newLen) return 'EINVAL';
    if (!isPageAligned(newAddr)) return 'EINVAL';
    if (addr + oldLen > newAddr && newAddr + newLen > addr) return 'EINVAL';
    if (oldLen === newLen && m.kernel === '6.18') return moveVmas(m, space, addr, oldLen, newAddr);
  }
  const vma = vmaLookup(space.vmas, addr);
  if (!vma) return 'EFAULT';
  const remap = { vma, addr, oldLen, newLen };
  const errno = checkVma(remap, newAddr !== null);
  if (errno !== 0) return errno;
  return newAddr === null ? remapInPlace(m, space, remap) : remapTo(m, space, remap, newAddr);
};

/** @kernel check_prep_vma() */
const checkVma = ({ vma, addr, oldLen, newLen }: Remap, moves: boolean): Errno => {
  if (!moves && newLen <= oldLen) return 0;
  // A length of 0 asks for a second mapping of the same pages: that makes sense of shared memory only.
  if (oldLen === 0 && !vma.shared) return 'EINVAL';
  // What is cut off first need not belong to this VMA.
  return Math.min(oldLen, newLen) > vma.end - addr ? 'EFAULT' : 0;
};

/** A move without resizing takes every VMA of the range along, gaps kept, since 6.17. @kernel remap_move() */
const moveVmas = (m: Machine, space: Space, start: Addr, length: number, newAddr: Addr): Errno => {
  const end = start + length;
  let at = start;
  let seen = false;
  while (at < end) {
    const vma = space.vmas[findVmaIndex(space.vmas, at)];
    if (!vma || vma.start >= end) break;
    if (!seen && vma.start > start) return 'EFAULT';
    const from = Math.max(vma.start, start);
    const stop = Math.min(vma.end, end);
    const len = stop - from;
    // Moves of several VMAs could not tell a userfaultfd of each. @kernel vma_multi_allowed()
    if (vma.uffd && (seen || vma.end < end)) return 'EFAULT';
    const errno = remapTo(m, space, { vma, addr: from, oldLen: len, newLen: len }, newAddr + (from - start));
    if (errno !== 0) return errno;
    seen = true;
    at = stop;
  }
  return seen ? 0 : 'EFAULT';
};

/** @kernel mremap_to() */
const remapTo = (m: Machine, space: Space, remap: Remap, newAddr: Addr): Errno => {
  const { addr, newLen } = remap;
  const cleared = unmapRange(m, space, newAddr, newAddr + newLen, 'mremap to');
  if (cleared !== 0) return cleared;
  let { oldLen } = remap;
  if (oldLen > newLen) {
    const cut = unmapRange(m, space, addr + newLen, addr + oldLen, 'mremap');
    if (cut !== 0) return cut;
    oldLen = newLen;
  }
  const vma = vmaLookup(space.vmas, addr);
  return vma ? moveVma(m, space, { vma, addr, oldLen, newLen }, newAddr) : 'EFAULT';
};

/** @kernel mremap_at() */
const remapInPlace = (m: Machine, space: Space, remap: Remap): Errno => {
  const { vma, addr, oldLen, newLen } = remap;
  if (newLen === oldLen) return 0;
  if (newLen < oldLen) return unmapRange(m, space, addr + newLen, addr + oldLen, 'mremap');
  const oldEnd = vma.end;
  const grown = newLen - oldLen;
  const atEnd = addr + oldLen === oldEnd;
  const end = oldEnd + grown;
  if (!atEnd || end > m.geometry.taskSize || anyVmaIn(space.vmas, oldEnd, end)) return 'ENOMEM';
  if (m.strategy.mayChange?.(space, vma, 'grow') === 'refuse') return 'EFAULT';
  const { flags, file, anonVma, uffd } = vma;
  mergeNewRange(space, { start: oldEnd, end, flags, pgoff: vma.pgoff + vma.pages, file, anonVma, uffd });
  countVmaWork(m, space, 'mremap');
  if ((flags & VM_LOCKED) !== 0) populateRange(m, space, oldEnd, end);
  return 0;
};

/** The VMA at the new place: a neighbour grown over it, or a copy. @kernel copy_vma() */
const copyVma = (space: Space, vma: Vma, addr: Addr, newAddr: Addr, len: number): Vma => {
  // Untouched anonymous memory takes the offset of its new place, so that it may merge there.
  const fresh = vma.anonymous && !vma.anonVma;
  const pgoff = fresh ? newAddr / PAGE_SIZE : vma.pgoff + (addr - vma.start) / PAGE_SIZE;
  const { flags, file, anonVma, uffd } = vma;
  const range = { start: newAddr, end: newAddr + len, flags, pgoff, file, anonVma, uffd };
  const merged = mergeNewRange(space, range, vma);
  if (merged) return merged;
  const copy = new Vma(newAddr, newAddr + len, flags, pgoff, file);
  copy.mark = vma.mark;
  copy.anonVma = anonVma;
  copy.uffd = uffd;
  anonVmaClone(copy, vma);
  insertVma(space.vmas, copy);
  return copy;
};

/** @kernel move_vma() */
const moveVma = (m: Machine, space: Space, { vma, addr, oldLen, newLen }: Remap, newAddr: Addr): Errno => {
  if (m.strategy.mayChange?.(space, vma, 'move') === 'refuse') return 'EINVAL';
  if (!m.asPosted && askTouch(m, space, addr, addr + oldLen, 'mremap') === 'oom') return 'ENOMEM';
  if (askTouch(m, space, newAddr, newAddr + oldLen, 'mremap to') === 'oom') return 'ENOMEM';
  const locked = (vma.flags & VM_LOCKED) !== 0;
  const copy = copyVma(space, vma, addr, newAddr, newLen);
  const old = vmaLookup(space.vmas, addr)!;
  if (!movePageTables(m, space, { old, copy, addr, newAddr, length: oldLen })) {
    undoMove(m, space, { old, copy, addr, newAddr, length: oldLen });
    unmapRange(m, space, newAddr, newAddr + newLen, 'mremap to');
    return 'ENOMEM';
  }
  disarm(space, copy, newLen);
  countVmaWork(m, space, 'mremap');
  m.inPlace.clear();
  if (oldLen > 0) {
    const errno = unmapRange(m, space, addr, addr + oldLen, 'mremap');
    if (errno !== 0) return errno;
  }
  if (locked && newLen > oldLen) populateRange(m, space, newAddr + oldLen, newAddr + newLen);
  return 0;
};

/**
 * What has moved leaves its userfaultfd, as it does when that asked for no event about moves; a neighbour into which it
 * merged leaves it, too. @kernel mremap_userfaultfd_prep()
 */
const disarm = (space: Space, copy: Vma, newLen: number): void => {
  if (copy.uffd && copy.end - copy.start > newLen) space.strayWp = true;
  copy.uffd = null;
  copy.setFlags(copy.flags & ~VM_UFFD_WP);
};

/** Moves back what was moved: the old tables are still there, so that cannot fail. */
const undoMove = (
  m: Machine,
  space: Space,
  move: { old: Vma; copy: Vma; addr: Addr; newAddr: Addr; length: number },
): void => {
  const { old, copy, addr, newAddr, length } = move;
  movePageTables(m, space, { old: copy, copy: old, addr: newAddr, newAddr: addr, length });
};
