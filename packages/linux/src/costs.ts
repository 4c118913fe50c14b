/** What parts of fork, faults and unmapping cost on this kernel; see native/costs.c. */
import type { CompileOptions } from './compile.js';
import { openLineProgram, type ProbePair } from './line-program.js';

/** Page tables, written pages in each, side by side or spread evenly over the table. */
export interface CostLayout {
  /** 0 to 65536. */
  readonly tables: number;
  /** 0 to 512. */
  readonly pages: number;
  readonly spread: boolean;
}

export interface Costs {
  /** The fork call, then the exit of the child until it is reaped, with so many small mappings more (up to 30000). */
  fork(layout: CostLayout, vmas: number): Promise<ProbePair>;
  /** First writes, then munmap. */
  touch(layout: CostLayout): Promise<ProbePair>;
  /** Writes that copy, then writes that reuse. */
  cow(layout: CostLayout): Promise<ProbePair>;
  /** mprotect to read-only, then back. */
  protect(layout: CostLayout): Promise<ProbePair>;
  /** A page made read-only and writable again while `threads` others run (up to 64); the second figure means nothing. */
  shoot(threads: number): Promise<ProbePair>;
  close(): void;
}

const said = ({ tables, pages, spread }: CostLayout): string => `${tables} ${pages} ${spread ? 1 : 0}`;

/**
 * Starts the program that measures. Huge pages are off in it.
 * @throws ForklabError FL4001 to FL4004 (it cannot be built here); its methods throw FL4010 (it ended).
 */
export const openCosts = async (options: CompileOptions = {}): Promise<Costs> => {
  const { ask, close } = await openLineProgram('costs', options);
  return {
    fork: (layout, vmas) => ask(`layout ${said(layout)} ${vmas}`),
    touch: (layout) => ask(`touch ${said(layout)}`),
    cow: (layout) => ask(`cow ${said(layout)}`),
    protect: (layout) => ask(`protect ${said(layout)}`),
    shoot: (threads) => ask(`shoot ${threads}`),
    close,
  };
};
