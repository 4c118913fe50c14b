/** Pieces of traces that workloads are put together from. */
import type { Op } from '@forklab/core';

export const PAGE = 4096;
export const MIB = 2 ** 20;
/** What one PTE table maps. */
export const TABLE = 2 * MIB;

/** Where the ranges of a workload lie: so far apart that they never share a table. */
export const HEAP = 2 ** 44;
export const FILE = 2 ** 45;
export const OWN = 2 ** 46;

/** A process with `bytes` of private memory, every page of it written. */
export const filledProcess = (proc: string, bytes: number): readonly Op[] => [
  { op: 'process', proc },
  { op: 'mmap', proc, addr: HEAP, length: bytes, prot: 'rw-', flags: ['private', 'anonymous'] },
  { op: 'write', proc, addr: HEAP, length: bytes },
];

/**
 * How far apart `pages` pages lie so that they meet about `tables` tables, within `bytes`: what sharing tables costs
 * hangs on both numbers.
 */
export const strideFor = (pages: number, tables: number, bytes: number): number => {
  const span = Math.min(bytes, Math.max(1, tables) * TABLE);
  return Math.max(PAGE, Math.floor(span / Math.max(1, pages) / PAGE) * PAGE);
};

/** `pages` writes, `stride` bytes apart, from `addr` on; nothing for no pages. */
export const writeApart = (proc: string, addr: number, pages: number, stride: number, value: number): readonly Op[] =>
  pages === 0 ? [] : [{ op: 'write', proc, addr, length: (pages - 1) * stride + PAGE, stride, value }];
