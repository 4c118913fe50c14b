/** The heap. @kernel 6.18 mm/mmap.c */
import { type BrkOp, type Outcome, PAGE_SIZE, pageAlign } from '@forklab/core';
import { unmap } from './map.js';
import { guardedStart } from './stack.js';
import { FLAG, type FlatProc, type FlatVma } from './types.js';
import { insertVma, mergeLeft, vmasIn } from './vmas.js';

/** The first brk says where the heap begins. @kernel SYSCALL brk */
export const brk = (proc: FlatProc, { addr }: BrkOp): Outcome => {
  const { heap } = proc;
  const { taskSize } = proc.geometry;
  if (addr >= taskSize) return 'ENOMEM';
  const { start, end } = heap.range ?? { start: addr, end: addr };
  if (addr < start) return 'ENOMEM';
  const from = pageAlign(end);
  const to = pageAlign(addr);
  if (to < from) {
    if (vmasIn(proc, to, from).length === 0) return 'ENOMEM';
    unmap(proc, to, from);
  } else if (to > from) {
    const next = proc.vmas.find((vma) => vma.end > from);
    if (to > taskSize || (next && to + PAGE_SIZE > guardedStart(proc, next))) return 'ENOMEM';
    grow(proc, start, from, to);
  }
  heap.range = { start, end: addr };
  return 0;
};

/** It joins what is below, if that reaches into the heap, and nothing above. */
const grow = (proc: FlatProc, start: number, from: number, to: number): void => {
  const fresh: FlatVma = {
    start: from,
    end: to,
    prot: 'rw-',
    shared: false,
    file: null,
    pgoff: from / PAGE_SIZE,
    flags: FLAG.account,
    anon: null,
    uffd: null,
  };
  const added = insertVma(proc, fresh, false);
  const below = proc.vmas[proc.vmas.indexOf(added) - 1];
  if (below && below.end > start) mergeLeft(proc, added);
};
