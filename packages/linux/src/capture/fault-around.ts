/**
 * What fault-around would bring into a replay that the process does not have.
 *
 * The files of a trace start empty, so a read maps just the page that it reads, unless another mapping of the same file
 * has brought a page near it into the cache before. Such pages are dropped again once all mappings are populated.
 *
 * @kernel mm/memory.c do_fault_around(), release 6.18
 */

import type { AccessGroup } from './access.js';
import { DONTNEED, READ } from './access.js';
import type { FileTable } from './files.js';
import type { Mapping } from './maps.js';
import { PAGE } from './pagemap.js';
import type { Runs } from './pages.js';
import { addPage } from './pages.js';

/** Pages of one window. It may shift, so that a page may come with any page up to this far away. */
const WINDOW_PAGES = 16;

const pagesOf = function* (runs: Runs): Generator<number> {
  for (let i = 0; i < runs.length; i += 2) for (let k = 0; k < runs[i + 1]!; k++) yield runs[i]! + k;
};

/** What is added to a page of the mapping to get the page of its file. */
const shift = ({ start, offset }: Mapping): number => (offset - start) / PAGE;

/** Pages of `mine` that appear because the file has them, and are neither there nor far from one that is read. */
const appearing = (mapping: Mapping, mine: readonly AccessGroup[], others: readonly AccessGroup[]): Runs => {
  const there = new Set<number>();
  const read = new Set<number>();
  for (const { action, runs } of mine) {
    for (const page of pagesOf(runs)) {
      there.add(page);
      if (action === READ) read.add(page);
    }
  }
  const near = (page: number): boolean => {
    for (let d = 1; d < WINDOW_PAGES; d++) if (read.has(page - d) || read.has(page + d)) return true;
    return false;
  };
  const extra = new Set<number>();
  for (const group of others) {
    for (const other of pagesOf(group.runs)) {
      const page = other + shift(group.mapping) - shift(mapping);
      const inside = page >= mapping.start / PAGE && page < mapping.end / PAGE;
      if (inside && !there.has(page) && near(page)) extra.add(page);
    }
  }
  const runs: Runs = [];
  for (const page of [...extra].sort((a, b) => a - b)) addPage(runs, page);
  return runs;
};

/** The groups that drop what fault-around would have mapped, for the groups of all mappings of one process. */
export const aroundFaults = (groups: readonly AccessGroup[], files: FileTable): AccessGroup[] => {
  const byFile = new Map<string, Map<Mapping, AccessGroup[]>>();
  for (const group of groups) {
    const file = files.name(group.mapping);
    if (file === null) continue;
    const mappings = byFile.get(file) ?? new Map<Mapping, AccessGroup[]>();
    byFile.set(file, mappings.set(group.mapping, [...(mappings.get(group.mapping) ?? []), group]));
  }
  const dropped: AccessGroup[] = [];
  for (const mappings of byFile.values()) {
    if (mappings.size < 2) continue;
    for (const [mapping, mine] of mappings) {
      if (!mine.some(({ action }) => action === READ)) continue;
      const others = [...mappings].flatMap(([it, theirs]) => (it === mapping ? [] : theirs));
      const runs = appearing(mapping, mine, others);
      if (runs.length > 0) dropped.push({ proc: mine[0]!.proc, action: DONTNEED, mapping, runs });
    }
  }
  return dropped;
};
