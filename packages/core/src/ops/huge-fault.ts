/** Faults that a PMD entry settles: huge pages. @kernel mm/huge_memory.c, release 6.18 */
import { W, Y } from '../counters.js';
import type { Folio } from '../folio.js';
import { ZERO_PFN } from '../frames.js';
import { installLeaf, leafFolio, splitHugePmd } from '../huge-pmd.js';
import type { Machine } from '../machine.js';
import { ACCESSED, DIRTY, entryHi, entryLo, RW, SPECIAL } from '../pte.js';
import type { SlotCursor } from '../slot.js';
import type { Space } from '../space.js';
import { VM_HUGEPAGE, VM_NOHUGEPAGE, type Vma } from '../vma.js';
import { prepareAnon } from '../vma-merge.js';
import type { Access } from './fault.js';
import { HUGE_ANON, HUGE_ZERO, OOM, ownLo, REUSE, TABLE } from './fault-entry.js';

/** The entry settles nothing: the fault goes on with a page of 4 KiB. @kernel VM_FAULT_FALLBACK */
export const FALLBACK = -9;

/** May a fault in this VMA map a huge page? @kernel thp_vma_allowable_orders() */
const allowed = (m: Machine, vma: Vma): boolean => {
  if (m.thp === 'never' || vma.file !== null || (vma.flags & VM_NOHUGEPAGE) !== 0) return false;
  return m.thp === 'always' || (vma.flags & VM_HUGEPAGE) !== 0;
};

/** What can be done without looking at a PTE; FALLBACK when nothing can. @kernel __handle_mm_fault() */
export const hugeFault = (m: Machine, space: Space, vma: Vma, access: Access, at: SlotCursor): number => {
  if (!at.huge) return at.table === 0 && allowed(m, vma) ? anonymousFault(m, space, vma, access, at) : FALLBACK;
  if (access !== 'read' && (at.lo & RW) === 0) return wpFault(m, vma, access, at);
  at.write(at.lo | ACCESSED | (access === 'write' ? DIRTY : 0), at.hi);
  return TABLE;
};

/** @kernel do_huge_pmd_anonymous_page() */
const anonymousFault = (m: Machine, space: Space, vma: Vma, access: Access, at: SlotCursor): number => {
  if (vma.start > at.start || vma.end < at.end) return FALLBACK;
  prepareAnon(space, vma);
  if (access !== 'write') {
    const table = m.verbs.freshTable(space, 'fault');
    if (table === 0) return OOM;
    const lo = entryLo(ZERO_PFN, (vma.protLo & ~RW) | SPECIAL | ACCESSED);
    installLeaf(m, at, null, lo, entryHi(ZERO_PFN, vma.protHi), table);
    return HUGE_ZERO;
  }
  const folio = allocFolio(m);
  if (folio === null) return FALLBACK;
  const table = m.verbs.freshTable(space, 'fault');
  if (table === 0) {
    m.countFreed(m.frames.folios.release(folio), Y.fault);
    return OOM;
  }
  mapFolio(m, vma, at, folio, table);
  return HUGE_ANON;
};

/** A large folio; null, and counted, when memory is full. */
const allocFolio = (m: Machine): Folio | null => {
  const folio = m.frames.folios.alloc();
  if (folio === null) m.counters.add(W.ooms, Y.fault, 1);
  else m.counters.add(W.hugePagesAllocated, Y.fault, 1);
  return folio;
};

/** @kernel map_anon_folio_pmd() */
const mapFolio = (m: Machine, vma: Vma, at: SlotCursor, folio: Folio, table: number): void => {
  m.frames.setExclusive(folio.head);
  m.frames.folios.map(folio, at.space.id);
  installLeaf(m, at, folio, ownLo(vma, folio.head), entryHi(folio.head, vma.protHi), table);
};

/** A write, or an unshare, of a leaf without write permission. @kernel wp_huge_pmd(), do_huge_pmd_wp_page() */
const wpFault = (m: Machine, vma: Vma, access: Access, at: SlotCursor): number => {
  const { frames } = m;
  const folio = leafFolio(m, at);
  if (folio === null) return zeroWpFault(m, vma, at);
  if (frames.isExclusive(folio.head) || folio.refcount === 1) {
    frames.setExclusive(folio.head);
    if (access === 'write') at.write(at.lo | RW | DIRTY | ACCESSED, at.hi);
    return REUSE;
  }
  splitHugePmd(m, at, 'fault');
  return FALLBACK;
};

/** The first write over the huge zero page. @kernel do_huge_zero_wp_pmd() */
const zeroWpFault = (m: Machine, vma: Vma, at: SlotCursor): number => {
  const folio = allocFolio(m);
  if (folio === null) {
    splitHugePmd(m, at, 'fault');
    return FALLBACK;
  }
  const table = m.tables.deposited(at.parent, at.index);
  mapFolio(m, vma, at, folio, table);
  m.flushLeaf(at.space, at.start, Y.fault);
  return HUGE_ANON;
};
