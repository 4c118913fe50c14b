/**
 * Guard regions: addresses of a mapping that no access survives, without a VMA of their own. A marker in the entry is
 * all that there is of them.
 *
 * @kernel mm/madvise.c madvise_guard_install(), madvise_guard_remove(), release 6.18
 */
import { W, Y } from '../counters.js';
import { assertModel } from '../errors/violation.js';
import { PAGE_SIZE } from '../geometry.js';
import type { Machine } from '../machine.js';
import { GUARD, isGuard, MARKER, UFFD_WP } from '../pte.js';
import type { SlotCursor } from '../slot.js';
import type { Space } from '../space.js';
import type { Addr, TableId } from '../strategy.js';
import { VM_LOCKED, VM_MAYBE_GUARD, type Vma } from '../vma.js';
import { prepareAnon } from '../vma-merge.js';
import { eachTable, makeSlot } from '../walk.js';
import type { Errno } from './errno.js';
import { askTouch, zapRange } from './zap.js';

/** The entries of [start, end) in the table that `at` is on, as indices of words. */
const wordsOf = (at: SlotCursor, start: Addr, end: Addr): { first: number; last: number } => ({
  first: (((Math.max(start, at.start) - at.start) / PAGE_SIZE) * 2) | 0,
  last: (((Math.min(end, at.end) - at.start) / PAGE_SIZE) * 2) | 0,
});

/** Asked before: nobody else holds the table, or the strategy means everybody. */
const assertOwn = (m: Machine, table: TableId): void =>
  assertModel(
    m.tables.refs[table] === 1 || m.inPlace.has(table),
    'no-change-while-shared',
    'guards were about to change in a table that other spaces hold',
  );

const installMarkers = (m: Machine, at: SlotCursor, start: Addr, end: Addr): void => {
  assertOwn(m, at.table);
  const words = m.tables.words(at.table);
  const { first, last } = wordsOf(at, start, end);
  let fresh = 0;
  for (let i = first; i < last; i += 2) {
    if (words[i] !== 0) continue;
    words[i] = MARKER | GUARD;
    words[i + 1] = 0;
    fresh++;
  }
  m.book(at.table, 0, 0, fresh);
  m.bookForeign(at.table, 0, fresh);
  m.counters.add(W.markersChanged, Y.guard, fresh);
};

/**
 * In a mapping of a file, write protection outlives the removal of what is mapped, and Linux 6.18 removes and tries again
 * for as long as anything is there: the call never returns. There is nothing to answer, so this is not modelled.
 */
const neverEnds = (m: Machine, space: Space, vma: Vma, start: Addr, end: Addr): boolean => {
  if (!vma.uffd || vma.anonymous) return false;
  return !eachTable(m, space, start, end, m.at, null, (at) => {
    const words = m.tables.words(at.table);
    const { first, last } = wordsOf(at, start, end);
    for (let i = first; i < last; i += 2) if ((words[i]! & UFFD_WP) !== 0) return false;
    return true;
  });
};

/**
 * Whatever is mapped goes, then every entry gets a marker, and tables are made where there are none. Fork has to copy
 * markers, so the VMA is flagged, and an anonymous one gets its anon_vma. Locked memory is refused, since it must not go.
 */
export const guardInstall = (m: Machine, space: Space, vma: Vma, start: Addr, end: Addr): Errno => {
  if ((vma.flags & VM_LOCKED) !== 0) return 'EINVAL';
  if (neverEnds(m, space, vma, start, end)) return 'ENOSYS';
  if (askTouch(m, space, start, end, 'guard') === 'oom') return 'ENOMEM';
  if (vma.anonymous) prepareAnon(space, vma);
  vma.setFlags(vma.flags | VM_MAYBE_GUARD);
  zapRange(m, space, start, end, 'guard', 'keep guards');
  for (let addr = start; addr < end; addr = m.to.end) {
    if (!makeSlot(m, space, addr, vma, m.to, Y.guard)) return 'ENOMEM';
    if (m.to.table === 0 && m.verbs.allocTable(m.to, 'guard') === 'oom') return 'ENOMEM';
    installMarkers(m, m.to, start, end);
  }
  m.inPlace.clear();
  return 0;
};

/** Guards go, everything else stays, tables that are empty now included. */
export const guardRemove = (m: Machine, space: Space, start: Addr, end: Addr): Errno => {
  if (askTouch(m, space, start, end, 'guard') === 'oom') return 'ENOMEM';
  eachTable(m, space, start, end, m.at, null, (at) => {
    const { table } = at;
    if (m.tables.foreign[table] === 0) return true;
    assertOwn(m, table);
    const words = m.tables.words(table);
    const { first, last } = wordsOf(at, start, end);
    let gone = 0;
    for (let i = first; i < last; i += 2) {
      if (!isGuard(words[i]!)) continue;
      words[i] = 0;
      gone++;
    }
    m.book(table, 0, 0, -gone);
    m.bookForeign(table, 0, -gone);
    m.counters.add(W.markersChanged, Y.guard, gone);
    return true;
  });
  m.inPlace.clear();
  return 0;
};
