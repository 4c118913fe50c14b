/**
 * The one walker. Every operation finds its slots here: by address, over a range, with the path made or not.
 *
 * An address is split by division, not by shifts, because it has up to 47 bits.
 */
import { SHAPE, W, Y } from './counters.js';
import type { Machine } from './machine.js';
import { PMD_LEVEL, PUD_LEVEL } from './page-table.js';
import type { SlotCursor } from './slot.js';
import type { Space } from './space.js';
import type { Addr, TableId } from './strategy.js';
import type { Vma } from './vma.js';

/** Number of the slot that holds an address, counted from address 0. Below 2^27. */
export const slotNumber = (m: Machine, addr: Addr): number => Math.floor(addr / m.geometry.slotBytes);

/** Places `at` on the slot that holds `addr`; false when no PMD table is there. */
export const findSlot = (m: Machine, space: Space, addr: Addr, vma: Vma | null, at: SlotCursor): boolean => {
  const { tables, geometry } = m;
  const { bits, mask } = geometry;
  const slot = slotNumber(m, addr);
  const pud = tables.child(space.pgd, (slot >>> (2 * bits)) & mask);
  if (pud === 0) return false;
  const pmd = tables.child(pud, (slot >>> bits) & mask);
  if (pmd === 0) return false;
  at.place(space, pmd, slot & mask, slot * geometry.slotBytes, vma);
  return true;
};

/** An upper table under entry `index` of `table`, made when missing; 0 when memory is full. */
export const upperTable = (
  m: Machine,
  space: Space,
  table: TableId,
  index: number,
  level: number,
  why: number,
): TableId => {
  const there = m.tables.child(table, index);
  if (there !== 0) return there;
  const fresh = m.tables.alloc(level);
  if (fresh === 0) {
    m.counters.add(W.ooms, why, 1);
    return 0;
  }
  m.tables.setChild(table, index, fresh);
  m.tables.refs[fresh] = 1;
  m.tables.payer[fresh] = space.id;
  space.tables++;
  m.counters.add(W.tablesAllocated, why, 1);
  m.counters.shape += SHAPE.table;
  return fresh;
};

/** Places `at` on the slot that holds `addr`, making the path to it; false when memory is full. */
export const makeSlot = (
  m: Machine,
  space: Space,
  addr: Addr,
  vma: Vma | null,
  at: SlotCursor,
  why: number,
): boolean => {
  const { bits, mask, slotBytes } = m.geometry;
  const slot = slotNumber(m, addr);
  const pud = upperTable(m, space, space.pgd, (slot >>> (2 * bits)) & mask, PUD_LEVEL, why);
  if (pud === 0) return false;
  const pmd = upperTable(m, space, pud, (slot >>> bits) & mask, PMD_LEVEL, why);
  if (pmd === 0) return false;
  at.place(space, pmd, slot & mask, slot * slotBytes, vma);
  return true;
};

/**
 * Visits every slot that meets [start, end) and has a table, in order of address, and with `leaf` those that have a huge
 * leaf. Empty upper entries are skipped whole, so a sparse terabyte costs nothing. A visitor answers false to stop; then
 * so does the walk.
 */
export const eachTable = (
  m: Machine,
  space: Space,
  start: Addr,
  end: Addr,
  at: SlotCursor,
  vma: Vma | null,
  visit: (at: SlotCursor) => boolean,
  leaf?: (at: SlotCursor) => boolean,
): boolean => {
  const { tables, geometry } = m;
  const { bits, mask, entries, slotBytes } = geometry;
  const last = Math.ceil(end / slotBytes);
  let slot = slotNumber(m, start);
  while (slot < last) {
    const pud = tables.child(space.pgd, (slot >>> (2 * bits)) & mask);
    if (pud === 0) {
      slot = ((slot >>> (2 * bits)) + 1) << (2 * bits);
      continue;
    }
    const pmd = tables.child(pud, (slot >>> bits) & mask);
    if (pmd === 0) {
      slot = ((slot >>> bits) + 1) << bits;
      continue;
    }
    const stop = Math.min(last, (((slot >>> bits) + 1) << bits) >>> 0);
    for (let visited = 0; slot < stop && visited <= entries; visited++, slot++) {
      const index = slot & mask;
      const see = tables.child(pmd, index) !== 0 ? visit : tables.isLeaf(pmd, index) ? leaf : undefined;
      if (see && !see(at.place(space, pmd, index, slot * slotBytes, vma))) return false;
    }
  }
  return true;
};

/** Adds what an operation did to VMAs to the counters. */
export const countVmaWork = (m: Machine, space: Space, why: keyof typeof Y): void => {
  if (space.splits > 0) m.counters.add(W.vmasSplit, Y[why], space.splits);
  if (space.merges > 0) m.counters.add(W.vmasMerged, Y[why], space.merges);
  space.splits = 0;
  space.merges = 0;
};
