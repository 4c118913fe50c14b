/**
 * Copying the entries of whole tables. The loop runs over typed arrays, allocates nothing, and tells the common case (an
 * anonymous page, few mappers, no pins) from the rest by one comparison.
 */
import { W } from './counters.js';
import { copyForeign } from './foreign-entries.js';
import { COUNT_MASK, EXCLUSIVE, EXTRA, KIND_ANON, KIND_FILE, KIND_MASK, KIND_ZERO, PLAIN_MASK } from './frames.js';
import type { Machine } from './machine.js';
import {
  ACCESSED,
  DIRTY,
  entryHi,
  entryLo,
  entryPfn,
  isPresent,
  NX,
  PRESENT,
  PROTNONE,
  RW,
  UFFD_WP,
  USER,
} from './pte.js';
import type { TableId } from './strategy.js';
import { newTally, type Tally } from './tally.js';

/** Below this, `(state & PLAIN_MASK) - KIND_ANON` is the count of an unpinned anonymous page that may still rise. */
const COUNT_RISES = COUNT_MASK - 1;

/** What `copyEntries` needs to know about the VMA whose part it copies. */
export interface CopyRights {
  /** A private mapping that may be written: copies lose write permission. @kernel is_cow_mapping() */
  readonly cow: boolean;
  /** The originals lose it, too. */
  readonly protectSource: boolean;
  /** A pinned exclusive page is copied now, instead of mapped twice. */
  readonly copyPinned: boolean;
  /** The VMA's write permission, for pages copied now. */
  readonly writable: boolean;
  /** The copy's VMA is write-protected by a userfaultfd, so its entries keep that. Not after fork. */
  readonly keepWp: boolean;
}

/** Masks of the bits of `lo` that stay on either side. */
interface KeptBits {
  readonly source: number;
  readonly copy: number;
}

const keptBits = ({ cow, protectSource, keepWp }: CopyRights): KeptBits => ({
  source: cow && protectSource ? ~RW : ~0,
  copy: ~((cow ? RW | ACCESSED : ACCESSED | DIRTY) | (keepWp ? 0 : UFFD_WP)),
});

/** An exclusive anonymous page that is pinned: the pin keeps it, so a child gets a copy. @kernel folio_try_dup_anon_rmap_pte() */
const mustCopy = (m: Machine, pfn: number, state: number): boolean =>
  (state & (KIND_MASK | EXTRA | EXCLUSIVE)) === (KIND_ANON | EXTRA | EXCLUSIVE) && m.frames.maybePinned(pfn);

/**
 * Does anybody hold an exclusive page of the table, by a pin or a plain reference? Sharing the table would leave the page
 * exclusive, and the process that is left with it in the end would write it in place.
 */
export const heldIn = (m: Machine, table: TableId): boolean => {
  const words = m.tables.words(table);
  for (let i = 0; i < words.length; i += 2) {
    const lo = words[i]!;
    if (!isPresent(lo)) continue;
    const pfn = entryPfn(lo, words[i + 1]!);
    const state = m.frames.meta[pfn]!;
    if ((state & (KIND_MASK | EXTRA | EXCLUSIVE)) !== (KIND_ANON | EXTRA | EXCLUSIVE)) continue;
    const record = m.frames.record(pfn);
    if (record && record.pins + record.refs > 0) return true;
  }
  return false;
};

/** Pages in [first, last) that `copyEntries` would have to copy because they are pinned. */
export const pinnedIn = (m: Machine, table: TableId, first: number, last: number): number => {
  const words = m.tables.words(table);
  const { meta } = m.frames;
  let pinned = 0;
  for (let i = (first * 2) | 0; i < ((last * 2) | 0); i += 2) {
    const lo = words[i]!;
    if (!isPresent(lo)) continue;
    const pfn = entryPfn(lo, words[i + 1]!);
    if (mustCopy(m, pfn, meta[pfn]!)) pinned++;
  }
  return pinned;
};

/**
 * Copies entries [first, last) of one PTE table into another, where they are none, and raises the page counts.
 * The caller has made sure that frames for pinned pages are there. Answers how many it copied.
 * @kernel mm/memory.c copy_pte_range()
 */
export const copyEntries = (
  m: Machine,
  src: TableId,
  dst: TableId,
  first: number,
  last: number,
  rights: CopyRights,
  why: number,
): number => {
  const { tables, frames } = m;
  const from = tables.words(src);
  const to = tables.words(dst);
  const kept = keptBits(rights);
  const tally = newTally();
  const foreign = tables.foreign[src]! > 0;
  // Indices come from divided addresses: without `| 0` the loop would count in floating point.
  const end = (last * 2) | 0;
  let i = (first * 2) | 0;
  while (i < end) {
    if (from[i] === 0) {
      i += 2;
      continue;
    }
    if (foreign && !isPresent(from[i]!)) {
      copyForeign(m, from, to, i, tally, rights.keepWp);
      i += 2;
      continue;
    }
    // Of a table with entries that are not present one entry at a time is copied, so that none is taken for a page.
    const run = copyRun(frames.meta, from, to, i, foreign ? i + 2 : end, kept.source, kept.copy);
    tally.anon += (run - i) / 2;
    tally.used += (run - i) / 2;
    if (run === i) {
      copySlowly(m, from, to, i, rights, kept, tally, why, tables.payer[dst]!);
      i += 2;
    } else i = run;
  }
  m.book(dst, tally.anon, tally.file, tally.used);
  if (tally.foreign > 0) m.bookForeign(dst, tally.swap, tally.foreign);
  m.counters.add(W.ptesCopied, why, tally.used);
  return tally.used;
};

/**
 * Copies from `start` on while entries map anonymous pages that are unpinned and not mapped by thousands; answers where
 * that ends. It calls nothing, so that the arrays stay in registers.
 */
const copyRun = (
  meta: Uint16Array,
  from: Uint32Array,
  to: Uint32Array,
  start: number,
  end: number,
  keepSource: number,
  keepCopy: number,
): number => {
  // Bundled, a module's constants are variables that every round would load again: these stay in registers.
  const plainMask = PLAIN_MASK;
  const kindAnon = KIND_ANON;
  const countRises = COUNT_RISES;
  let i = start;
  for (; i < end; i += 2) {
    const lo = from[i]!;
    if (lo === 0) break;
    const hi = from[i + 1]!;
    const pfn = entryPfn(lo, hi);
    const plain = meta[pfn]! & plainMask;
    if ((plain - kindAnon) >>> 0 >= countRises) break;
    meta[pfn] = plain + 1;
    from[i] = lo & keepSource;
    to[i] = lo & keepCopy;
    to[i + 1] = hi;
  }
  return i;
};

/** One entry of any kind: a page of a file, the zero page, a pinned page, one that thousands map. */
const copySlowly = (
  m: Machine,
  from: Uint32Array,
  to: Uint32Array,
  i: number,
  rights: CopyRights,
  kept: KeptBits,
  tally: Tally,
  why: number,
  mm: number,
): void => {
  const { frames } = m;
  const lo = from[i]!;
  const hi = from[i + 1]!;
  const pfn = entryPfn(lo, hi);
  const state = frames.meta[pfn]!;
  const kind = state & KIND_MASK;
  tally.used++;
  if (kind === KIND_ANON) {
    tally.anon++;
    if (rights.copyPinned && mustCopy(m, pfn, state)) {
      copyPinnedPage(m, pfn, to, i, hi, rights.writable, why, lo);
      return;
    }
    frames.clearExclusive(pfn);
  } else if (kind === KIND_FILE) tally.file++;
  if (kind !== KIND_ZERO) frames.map(pfn, mm);
  from[i] = lo & kept.source;
  to[i] = lo & kept.copy;
  to[i + 1] = hi;
};

/** The child's own copy of a page that its parent has pinned. @kernel mm/memory.c copy_present_page() */
const copyPinnedPage = (
  m: Machine,
  pfn: number,
  to: Uint32Array,
  at: number,
  hi: number,
  writable: boolean,
  why: number,
  lo: number,
): void => {
  const { frames } = m;
  const fresh = frames.alloc(KIND_ANON);
  frames.contents[fresh] = frames.contents[pfn]!;
  frames.map(fresh);
  frames.setExclusive(fresh);
  to[at] = entryLo(fresh, (lo & (PRESENT | PROTNONE | USER)) | ACCESSED | DIRTY | (writable ? RW : 0));
  to[at + 1] = entryHi(fresh, hi & NX);
  m.counters.add(W.pagesAllocated, why, 1);
  m.counters.add(W.pagesCopied, why, 1);
};
