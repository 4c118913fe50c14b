/** The verbs that only patches as posted use: `as-posted.ts` says what each does. Functions of the machine. */
import type { LeaveTable } from './as-posted.js';
import { copyEntries, pinnedIn } from './copy-entries.js';
import { SHAPE, W, Y } from './counters.js';
import { InvariantViolation } from './errors/violation.js';
import { KIND_ANON, KIND_FILE } from './frames.js';
import { PAGE_SIZE } from './geometry.js';
import type { Machine } from './machine.js';
import { PTE_LEVEL } from './page-table.js';
import { entryHi, entryLo, entryPfn, isPresent, RW, TABLE_FLAGS } from './pte.js';
import { hex } from './recount.js';
import type { SlotCursor } from './slot.js';
import type { Space } from './space.js';
import type { TableId, VmaView } from './strategy.js';
import { zapEntries } from './zap-entries.js';

/** Entries of a slot that lie under a VMA. Loops of kernels compare for equality: an empty part never ends. */
const partOf = (m: Machine, at: SlotCursor, vma: VmaView): { first: number; last: number } => {
  const first = Math.max(0, (vma.start - at.start) / PAGE_SIZE);
  const last = Math.min(m.geometry.entries, (vma.end - at.start) / PAGE_SIZE);
  if (first < last) return { first, last };
  const where = `${hex(vma.start)}-${hex(vma.end)} has no part in the table of ${hex(at.start)}`;
  throw new InvariantViolation('walk-ends-in-table', `the walk over entries runs out of its table: the VMA ${where}`);
};

/** Notes who pays, and nothing else. */
export const notePayer = (m: Machine, table: TableId, to: Space | null): void => {
  const { payer } = m.tables;
  if (payer[table] === 0) m.uncharged--;
  payer[table] = to === null ? 0 : to.id;
  if (to === null) m.uncharged++;
};

export const leaveTable = (m: Machine, at: SlotCursor, vmas: readonly VmaView[], how: LeaveTable) => {
  const { tables, counters } = m;
  const { space, table: old } = at;
  m.actor = space;
  const pinned = space.hasPins ? pinnedIn(m, old, 0, m.geometry.entries) : 0;
  const table = pinned + 1 > m.physical.limit - m.physical.used ? 0 : tables.alloc(PTE_LEVEL);
  if (table === 0) {
    counters.add(W.ooms, Y.fault, 1);
    return 'oom' as const;
  }
  tables.refs[table] = 1;
  tables.payer[table] = space.id;
  space.tables++;
  let copied = 0;
  for (const vma of vmas) {
    const { first, last } = partOf(m, at, vma);
    const copyPinned = pinned > 0 && m.kernel !== '5.6';
    const rights = {
      cow: !vma.shared,
      protectSource: how.protect === 'both',
      copyPinned,
      writable: vma.writable,
      keepWp: false,
    };
    copied += copyEntries(m, old, table, first, last, rights, Y.fault);
  }
  tables.refs[old] = tables.refs[old]! - 1;
  if (tables.refs[old] === 0 && how.keepOld !== true) destroy(m, space, old);
  at.write(entryLo(table, TABLE_FLAGS), entryHi(table, 0));
  if (how.flush) m.flushRange(space, at.start, at.end, Y.fault);
  counters.add(W.tablesAllocated, Y.fault, 1);
  counters.add(W.tablesBroken, Y.fault, 1);
  counters.shape += SHAPE.broken + copied * SHAPE.pte;
  return 'private' as const;
};

export const dereference = (m: Machine, at: SlotCursor, flush: boolean): number => {
  const { tables, counters } = m;
  const { table } = at;
  m.actor = at.space;
  at.write(0, 0);
  counters.add(W.tablesDropped, Y.exit, 1);
  const left = tables.refs[table]! - 1;
  tables.refs[table] = left;
  if (left === 0) destroy(m, at.space, table);
  if (flush) m.flushRange(at.space, at.start, at.end, Y.exit);
  return left;
};

/** The last reference is gone: what the table maps goes off the counters of whoever let go last. */
const destroy = (m: Machine, space: Space, table: TableId): void => {
  m.actor = space;
  zapEntries(m, table, 0, m.geometry.entries, Y.exit);
  space.tables--;
  if (m.tables.payer[table] === 0) m.uncharged--;
  m.tables.release(table);
  m.counters.add(W.tablesFreed, Y.exit, 1);
};

export const countPages = (m: Machine, at: SlotCursor, vmas: readonly VmaView[], sign: 1 | -1): void => {
  const { space, table } = at;
  const words = m.tables.words(table);
  for (const vma of vmas) {
    const { first, last } = partOf(m, at, vma);
    for (let i = first * 2; i < last * 2; i += 2) {
      const lo = words[i]!;
      if (lo === 0 || !isPresent(lo)) continue;
      const kind = m.frames.kind(entryPfn(lo, words[i + 1]!));
      if (kind === KIND_ANON) space.rssAnon += sign;
      else if (kind === KIND_FILE) space.rssShmem += sign;
    }
  }
  space.tables += sign;
};

export const setWritable = (at: SlotCursor, writable: boolean): void => {
  at.write(writable ? at.lo | RW : at.lo & ~RW, at.hi);
};

/** Pages and tables handed out so far. */
export const allocations = (m: Machine): number =>
  m.counters.total('tablesAllocated') + m.counters.total('pagesAllocated');

/** A walk goes through a table that was freed: harmless until its memory serves for something else. */
export const walkDangling = (m: Machine, table: TableId): void => {
  const then = m.dangling.get(table);
  if (then === undefined || allocations(m) === then) return;
  throw new InvariantViolation(
    'table-refs',
    `table ${table} was freed, its memory is in use again: this access strays`,
  );
};

/** A table is freed with entries in it: their pages stay behind, mapped by nothing. @kernel mm/memory.c free_pte_range() */
export const forgetEntries = (m: Machine, table: TableId): void => {
  const { tables } = m;
  if (tables.used[table] === 0) return;
  m.suffer('freed-table-empty', `table ${table} was freed with ${tables.used[table]} entries`);
  tables.words(table).fill(0);
  tables.anon[table] = 0;
  tables.file[table] = 0;
  tables.used[table] = 0;
  tables.swap[table] = 0;
  tables.foreign[table] = 0;
};
