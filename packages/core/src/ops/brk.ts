/** The heap: memory that grows and shrinks at one end. @kernel mm/mmap.c SYSCALL brk, release 6.18 */
import { PAGE_SIZE, pageAlign } from '../geometry.js';
import type { Machine } from '../machine.js';
import type { Space } from '../space.js';
import type { Addr } from '../strategy.js';
import { findVmaIndex, insertVma, VM_ACCOUNT, VM_READ, VM_WRITE, Vma } from '../vma.js';
import { expandLeft } from '../vma-merge.js';
import { countVmaWork } from '../walk.js';
import type { Errno } from './errno.js';
import { populateRange } from './gup.js';
import { unmapRange } from './munmap.js';
import { guardedStart } from './stack.js';

/** Where a heap begins and ends, in bytes. @kernel mm_struct start_brk, brk */
export interface Heap {
  readonly start: Addr;
  readonly end: Addr;
}

/** @kernel VM_DATA_DEFAULT_FLAGS, and what do_brk_flags() adds */
const HEAP_FLAGS = VM_READ | VM_WRITE | VM_ACCOUNT;

/**
 * Moves the end of the heap. A process of a trace has no executable behind which a heap would begin, so the first call
 * says where it begins. ENOMEM stands for the old end that the kernel answers when it refuses.
 */
export const brk = (m: Machine, space: Space, addr: Addr): Errno => {
  m.syscall('brk');
  const { heap } = space;
  if (addr >= m.geometry.taskSize) return 'ENOMEM';
  if (heap === null) {
    space.heap = { start: addr, end: addr };
    return 0;
  }
  if (addr < heap.start) return 'ENOMEM';
  const from = pageAlign(heap.end);
  const to = pageAlign(addr);
  const errno = to === from ? 0 : addr < heap.end ? shrink(m, space, to, from) : grow(m, space, heap, from, to);
  if (errno === 0) space.heap = { start: heap.start, end: addr };
  return errno;
};

/** Whatever lies there now goes, heap or not; but something must. */
const shrink = (m: Machine, space: Space, to: Addr, from: Addr): Errno => {
  const vma = space.vmas[findVmaIndex(space.vmas, to)];
  if (!vma || vma.start >= from) return 'ENOMEM';
  const errno = unmapRange(m, space, to, from, 'brk');
  return errno === 0 ? 0 : 'ENOMEM';
};

/** @kernel do_brk_flags() */
const grow = (m: Machine, space: Space, heap: Heap, from: Addr, to: Addr): Errno => {
  if (to > m.geometry.taskSize) return 'ENOMEM';
  const at = findVmaIndex(space.vmas, from);
  const next = space.vmas[at];
  // A page must stay free behind the heap, and the guard gap of a stack besides.
  if (next && to + PAGE_SIZE > guardedStart(m, next)) return 'ENOMEM';
  const prev = space.vmas[at - 1];
  const range = {
    start: from,
    end: to,
    flags: HEAP_FLAGS,
    pgoff: from / PAGE_SIZE,
    file: null,
    anonVma: null,
    uffd: null,
  };
  // Only what reaches into the heap is grown: not a mapping that happens to end where the heap begins.
  if (!(prev && prev.end > heap.start && expandLeft(space, prev, range))) {
    insertVma(space.vmas, new Vma(from, to, HEAP_FLAGS, range.pgoff, null));
  }
  countVmaWork(m, space, 'brk');
  if (m.asPosted && m.strategy.populate?.(space) === 'read') populateRange(m, space, from, to);
  return 0;
};
