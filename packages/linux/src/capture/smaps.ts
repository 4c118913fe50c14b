/**
 * `/proc/PID/smaps`: the mappings again, each with what is resident in it and with the flags that maps does not show.
 *
 * @kernel fs/proc/task_mmu.c show_smap(), show_smap_vma_flags(), release 6.18
 */

import { ForklabError } from '@forklab/core';
import type { Mapping } from './maps.js';
import { countMappings, opensMapping, parseMapping, readInOrder } from './maps.js';
import { gone, procLines } from './proc.js';

/** What smaps says of one mapping. Sizes in kB. */
export interface SmapsFigures {
  rssKb: number;
  anonymousKb: number;
  swapKb: number;
  /** Resident pages that are dirty, shared or not. */
  dirtyKb: number;
  /** Memory mapped by huge PMD entries: anonymous, shmem and file. */
  thpKb: number;
  /** hugetlb pages, which are in no other figure. */
  hugetlbKb: number;
  /** The size of its pages: 4, or that of the hugetlb pages. */
  pageKb: number;
  /** Two-letter flags: `gd` grows down, `nr` no reserve, `dc` not copied at fork, `io` and `pf` device memory, ... */
  flags: ReadonlySet<string>;
}

/** One VMA with its figures. */
export interface DetailedMapping extends Mapping {
  readonly smaps: Readonly<SmapsFigures>;
}

type Sum = Exclude<keyof SmapsFigures, 'flags'>;

const SUMS: ReadonlyMap<string, Sum> = new Map<string, Sum>([
  ['Rss', 'rssKb'],
  ['Anonymous', 'anonymousKb'],
  ['Swap', 'swapKb'],
  ['Shared_Dirty', 'dirtyKb'],
  ['Private_Dirty', 'dirtyKb'],
  ['AnonHugePages', 'thpKb'],
  ['ShmemPmdMapped', 'thpKb'],
  ['FilePmdMapped', 'thpKb'],
  ['Shared_Hugetlb', 'hugetlbKb'],
  ['Private_Hugetlb', 'hugetlbKb'],
  ['KernelPageSize', 'pageKb'],
]);

const none = (): SmapsFigures => ({
  ...{ rssKb: 0, anonymousKb: 0, swapKb: 0, dirtyKb: 0, thpKb: 0, hugetlbKb: 0, pageKb: 0 },
  flags: new Set(),
});

/** Takes one line that describes a mapping; lines with keys that nothing here needs are passed over. */
const describe = (into: SmapsFigures, line: string, place: { readonly file: string; readonly line: number }): void => {
  const colon = line.indexOf(':');
  const key = line.slice(0, colon);
  if (key === 'VmFlags') {
    into.flags = new Set(line.slice(colon + 1).match(/\b[a-z0-9]{2}\b/g) ?? []);
    return;
  }
  const sum = SUMS.get(key);
  if (sum === undefined) return;
  const kb = /^ +(\d{1,15}) kB$/.exec(line.slice(colon + 1));
  if (!kb) throw new ForklabError('FL4106', { ...place, arrived: line, expected: `"${key}: N kB"` });
  into[sum] += Number(kb[1]);
};

/**
 * The parser of smaps, fed line by line.
 * @throws ForklabError FL4106 from `take` when a line has another form than Linux documents
 */
export const smapsParser = (file: string) => {
  const mappings: DetailedMapping[] = [];
  let figures: SmapsFigures | null = null;
  let line = 0;
  const take = (text: string): void => {
    const place = { file, line: ++line };
    if (opensMapping(text)) {
      figures = none();
      mappings.push({ ...parseMapping(text, place), smaps: figures });
    } else if (figures && /^[A-Z][A-Za-z_]*:/.test(text)) describe(figures, text, place);
    else throw new ForklabError('FL4106', { ...place, arrived: text, expected: 'a mapping or "Key: value"' });
  };
  return { take, mappings };
};

/**
 * All mappings of a process with their figures, in ascending order.
 * @throws what the host says; ForklabError FL4105 when the process has ended; FL4106, FL4107
 */
export const readSmaps = async (pid: number): Promise<DetailedMapping[]> => {
  const mappings = await readInOrder(pid, async () => {
    const parser = smapsParser(`/proc/${pid}/smaps`);
    for await (const lines of procLines(pid, 'smaps')) {
      for (const text of lines) parser.take(text);
      countMappings(pid, parser.mappings.length);
    }
    return parser.mappings;
  });
  if (mappings.length === 0) throw gone(pid, 'reading its smaps');
  return mappings;
};
