/** Removing the entries of whole tables; as fast as copying them, by the same means. */
import { W } from './counters.js';
import { type Markers, zapForeign } from './foreign-entries.js';
import { COUNT_MASK, type Frames, KIND_ANON, KIND_MASK, KIND_ZERO, PLAIN_MASK } from './frames.js';
import type { Machine } from './machine.js';
import { entryPfn, isMarker, isPresent, MARKER, UFFD_WP } from './pte.js';
import type { TableId } from './strategy.js';
import { unmapPage } from './swap-cache.js';
import { newTally, type Tally } from './tally.js';

/** One and two mappings of an unpinned anonymous page, and how many more there may be for a plain decrement. */
const ANON_ONCE = KIND_ANON | 1;
const ANON_TWICE = KIND_ANON | 2;
const COUNT_FALLS = COUNT_MASK - 2;

/**
 * Removes entries [first, last) of a PTE table and lowers the page counts; anonymous pages that nothing maps any more
 * are freed. Answers how many entries it removed. @kernel mm/memory.c zap_pte_range()
 */
export const zapEntries = (
  m: Machine,
  table: TableId,
  first: number,
  last: number,
  why: number,
  markers: Markers = 'drop',
): number => {
  const { tables, frames } = m;
  if (tables.used[table] === 0) return 0;
  const words = tables.words(table);
  const tally = newTally();
  const foreign = tables.foreign[table]! > 0;
  const end = (last * 2) | 0;
  let freed = 0;
  let i = (first * 2) | 0;
  // Entries below are cleared already, or stay.
  let settled = i;
  while (i < end) {
    if (words[i] === 0) {
      i += 2;
      continue;
    }
    if (foreign && !isPresent(words[i]!)) {
      if (!zapForeign(m, words, i, tally, markers, why)) {
        words.fill(0, settled, i);
        settled = i + 2;
      }
      i += 2;
      continue;
    }
    // One entry at a time where some are not present, so that none of those is taken for a page.
    const stop = foreign ? i + 2 : end;
    const shared = zapSharedRun(frames.meta, words, i, stop);
    tally.anon += (shared - i) / 2;
    tally.used += (shared - i) / 2;
    i = shared;
    const run = i;
    i = zapSoleMappings(frames, words, i, stop);
    if (i > run) {
      freed += (i - run) / 2;
      tally.anon += (i - run) / 2;
      tally.used += (i - run) / 2;
    } else if (i < stop && words[i] !== 0) {
      m.countFreed(zapSlowly(m, entryPfn(words[i]!, words[i + 1]!), tally, tables.payer[table]!), why);
      i += 2;
    }
  }
  words.fill(0, settled, end);
  m.book(table, -tally.anon, -tally.file, -tally.used);
  if (tally.foreign > 0) m.bookForeign(table, -tally.swap, -tally.foreign);
  m.counters.add(W.ptesZapped, why, tally.used);
  m.counters.add(W.pagesFreed, why, freed);
  return tally.used;
};

/**
 * As `zapEntries`, in a mapping of a file under a userfaultfd: what was write-protected leaves a marker that says so.
 * @kernel mm/memory.c zap_install_uffd_wp_if_needed()
 */
export const zapEntriesKeepingWp = (m: Machine, table: TableId, first: number, last: number, why: number): number => {
  const words = m.tables.words(table);
  const protectedAt: number[] = [];
  for (let i = (first * 2) | 0; i < ((last * 2) | 0); i += 2) {
    if ((words[i]! & UFFD_WP) !== 0 && !isMarker(words[i]!)) protectedAt.push(i);
  }
  const removed = zapEntries(m, table, first, last, why, 'keep all');
  for (const i of protectedAt) words[i] = MARKER | UFFD_WP;
  m.book(table, 0, 0, protectedAt.length);
  m.bookForeign(table, 0, protectedAt.length);
  m.counters.add(W.markersChanged, why, protectedAt.length);
  return removed;
};

/** Lowers the counts of the run of pages from `start` on that others map, too; answers where it ends. */
const zapSharedRun = (meta: Uint16Array, words: Uint32Array, start: number, end: number): number => {
  const plainMask = PLAIN_MASK;
  const anonTwice = ANON_TWICE;
  const countFalls = COUNT_FALLS;
  let i = start;
  for (; i < end; i += 2) {
    const lo = words[i]!;
    if (lo === 0) break;
    const pfn = entryPfn(lo, words[i + 1]!);
    const state = meta[pfn]!;
    if (((state & plainMask) - anonTwice) >>> 0 >= countFalls) break;
    meta[pfn] = state - 1;
  }
  return i;
};

/** Frees the run of pages from `start` on that nothing else maps, the common case of a last exit; answers where it ends. */
const zapSoleMappings = (frames: Frames, words: Uint32Array, start: number, end: number): number => {
  const { meta } = frames;
  let i = start;
  for (; i < end; i += 2) {
    const lo = words[i]!;
    if (lo === 0) break;
    const pfn = entryPfn(lo, words[i + 1]!);
    if ((meta[pfn]! & PLAIN_MASK) !== ANON_ONCE) break;
    frames.free(pfn);
  }
  return i;
};

/** One mapping of any page fewer, of the address space `mm`; answers how many frames that freed. */
const zapSlowly = (m: Machine, pfn: number, tally: Tally, mm: number): number => {
  const kind = m.frames.meta[pfn]! & KIND_MASK;
  tally.used++;
  if (kind === KIND_ZERO) return 0;
  if (kind === KIND_ANON) tally.anon++;
  else tally.file++;
  return unmapPage(m, pfn, mm);
};
