/** What a capture took, and how well it adds up. */

import type { Json } from '@forklab/core';
import type { ChangeCounts } from './changes.js';
import type { LeftOut } from './keep.js';
import type { LayoutCounts } from './layout.js';
import type { ProcessFigures } from './proc.js';
import type { DetailedMapping } from './smaps.js';
import type { Watched } from './watch.js';

/** A sum of smaps beside what the trace counts, in kB. They differ by what changed between the two readings. */
export interface Compared {
  readonly smaps: number;
  readonly counted: number;
}

/** What a capture tells besides the trace. The same stands in `source` of the trace's header. */
export interface CaptureSummary {
  readonly command: string;
  readonly operations: number;
  readonly mappings: number;
  readonly files: number;
  readonly pages: LayoutCounts;
  readonly rssKb: Compared;
  readonly anonymousKb: Compared;
  readonly swapKb: Compared;
  /** Memory that the process has in huge pages; the trace has small ones there. */
  readonly thpKb: number;
  /** Mappings that are not in the trace, by reason. */
  readonly leftOut: Partial<Record<LeftOut, number>>;
  /** Whether the kernel showed frame numbers; without them it is unknown which side wrote. */
  readonly frames: boolean;
  /** Pages that may be zero pages or not, counted as private frames. */
  readonly unsure: number;
  readonly watched: WatchSummary | null;
  /** What is assumed to follow the fork, where nobody watched. */
  readonly assumption: string | null;
  readonly taken: string;
  readonly notes: readonly string[];
}

export interface WatchSummary {
  readonly looks: number;
  /** Looks after joining, where the trace would have been too long. */
  readonly looksKept: number;
  readonly seconds: number;
  readonly childEnd: Watched['childEnd'];
  readonly passedOver: number;
  readonly pages: ChangeCounts;
}

export const TAKEN =
  'The mappings (addresses, rights, which of them share a file), which pages are present, swapped, zero or private, the ' +
  'name of the process, the kernel release, the date. No contents of memory, no path, no argument, no environment, no PID.';

export const TAKEN_BASENAMES = TAKEN.replace('no path', 'no path but the last part of those of mapped files');

/** What a replay does otherwise than the process did, whatever was captured. */
export const NOTES: readonly string[] = [
  'Files are memory files that start empty: what RssFile counts in the process is RssShmem in a replay.',
  'The page cache is as large as what the process has mapped of each file, so that faults around a read stay within that.',
  'The heap (brk) and the stack are ordinary mappings of the size that they had.',
  'Neighbours that the process kept apart by something that a trace cannot say (names, huge page advice) may merge.',
  'Huge pages of the process are small pages in the trace.',
  'Pages keep their addresses but not their contents; how often a present page was accessed is unknown.',
];

export const WATCH_NOTES: readonly string[] = [
  'A page counts as written by the side whose frame changed. The first write of the other side, which keeps the frame ' +
    '(a fault without a copy), cannot be seen and is not in the trace.',
  'Of several writes to a page between two looks, and of their order, only the first kind is known.',
  'mremap() shows as munmap and mmap.',
];

/** Sums up the kept mappings against what the trace holds. */
export const compareSums = (mappings: readonly DetailedMapping[], pages: LayoutCounts) => {
  const sum = (key: 'rssKb' | 'anonymousKb' | 'swapKb' | 'thpKb'): number =>
    mappings.reduce((total, { smaps }) => total + smaps[key], 0);
  return {
    rssKb: { smaps: sum('rssKb'), counted: (pages.anonymous + pages.file) * 4 },
    anonymousKb: { smaps: sum('anonymousKb'), counted: pages.anonymous * 4 },
    swapKb: { smaps: sum('swapKb'), counted: pages.swapped * 4 },
    thpKb: sum('thpKb'),
  };
};

/** Status figures as JSON. */
const figures = (it: ProcessFigures | null): Json =>
  it && {
    ...{ vmPteKb: it.vmPteKb, rssKb: it.rssKb, rssAnonKb: it.rssAnonKb, rssFileKb: it.rssFileKb },
    ...{ rssShmemKb: it.rssShmemKb, swapKb: it.swapKb, minorFaults: it.minorFaults, majorFaults: it.majorFaults },
  };

/** What /proc/PID/status said of the processes: to be held against what a replay says. */
export const measuredJson = (before: ProcessFigures, watched: Watched | null): { readonly [key: string]: Json } => {
  if (!watched) return { process: figures(before) };
  const { figures: at } = watched;
  const ofChild = { childAfterFork: figures(at.childAfterFork), childLast: figures(at.childLast) };
  const ofParent = { parentAfterFork: figures(at.parentAfterFork), parentLast: figures(at.parentLast) };
  return { parentBefore: figures(at.parentBefore), ...ofParent, ...ofChild };
};

/** The summary as JSON for the header; `operations` is what the reader counts anyway. */
export const summaryJson = ({ operations: _, ...summary }: CaptureSummary): { readonly [key: string]: Json } =>
  JSON.parse(JSON.stringify(summary)) as { readonly [key: string]: Json };
