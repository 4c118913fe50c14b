/** Which mappings go into a trace, and why the others do not. */

import { ForklabError } from '@forklab/core';
import type { Mapping } from './maps.js';
import { USER_END } from './maps.js';
import type { DetailedMapping } from './smaps.js';

/** Why a mapping is left out. */
export type LeftOut = 'vdso' | 'vvar' | 'vsyscall' | 'uprobes' | 'kernelHalf' | 'deviceMemory' | 'hugetlb' | 'offset';

/** Mappings that the kernel makes by itself. A file may have such a name, but then it has an inode. */
const KERNEL_MADE: ReadonlyMap<string, LeftOut> = new Map([
  ['[vdso]', 'vdso'],
  ['[vvar]', 'vvar'],
  ['[vvar_vclock]', 'vvar'],
  ['[vsyscall]', 'vsyscall'],
  ['[uprobes]', 'uprobes'],
]);

/** Why maps alone rules a mapping out, or null. */
const ruledOut = ({ start, end, fileKey, path, offset }: Mapping): LeftOut | null => {
  const made = fileKey === null ? KERNEL_MADE.get(path) : undefined;
  if (made !== undefined) return made;
  if (start >= USER_END || end > USER_END) return 'kernelHalf';
  // Device memory has no page behind it that a process could share, and its offset is a physical address.
  return Number.isSafeInteger(offset + end - start) && offset % 4096 === 0 ? null : 'offset';
};

/** Why a mapping cannot be replayed, or null. Tables of hugetlb pages are of another kind than the trace's pages. */
export const whyLeftOut = (mapping: DetailedMapping): LeftOut | null => {
  const { flags } = mapping.smaps;
  if (flags.has('ht')) return 'hugetlb';
  return ruledOut(mapping) ?? (flags.has('io') || flags.has('pf') ? 'deviceMemory' : null);
};

/** Which mappings are kept; `leftOut` counts the others by reason. */
export interface Kept<T extends Mapping> {
  readonly mappings: T[];
  readonly leftOut: Partial<Record<LeftOut, number>>;
}

/** @throws ForklabError FL4111 when the pages of an ordinary mapping are not of 4 KiB */
export const keep = (pid: number, all: readonly DetailedMapping[]): Kept<DetailedMapping> => {
  const mappings: DetailedMapping[] = [];
  const leftOut: Partial<Record<LeftOut, number>> = {};
  for (const mapping of all) {
    const reason = whyLeftOut(mapping);
    if (reason !== null) {
      leftOut[reason] = (leftOut[reason] ?? 0) + 1;
      continue;
    }
    const kb = mapping.smaps.pageKb;
    if (kb !== 4 && kb !== 0) throw new ForklabError('FL4111', { pid, kb });
    mappings.push(mapping);
  }
  return { mappings, leftOut };
};

/**
 * The same choice where only maps is known, for a process whose mappings `all` were chosen from by `keep`: whatever
 * overlaps one that was left out is left out as well.
 */
export const keepAgain = (maps: readonly Mapping[], all: readonly DetailedMapping[]): Mapping[] => {
  const banned = all.filter((it) => whyLeftOut(it) !== null);
  const overlaps = (a: Mapping): boolean => banned.some((b) => a.start < b.end && b.start < a.end);
  return maps.filter((it) => ruledOut(it) === null && !overlaps(it));
};

/** What smaps knows of a mapping that maps printed at nearly the same time; nothing of one that has changed since. */
export const withDetails = (maps: readonly Mapping[], details: readonly DetailedMapping[]): DetailedMapping[] => {
  const byStart = new Map(details.map((it) => [it.start, it.smaps]));
  return maps.map((it) => ({ ...it, smaps: byStart.get(it.start) ?? UNKNOWN }));
};

/** The figures of a mapping that smaps did not show. */
const UNKNOWN: DetailedMapping['smaps'] = {
  ...{ rssKb: 0, anonymousKb: 0, swapKb: 0, dirtyKb: 0, thpKb: 0, hugetlbKb: 0, pageKb: 4 },
  flags: new Set(),
};
