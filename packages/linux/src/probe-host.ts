/** What this host charges for fork and faults: medians of interleaved rounds. */

import { release } from 'node:os';
import type { CompileOptions } from './compile.js';
import type { ProbePair } from './line-program.js';
import { openProbe, type Probe } from './probe.js';

/** How much to measure. */
export interface ProbeOptions extends CompileOptions {
  /** MiB of written 4 KiB pages that are forked. A multiple of 2. Default 256. */
  readonly mib?: number;
  /** MiB whose faults are timed. Default 32. */
  readonly touchedMib?: number;
  /** Rounds, of which the first is thrown away. At least 2, default 6. */
  readonly rounds?: number;
}

/** Nanoseconds, each the median over the rounds. The probe's memory is anonymous, private, and never a huge page. */
export interface HostCosts {
  /** `uname -r`. */
  readonly kernel: string;
  readonly mib: number;
  readonly rounds: number;
  /** The fork call in the parent, with `mib` MiB written. */
  readonly forkNs: number;
  /** From the end of that child's wait until it is reaped. */
  readonly exitNs: number;
  /** Fork and exit of a process of a few pages: what a fork costs before the first page. */
  readonly emptyForkNs: number;
  readonly emptyExitNs: number;
  /** `forkNs` and `exitNs` without the empty process, a page. */
  readonly forkNsPerPage: number;
  readonly exitNsPerPage: number;
  /** First write to a page: fault, allocation and clearing. */
  readonly firstTouchNs: number;
  /** Write to a page that a child shares: fault and copy. */
  readonly cowCopyNs: number;
  /** Write to a page that was shared and is not any more: fault without a copy. */
  readonly cowReuseNs: number;
  /** munmap, a page. */
  readonly zapNsPerPage: number;
  /** A plain C loop that copies, write-protects and counts as many entries as `mib` has pages, an entry. */
  readonly loopCopyNsPerEntry: number;
  /** The loop that takes them back, an entry. */
  readonly loopZapNsPerEntry: number;
}

const PAGES_PER_MIB = 256;

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

const MEASUREMENTS = ['fork', 'empty', 'fresh', 'cow', 'loop'] as const;
type Measurement = (typeof MEASUREMENTS)[number];

const measure = (probe: Probe, what: Measurement, mib: number, touchedMib: number): Promise<ProbePair> => {
  switch (what) {
    case 'fork':
      return probe.fork(mib);
    case 'empty':
      return probe.empty();
    case 'fresh':
      return probe.fresh(touchedMib);
    case 'cow':
      return probe.cow(touchedMib);
    case 'loop':
      return probe.loop(mib * PAGES_PER_MIB);
  }
};

/**
 * Measures this host. Each round takes every measurement once, so that a slow minute of a shared machine slows all.
 * @throws ForklabError FL4001 to FL4004 (the probe cannot be built here), FL4010 (it did not finish).
 */
export const probeHost = async (options: ProbeOptions = {}): Promise<HostCosts> => {
  const { mib = 256, touchedMib = 32, rounds = 6 } = options;
  const pairs: Record<Measurement, ProbePair[]> = { fork: [], empty: [], fresh: [], cow: [], loop: [] };
  const probe = await openProbe(options);
  try {
    for (let round = 0; round < rounds; round++)
      for (const what of MEASUREMENTS) {
        const pair = await measure(probe, what, mib, touchedMib);
        if (round > 0) pairs[what].push(pair);
      }
  } finally {
    probe.close();
  }
  const of = (what: Measurement, which: 0 | 1, units = 1): number =>
    median(pairs[what].map((pair) => pair[which])) / units;
  const pages = mib * PAGES_PER_MIB;
  const touched = touchedMib * PAGES_PER_MIB;
  const [forkNs, exitNs, emptyForkNs, emptyExitNs] = [of('fork', 0), of('fork', 1), of('empty', 0), of('empty', 1)];
  return {
    kernel: release(),
    mib,
    rounds,
    ...{ forkNs, exitNs, emptyForkNs, emptyExitNs },
    forkNsPerPage: (forkNs - emptyForkNs) / pages,
    exitNsPerPage: (exitNs - emptyExitNs) / pages,
    firstTouchNs: of('fresh', 0, touched),
    zapNsPerPage: of('fresh', 1, touched),
    cowCopyNs: of('cow', 0, touched),
    cowReuseNs: of('cow', 1, touched),
    loopCopyNsPerEntry: of('loop', 0, pages),
    loopZapNsPerEntry: of('loop', 1, pages),
  };
};
