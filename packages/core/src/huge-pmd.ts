/**
 * Huge leaves: PMD entries that map memory themselves, either a large folio or the huge zero page. What fork, zap,
 * mprotect and a split do to one. A table waits under each leaf, paid for and counted, so that a split never fails.
 *
 * @kernel mm/huge_memory.c, release 6.18
 */
import { SHAPE, W, type Why, Y } from './counters.js';
import { assertModel } from './errors/violation.js';
import type { Folio } from './folio.js';
import { ZERO_PFN } from './frames.js';
import { PAGE_SIZE } from './geometry.js';
import type { Machine } from './machine.js';
import { releaseTable } from './ops/free-pgtables.js';
import type { NewRights } from './protect-entries.js';
import {
  ACCESSED,
  CHANGE_KEEPS_LO,
  DIRTY,
  entryHi,
  entryLo,
  entryPfn,
  HUGE,
  NX,
  RW,
  SPECIAL,
  TABLE_FLAGS,
  UFFD_WP,
} from './pte.js';
import type { SlotCursor } from './slot.js';
import type { Space } from './space.js';
import type { Addr, Pfn, TableId } from './strategy.js';
import type { Vma } from './vma.js';
import { findSlot } from './walk.js';

/** What a leaf keeps of its flags when it becomes 512 entries: all but that it is one. */
const PAGE_FLAGS_LO = 0xfff & ~HUGE;

/** The folio that a leaf maps; null: the huge zero page. */
export const leafFolio = (m: Machine, at: SlotCursor): Folio | null =>
  (at.lo & SPECIAL) !== 0 ? null : m.frames.folios.of(entryPfn(at.lo, at.hi))!;

/** The frame that an address under a leaf reaches. */
export const leafPfn = (at: SlotCursor, addr: Addr): Pfn =>
  (at.lo & SPECIAL) !== 0 ? ZERO_PFN : entryPfn(at.lo, at.hi) + Math.floor((addr - at.start) / PAGE_SIZE);

/** Puts a leaf over a table that will wait under it. `folio` null: the huge zero page. */
export const installLeaf = (
  m: Machine,
  at: SlotCursor,
  folio: Folio | null,
  lo: number,
  hi: number,
  table: TableId,
) => {
  m.tables.deposit(at.parent, at.index, table);
  at.write(lo | HUGE, hi);
  if (folio) m.book(table, folio.pages, 0, 0);
};

/** Takes the table from under a leaf. */
const withdraw = (m: Machine, at: SlotCursor): TableId => {
  const table = m.tables.deposited(at.parent, at.index);
  assertModel(table !== 0, 'deposits', 'no table waits under a huge leaf');
  m.tables.deposit(at.parent, at.index, 0);
  return table;
};

/** Puts a table in place of a leaf that maps the same page by page. @kernel __split_huge_pmd_locked() */
export const splitHugePmd = (m: Machine, at: SlotCursor, why: Why): void => {
  const { entries } = m.geometry;
  const folio = leafFolio(m, at);
  const { lo, hi } = at;
  const table = withdraw(m, at);
  const words = m.tables.words(table);
  for (let i = 0; i < entries; i++) {
    const pfn = folio ? folio.head + i : ZERO_PFN;
    words[i * 2] = entryLo(pfn, lo & PAGE_FLAGS_LO);
    words[i * 2 + 1] = entryHi(pfn, hi & NX);
  }
  if (folio && (lo & DIRTY) !== 0) folio.dirty = true;
  if (folio) m.frames.folios.mapPages(folio, at.space.id);
  m.book(table, 0, 0, entries);
  at.write(entryLo(table, TABLE_FLAGS), entryHi(table, 0));
  m.flushLeaf(at.space, at.start, Y[why]);
  m.counters.add(W.hugePmdsSplit, Y[why], 1);
  m.counters.shape |= SHAPE.split;
};

/** Splits the leaf, if there is one, in which an address lies that is about to become the border of a VMA. */
const splitAt = (m: Machine, space: Space, addr: Addr, why: Why): void => {
  if (addr % m.geometry.slotBytes === 0) return;
  if (findSlot(m, space, addr, null, m.at) && m.at.huge) splitHugePmd(m, m.at, why);
};

/** Splits leaves that [start, end) cuts, before the VMA is cut there. @kernel vma_adjust_trans_huge() */
export const splitCut = (m: Machine, space: Space, vma: Vma, start: Addr, end: Addr, why: Why): void => {
  if (start > vma.start) splitAt(m, space, start, why);
  if (end < vma.end) splitAt(m, space, end, why);
};

/** Removes a leaf, and the table under it. @kernel zap_huge_pmd() */
export const zapHugePmd = (m: Machine, at: SlotCursor, why: Why): void => {
  const folio = leafFolio(m, at);
  const table = withdraw(m, at);
  at.write(0, 0);
  if (folio) {
    m.book(table, -folio.pages, 0, 0);
    m.countFreed(m.frames.folios.unmap(folio, at.space.id), Y[why]);
  }
  releaseTable(m, at.space, table, Y[why]);
  m.counters.add(W.hugePmdsZapped, Y[why], 1);
};

/**
 * Gives a child its parent's leaf, read-only for both. 'split': a pinned page must be copied, so the parent's leaf has
 * been split for that. @kernel copy_huge_pmd()
 */
export const copyHugePmd = (m: Machine, src: SlotCursor, dst: SlotCursor): 'copied' | 'split' | 'oom' => {
  const { folios } = m.frames;
  const table = m.verbs.freshTable(dst.space, 'fork');
  if (table === 0) return 'oom';
  const folio = leafFolio(m, src);
  if (folio && m.frames.isExclusive(folio.head) && src.space.hasPins && folio.pins > 0) {
    releaseTable(m, dst.space, table, Y.fork);
    splitHugePmd(m, src, 'fork');
    return 'split';
  }
  if (folio) {
    m.frames.clearExclusive(folio.head);
    folios.map(folio, dst.space.id);
  }
  src.write(src.lo & ~RW, src.hi);
  installLeaf(m, dst, folio, src.lo & ~(ACCESSED | UFFD_WP), src.hi, table);
  m.counters.add(W.hugePmdsCopied, Y.fork, 1);
  return 'copied';
};

/** Gives a leaf other rights. @kernel change_huge_pmd() */
export const protectHugePmd = (m: Machine, at: SlotCursor, rights: NewRights, why: number): void => {
  const folio = leafFolio(m, at);
  const upgrade = rights.upgrade && folio !== null && m.frames.isExclusive(folio.head);
  at.write((at.lo & (CHANGE_KEEPS_LO | HUGE)) | rights.lo | (upgrade ? RW : 0), (at.hi & ~NX) | rights.hi);
  m.counters.add(W.hugePmdsProtected, why, 1);
};

/** Moves a leaf, and the table under it, into an empty slot of the same space. @kernel move_huge_pmd() */
export const moveHugePmd = (m: Machine, at: SlotCursor, to: SlotCursor): void => {
  const table = withdraw(m, at);
  to.write(at.lo, at.hi);
  m.tables.deposit(to.parent, to.index, table);
  at.write(0, 0);
  m.counters.add(W.hugePmdsMoved, Y.mremap, 1);
  m.flushLeaf(at.space, at.start, Y.mremap);
};
