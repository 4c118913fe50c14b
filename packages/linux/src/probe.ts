/** What fork and faults cost on this kernel, one measurement a call, so that a benchmark can interleave them. */
import type { CompileOptions } from './compile.js';
import { openLineProgram, type ProbePair } from './line-program.js';

export interface Probe {
  /** `pages` entries copied, then removed, by a plain loop in C. A multiple of 512. */
  loop(pages: number): Promise<ProbePair>;
  /** The fork call over `mib` MiB of written 4 KiB pages, then the child's exit until it is reaped. */
  fork(mib: number): Promise<ProbePair>;
  /** First write to every page of `mib` MiB, then munmap of it. */
  fresh(mib: number): Promise<ProbePair>;
  /** A write to every page that copies it, then one that finds itself alone and reuses it. */
  cow(mib: number): Promise<ProbePair>;
  /** Fork and exit of a process of a few pages. */
  empty(): Promise<ProbePair>;
  close(): void;
}

/**
 * Starts the native probe. Huge pages are off in it.
 * @throws ForklabError FL4001 to FL4004 (it cannot be built here); its methods throw FL4010 (it ended).
 */
export const openProbe = async (options: CompileOptions = {}): Promise<Probe> => {
  const { ask, close } = await openLineProgram('probe', options);
  return {
    loop: (pages) => ask(`loop ${pages}`),
    fork: (mib) => ask(`fork ${mib}`),
    fresh: (mib) => ask(`fresh ${mib}`),
    cow: (mib) => ask(`cow ${mib}`),
    empty: () => ask('empty'),
    close,
  };
};
