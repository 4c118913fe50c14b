/**
 * Moving what a range maps to another address: whole PMD tables, whole PTE tables, or entry by entry.
 *
 * @kernel mm/mremap.c move_page_tables(), release 6.18
 */
import { W, Y } from '../counters.js';
import { dropWpMarkers } from '../foreign-entries.js';
import { KIND_ANON, KIND_FILE, KIND_FREE } from '../frames.js';
import { alignDown, PAGE_SIZE } from '../geometry.js';
import { moveHugePmd, splitHugePmd } from '../huge-pmd.js';
import type { Machine } from '../machine.js';
import { PUD_LEVEL } from '../page-table.js';
import { entryPfn, isPresent, isSwap, UFFD_WP } from '../pte.js';
import type { Space } from '../space.js';
import type { Addr, TableId } from '../strategy.js';
import { anyVmaIn, type Vma } from '../vma.js';
import { makeSlot, slotNumber, upperTable } from '../walk.js';

export interface TableMove {
  /** The VMA that is left, and the one that is entered. */
  readonly old: Vma;
  readonly copy: Vma;
  readonly addr: Addr;
  readonly newAddr: Addr;
  /** Bytes. */
  readonly length: number;
}

/** Can a side be rounded down to `span` without taking along what is not its own? @kernel can_align_down() */
const canAlignDown = (space: Space, vma: Vma, addr: Addr, span: number): boolean =>
  vma.start === addr && !anyVmaIn(space.vmas, alignDown(addr, span), addr);

/** A move that starts in mid-table and reaches its end may take the whole table. @kernel try_realign_addr() */
const realign = (m: Machine, space: Space, move: TableMove): number => {
  const span = m.geometry.slotBytes;
  const offset = move.addr % span;
  if (offset === 0 || offset !== move.newAddr % span || move.length < span - offset) return 0;
  const fits = canAlignDown(space, move.old, move.addr, span) && canAlignDown(space, move.copy, move.newAddr, span);
  return fits ? offset : 0;
};

/** Bytes to the next border of `span` on either side, or to the end. @kernel get_extent() */
const extentTo = (from: Addr, to: Addr, end: Addr, span: number): number =>
  Math.min(alignDown(from, span) + span - from, alignDown(to, span) + span - to, end - from);

/** Moves the tables; false when memory ran out on the way, with what was moved left at the new place. */
export const movePageTables = (m: Machine, space: Space, move: TableMove): boolean => {
  const { pudBytes, slotBytes, bits, mask } = m.geometry;
  const back = m.kernel === '6.18' ? realign(m, space, move) : 0;
  const whole = movesTables(move);
  const end = move.addr + move.length;
  let from = move.addr - back;
  let to = move.newAddr - back;
  while (from < end) {
    const slot = slotNumber(m, from);
    const pud = m.tables.child(space.pgd, (slot >>> (2 * bits)) & mask);
    const index = (slot >>> bits) & mask;
    const pmd = pud === 0 ? 0 : m.tables.child(pud, index);
    let extent = extentTo(from, to, end, pudBytes);
    if (pmd !== 0 && m.kernel === '5.6') {
      // Upper tables do not move yet, and the new place gets none before there is something to put in.
      extent = extentTo(from, to, end, slotBytes);
      if (!moveSlot(m, space, move, pmd, from, to, extent)) return false;
    } else if (pmd !== 0) {
      const toSlot = slotNumber(m, to);
      const toPud = upperTable(m, space, space.pgd, (toSlot >>> (2 * bits)) & mask, PUD_LEVEL, Y.mremap);
      if (toPud === 0) return false;
      if (
        extent === pudBytes &&
        whole &&
        moveTable(m, space, pud, index, toPud, (toSlot >>> bits) & mask, from, pudBytes)
      ) {
        from += extent;
        to += extent;
        continue;
      }
      extent = extentTo(from, to, end, slotBytes);
      if (!moveSlot(m, space, move, pmd, from, to, extent)) return false;
    }
    from += extent;
    to += extent;
  }
  return true;
};

/** Protection does not move along, so every entry has to be looked at. @kernel uffd_supports_page_table_move() */
const movesTables = ({ old, copy }: TableMove): boolean => old.uffd === null && copy.uffd === null;

/** Moves one entry of an upper table, table and all, if its new place is free. @kernel move_normal_pud(), _pmd() */
const moveTable = (
  m: Machine,
  space: Space,
  parent: TableId,
  index: number,
  toParent: TableId,
  toIndex: number,
  from: Addr,
  span: number,
): boolean => {
  if (m.tables.child(toParent, toIndex) !== 0) return false;
  const table = m.tables.child(parent, index);
  const flags = m.tables.words(parent)[index * 2]! & 0xfff;
  m.tables.clearChild(parent, index);
  m.tables.setChild(toParent, toIndex, table, flags);
  m.counters.add(W.tablesMoved, Y.mremap, 1);
  m.flushRange(space, from, from + span, Y.mremap);
  return true;
};

/** What one slot holds, whole if it can be; false when memory is full. */
const moveSlot = (
  m: Machine,
  space: Space,
  move: TableMove,
  pmd: TableId,
  from: Addr,
  to: Addr,
  extent: number,
): boolean => {
  const { slotBytes, mask } = m.geometry;
  const index = slotNumber(m, from) & mask;
  const leaf = m.tables.isLeaf(pmd, index);
  if (!leaf && m.tables.child(pmd, index) === 0) return true;
  if (m.asPosted && !leaf) {
    m.strategy.touch(m.at.place(space, pmd, index, slotNumber(m, from) * slotBytes, move.old), 'mremap');
  }
  if (!makeSlot(m, space, to, null, m.to, Y.mremap)) return false;
  if (leaf) {
    const at = m.at.place(space, pmd, index, alignDown(from, slotBytes), null);
    if (extent === slotBytes && m.to.table === 0 && !m.to.huge && movesTables(move)) {
      moveHugePmd(m, at, m.to);
      return true;
    }
    splitHugePmd(m, at, 'mremap');
  }
  const table = m.tables.child(pmd, index);
  const whole = extent === slotBytes && movesTables(move);
  if (whole && moveTable(m, space, pmd, index, m.to.parent, m.to.index, from, slotBytes)) return true;
  if (m.to.table === 0 && m.verbs.allocTable(m.to, 'mremap') === 'oom') return false;
  const unprotect = move.old.uffd !== null;
  if (unprotect) {
    const first = (from % slotBytes) / PAGE_SIZE;
    dropWpMarkers(m, table, first, first + extent / PAGE_SIZE, Y.mremap);
  }
  moveEntries(m, space, table, m.to.table, from, to, extent, unprotect);
  return true;
};

/** @kernel move_ptes() */
const moveEntries = (
  m: Machine,
  space: Space,
  src: TableId,
  dst: TableId,
  from: Addr,
  to: Addr,
  extent: number,
  unprotect: boolean,
): void => {
  const { tables, geometry, counters } = m;
  const words = tables.words(src);
  const target = tables.words(dst);
  const first = (((from % geometry.slotBytes) / PAGE_SIZE) * 2) | 0;
  const shift = ((((to % geometry.slotBytes) / PAGE_SIZE) * 2) | 0) - first;
  let anon = 0;
  let file = 0;
  let swap = 0;
  let foreign = 0;
  let moved = 0;
  for (let i = first; i < first + (extent / PAGE_SIZE) * 2; i += 2) {
    const lo = words[i]!;
    if (lo === 0) continue;
    const hi = words[i + 1]!;
    const kind = isPresent(lo) ? m.frames.kind(entryPfn(lo, hi)) : KIND_FREE;
    if (kind === KIND_ANON) anon++;
    else if (kind === KIND_FILE) file++;
    else if (kind === KIND_FREE) {
      foreign++;
      if (isSwap(lo)) swap++;
    }
    target[i + shift] = unprotect ? lo & ~UFFD_WP : lo;
    target[i + shift + 1] = hi;
    words[i] = 0;
    words[i + 1] = 0;
    moved++;
  }
  if (moved === 0) return;
  m.actor = space;
  if (m.asPosted && tables.refs[dst]! > 1) {
    m.suffer(
      'no-change-while-shared',
      `${space.name}: mremap moves ${moved} entries in for every holder of table ${dst}`,
    );
  }
  m.book(src, -anon, -file, -moved);
  m.book(dst, anon, file, moved);
  if (foreign > 0) {
    m.bookForeign(src, -swap, -foreign);
    m.bookForeign(dst, swap, foreign);
  }
  counters.add(W.ptesMoved, Y.mremap, moved);
  m.flushRange(space, from, from + extent, Y.mremap);
};
