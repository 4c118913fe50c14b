/** What every kind of fault does in the end: a table in the slot, a page, an entry. */
import { FAULT_KINDS, W, Y } from '../counters.js';
import { KIND_ANON } from '../frames.js';
import type { Machine } from '../machine.js';
import { ACCESSED, DIRTY, entryLo, RW } from '../pte.js';
import type { SlotCursor } from '../slot.js';
import type { Addr, Pfn } from '../strategy.js';
import { VM_WRITE, type Vma } from '../vma.js';

// How a fault ended: its kind (0 and up, an index into FAULT_KINDS), or one of the three below.
export const ZERO = FAULT_KINDS.indexOf('zero');
export const ANON = FAULT_KINDS.indexOf('anon');
export const COW = FAULT_KINDS.indexOf('cow');
export const REUSE = FAULT_KINDS.indexOf('reuse');
export const FILE = FAULT_KINDS.indexOf('file');
export const TABLE = FAULT_KINDS.indexOf('table');
export const HUGE_ANON = FAULT_KINDS.indexOf('huge');
export const HUGE_ZERO = FAULT_KINDS.indexOf('hugeZero');
export const SWAPPED = FAULT_KINDS.indexOf('swap');
export const OOM = -1;
export const BUS = -2;
export const SEGV = -3;

/** The slot's table, made when missing; 0 when memory is full. */
export const pteTable = (m: Machine, at: SlotCursor): number => {
  if (at.table === 0 && m.verbs.allocTable(at, 'fault') === 'oom') return 0;
  return at.table;
};

/** Writes an entry and books it. `anon`, `file`: 1 when it maps such a page. */
export const install = (
  m: Machine,
  at: SlotCursor,
  addr: Addr,
  lo: number,
  hi: number,
  anon: number,
  file: number,
): void => {
  const { table } = at;
  const i = ((addr - at.start) >>> 12) * 2;
  const words = m.tables.words(table);
  words[i] = lo;
  words[i + 1] = hi;
  m.book(table, anon, file, 1);
};

/** A fresh exclusive anonymous page; 0 when memory is full. */
export const anonPage = (m: Machine): Pfn => {
  const pfn = m.frames.alloc(KIND_ANON);
  if (pfn === 0) m.counters.add(W.ooms, Y.fault, 1);
  else m.counters.add(W.pagesAllocated, Y.fault, 1);
  return pfn;
};

/** Bits of an entry for a page of one's own. @kernel maybe_mkwrite() */
export const ownLo = (vma: Vma, pfn: Pfn): number =>
  entryLo(pfn, vma.protLo | ACCESSED | DIRTY | ((vma.flags & VM_WRITE) !== 0 ? RW : 0));
