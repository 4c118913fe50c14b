/**
 * Verbs for patches that count a shared table's pages once for each process: `traits.charges` is 'everyone'. What each
 * does is said in `as-posted.ts`.
 */
import { W, Y } from './counters.js';
import { EXCLUSIVE, EXTRA, KIND_ANON, KIND_FILE, KIND_ZERO } from './frames.js';
import { PAGE_SIZE } from './geometry.js';
import type { Machine } from './machine.js';
import { PTE_LEVEL } from './page-table.js';
import {
  ACCESSED,
  DIRTY,
  entryHi,
  entryLo,
  entryPfn,
  isPresent,
  isSwap,
  RW,
  SWP_EXCLUSIVE,
  TABLE_FLAGS,
} from './pte.js';
import type { SlotCursor } from './slot.js';
import type { Addr, TableId, VmaView } from './strategy.js';
import { freeSwapAndCache } from './swap-cache.js';
import { recountTable } from './tally.js';

/** @kernel copy_present_pte() with one entry as source and destination */
export const countAgain = (m: Machine, src: SlotCursor, dst: SlotCursor, vma: VmaView): Addr | null => {
  const { frames } = m;
  const words = m.tables.words(src.table);
  const first = Math.max(0, (vma.start - src.start) / PAGE_SIZE);
  const last = Math.min(m.geometry.entries, (vma.end - src.start) / PAGE_SIZE);
  const kept = vma.shared ? ~(ACCESSED | DIRTY) : ~(ACCESSED | RW);
  for (let i = first * 2; i < last * 2; i += 2) {
    const lo = words[i]!;
    if (lo === 0) continue;
    const pfn = entryPfn(lo, words[i + 1]!);
    if (isSwap(lo)) {
      m.swap.dup(pfn);
      words[i] = lo & ~SWP_EXCLUSIVE;
      dst.space.swapEnts++;
    }
    if (!isPresent(lo)) continue;
    const kind = frames.kind(pfn);
    const pinned = (frames.meta[pfn]! & (EXTRA | EXCLUSIVE)) === (EXTRA | EXCLUSIVE) && frames.pinsOf(pfn) > 0;
    if (kind === KIND_ANON && pinned) return src.start + (i / 2) * PAGE_SIZE;
    if (kind === KIND_ANON) {
      frames.clearExclusive(pfn);
      dst.space.rssAnon++;
    } else if (kind === KIND_FILE) dst.space.rssShmem++;
    if (kind !== KIND_ZERO) frames.map(pfn);
    words[i] = lo & kept;
    m.counters.add(W.ptesCopied, Y.fork, 1);
  }
  return null;
};

/** @kernel break_cow_pte_range(), recover_pte_range(): entries go along as they are, nothing is counted */
export const leaveVerbatim = (m: Machine, at: SlotCursor, end: Addr): 'private' | 'oom' => {
  const { tables, counters } = m;
  const { table: old, space } = at;
  const table = tables.alloc(PTE_LEVEL);
  if (table === 0) {
    counters.add(W.ooms, Y.fault, 1);
    return 'oom';
  }
  tables.refs[table] = 1;
  tables.payer[table] = space.id;
  const words = tables.words(table);
  words.set(tables.words(old).subarray(0, ((Math.min(end, at.end) - at.start) / PAGE_SIZE) * 2));
  const count = recountTable(words, m.frames);
  tables.anon[table] = count.anon;
  tables.file[table] = count.file;
  tables.used[table] = count.used;
  tables.swap[table] = count.swap;
  tables.foreign[table] = count.foreign;
  tables.refs[old] = tables.refs[old]! - 1;
  at.write(entryLo(table, TABLE_FLAGS), entryHi(table, 0));
  m.flushRange(space, at.start, at.end, Y.fault);
  counters.add(W.tablesAllocated, Y.fault, 1);
  counters.add(W.tablesBroken, Y.fault, 1);
  counters.add(W.ptesCopied, Y.fault, count.used);
  return 'private';
};

/** @kernel zap_pte_range() of a shared table, zap_cow_pte() */
export const dropCounted = (m: Machine, at: SlotCursor): void => {
  const { tables, frames, counters } = m;
  const { table, space } = at;
  const words = tables.words(table);
  for (let i = 0; i < m.geometry.words; i += 2) {
    const lo = words[i]!;
    if (lo === 0) continue;
    const pfn = entryPfn(lo, words[i + 1]!);
    if (isSwap(lo)) {
      freeSwapAndCache(m, pfn, Y.exit);
      space.swapEnts--;
    }
    if (!isPresent(lo)) continue;
    const kind = frames.kind(pfn);
    if (kind === KIND_ZERO) continue;
    if (kind === KIND_ANON) space.rssAnon--;
    else space.rssShmem--;
    m.countFreed(frames.unmap(pfn, space.id), Y.exit);
    counters.add(W.ptesZapped, Y.exit, 1);
  }
  tables.refs[table] = tables.refs[table]! - 1;
  at.write(0, 0);
  space.tables--;
  m.flushRange(space, at.start, at.end, Y.exit);
  counters.add(W.tablesDropped, Y.exit, 1);
};

export const loseTable = (m: Machine, at: SlotCursor): void => {
  const table: TableId = at.table;
  m.suffer('table-refs', `${at.space.name}: table ${table} is lost with all that it counts`);
  m.tables.refs[table] = m.tables.refs[table]! - 1;
  at.write(0, 0);
};
