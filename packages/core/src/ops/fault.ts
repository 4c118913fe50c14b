/**
 * Page faults: from the VMA to the entry, in the order in which the kernel looks.
 *
 * @kernel mm/memory.c handle_mm_fault() and what it calls; arch/x86/mm/fault.c; release 6.18
 */
import { W, Y } from '../counters.js';
import { assertModel } from '../errors/violation.js';
import { mappingsIn } from '../folio-mappings.js';
import { EXCLUSIVE, EXTRA, KIND_ANON, KIND_FILE, KIND_MASK, ZERO_PFN } from '../frames.js';
import type { Machine } from '../machine.js';
import { ACCESSED, DIRTY, entryHi, entryLo, entryPfn, isGuard, isPresent, isSwap, RW, SPECIAL } from '../pte.js';
import type { SlotCursor } from '../slot.js';
import type { Space } from '../space.js';
import type { Addr, Fault, Pfn, TableId } from '../strategy.js';
import { folioFreeSwap, swapSlotOf, unmapPage } from '../swap-cache.js';
import { VM_ACCESS, VM_SHARED, VM_WRITE, type Vma, vmaLookup } from '../vma.js';
import { prepareAnon } from '../vma-merge.js';
import { makeSlot } from '../walk.js';
import {
  ANON,
  anonPage,
  COW,
  install,
  OOM,
  ownLo,
  pteTable,
  REUSE,
  SEGV,
  SWAPPED,
  TABLE,
  ZERO,
} from './fault-entry.js';
import { fileFault } from './file-fault.js';
import { FALLBACK, hugeFault } from './huge-fault.js';
import { growStack } from './stack.js';
import { swapIn } from './swap-fault.js';

export type Access = 'read' | 'write' | 'unshare';
/** How a fault ended. 'ENOMEM': no frame was left; the model has no OOM killer. */
export type FaultEnd = 'ok' | 'SIGSEGV' | 'SIGBUS' | 'ENOMEM';

const KIND_COUNTERS = [
  W.faultsZero,
  W.faultsAnon,
  W.faultsCow,
  W.faultsReuse,
  W.faultsFile,
  W.faultsTable,
  W.faultsHuge,
  W.faultsHugeZero,
  W.faultsSwap,
];

/** What goes to the strategy: one object, reused, so that faults allocate nothing. */
const vmf: { addr: Addr; access: Access } = { addr: 0, access: 'read' };

/** @kernel arch/x86/mm/fault.c access_error(): any right at all lets a read through on x86 */
const accessError = (vma: Vma, access: Access): boolean =>
  access === 'write' ? (vma.flags & VM_WRITE) === 0 : (vma.flags & VM_ACCESS) === 0;

/** One fault of `space` at `addr`; `at` is left on the slot of the address when it ended well. */
export const handleMmFault = (m: Machine, space: Space, addr: Addr, access: Access, at: SlotCursor): FaultEnd => {
  const vma = vmaLookup(space.vmas, addr) ?? growStack(m, space, addr);
  if (!vma || accessError(vma, access)) return 'SIGSEGV';
  return faultIn(m, space, vma, addr, access, at);
};

/** The fault once the access is known to be allowed. GUP comes in here, too. */
export const faultIn = (m: Machine, space: Space, vma: Vma, addr: Addr, access: Access, at: SlotCursor): FaultEnd => {
  m.counters.shape = 0;
  m.majorFault = false;
  if (!makeSlot(m, space, addr, vma, at, Y.fault)) return 'ENOMEM';
  m.actor = space;
  const huge = hugeFault(m, space, vma, access, at);
  if (huge !== FALLBACK) return endFault(m, space, huge);
  if (m.sharing) {
    vmf.addr = addr;
    vmf.access = access;
    if (m.strategy.fault(at, vmf as Fault) === 'oom') return 'ENOMEM';
    const { table } = at;
    const free = m.asPosted || table === 0;
    if (m.asPosted && m.tables.refs[table]! > 1) changesShared(m, at, addr);
    assertModel(
      free || m.tables.refs[table] === 1 || m.tables.linked[table] === 1,
      'no-change-while-shared',
      'after the fault hook the slot still holds a table that is shared copy-on-write',
    );
    assertModel(free || access === 'read' || at.writable, 'verdict-fits', 'a write fault left the slot read-only');
  }
  return endFault(m, space, pteFault(m, space, vma, addr, access, at));
};

/** Files a fault under how it ended. */
const endFault = (m: Machine, space: Space, end: number): FaultEnd => {
  const { counters } = m;
  if (end < 0) return END_NAMES[-end - 1]!;
  counters.endFault(end);
  counters.add(W.faults, Y.fault, 1);
  counters.add(KIND_COUNTERS[end]!, Y.fault, 1);
  if (m.majorFault) space.majflt++;
  else space.minflt++;
  return 'ok';
};

/** As posted: the hook left the table shared, and the fault changes it for every holder. */
const changesShared = (m: Machine, at: SlotCursor, addr: Addr): void => {
  m.suffer('no-change-while-shared', `${at.space.name}: a fault changes ${addr.toString(16)} for every holder`);
};

const END_NAMES: readonly FaultEnd[] = ['ENOMEM', 'SIGBUS', 'SIGSEGV'];

/** @kernel handle_pte_fault() */
const pteFault = (m: Machine, space: Space, vma: Vma, addr: Addr, access: Access, at: SlotCursor): number => {
  const { table } = at;
  if (table !== 0) {
    const words = m.tables.words(table);
    const i = ((addr - at.start) >>> 12) * 2;
    const lo = words[i]!;
    if (lo !== 0) {
      // @kernel handle_pte_marker()
      if (isGuard(lo)) return SEGV;
      if (isSwap(lo)) return swapFault(m, space, vma, addr, access, at, words, i);
      if (access === 'read' || (access === 'write' && (lo & RW) !== 0)) return TABLE;
      return wpFault(m, space, vma, addr, access, at, words, i);
    }
  }
  const write = access === 'write';
  if (vma.file === null) return write ? anonFault(m, space, vma, addr, at) : zeroFault(m, vma, addr, at);
  return fileFault(m, space, vma, addr, write, at);
};

/** The page comes back; a write that finds it shared is carried out at once. @kernel do_swap_page() */
const swapFault = (
  m: Machine,
  space: Space,
  vma: Vma,
  addr: Addr,
  access: Access,
  at: SlotCursor,
  words: Uint32Array,
  i: number,
): number => {
  if (!swapIn(m, vma, addr, access === 'write', at, words, i)) return OOM;
  if (access !== 'write' || (words[i]! & RW) !== 0) return SWAPPED;
  const done = wpFault(m, space, vma, addr, access, at, words, i);
  return done === REUSE ? SWAPPED : done;
};

/** A private read of nothing: the shared zero page, without an anon_vma. @kernel do_anonymous_page() */
const zeroFault = (m: Machine, vma: Vma, addr: Addr, at: SlotCursor): number => {
  if (pteTable(m, at) === 0) return OOM;
  const lo = entryLo(ZERO_PFN, (vma.protLo & ~RW) | SPECIAL | ACCESSED);
  install(m, at, addr, lo, entryHi(ZERO_PFN, vma.protHi), 0, 0);
  return ZERO;
};

/** @kernel do_anonymous_page() */
const anonFault = (m: Machine, space: Space, vma: Vma, addr: Addr, at: SlotCursor): number => {
  if (pteTable(m, at) === 0) return OOM;
  prepareAnon(space, vma);
  const pfn = anonPage(m);
  if (pfn === 0) return OOM;
  m.counters.add(W.pagesZeroed, Y.fault, 1);
  m.frames.meta[pfn] = KIND_ANON | EXCLUSIVE | 1;
  install(m, at, addr, ownLo(vma, pfn), entryHi(pfn, vma.protHi), 1, 0);
  return ANON;
};

/** A slot that nothing refers to is given up to find out. */
const canReuseSmall = (m: Machine, pfn: Pfn): boolean => {
  const cached = swapSlotOf(m, pfn) !== 0 ? 1 : 0;
  if (m.frames.refcount(pfn) > 1 + cached) return false;
  return cached === 0 || folioFreeSwap(m, pfn);
};

/**
 * Is an anonymous page that is not marked exclusive this mm's alone? Of a large folio one page more must be mapped, since
 * 6.15: what is left of one had better be freed. @kernel wp_can_reuse_anon_folio()
 */
const canReuse = (m: Machine, pfn: Pfn, table: TableId): boolean => {
  const folio = m.frames.folios.of(pfn);
  if (!folio) return canReuseSmall(m, pfn);
  if (m.kernel !== '6.18') return m.frames.refcount(pfn) === 1;
  if (folio.mapcount <= 1 || folio.maybeShared || folio.mapcount !== folio.refcount) return false;
  // Under a strategy that shares tables, pages may be counted for an mm that has left them to another one.
  return !m.sharing || mappingsIn(m, table, folio) === folio.mapcount;
};

/** A write, or an unshare, of a present entry without write permission. @kernel do_wp_page() */
const wpFault = (
  m: Machine,
  space: Space,
  vma: Vma,
  addr: Addr,
  access: Access,
  at: SlotCursor,
  words: Uint32Array,
  i: number,
): number => {
  const { frames } = m;
  const lo = words[i]!;
  const pfn = entryPfn(lo, words[i + 1]!);
  assertModel(isPresent(lo), 'entry-legal', 'a fault met an entry that is neither none nor present');
  const kind = frames.meta[pfn]! & KIND_MASK;
  if ((vma.flags & VM_SHARED) !== 0) {
    words[i] = lo | RW | DIRTY | ACCESSED;
    frames.setDirty(pfn);
    return REUSE;
  }
  // @kernel reuse_swap_page(): before anonymous pages had owners, the map count alone decided
  const sole = m.kernel === '5.6' ? frames.mapcount(pfn) === 1 : frames.isExclusive(pfn) || canReuse(m, pfn, at.table);
  if (kind === KIND_ANON && sole) {
    frames.setExclusive(pfn);
    if (access === 'write') words[i] = lo | RW | DIRTY | ACCESSED;
    return REUSE;
  }
  assertModel(
    m.asPosted || kind !== KIND_ANON || (frames.meta[pfn]! & EXTRA) === 0 || frames.pinsOf(pfn) === 0,
    'pin-keeps-page',
    'a pinned page was about to be replaced by a copy',
  );
  prepareAnon(space, vma);
  const fresh = anonPage(m);
  if (fresh === 0) return OOM;
  const { table } = at;
  if (kind === KIND_ANON || kind === KIND_FILE) {
    frames.contents[fresh] = frames.contents[pfn]!;
    m.counters.add(W.pagesCopied, Y.fault, 1);
  } else m.counters.add(W.pagesZeroed, Y.fault, 1);
  frames.meta[fresh] = KIND_ANON | EXCLUSIVE | 1;
  const own = ownLo(vma, fresh);
  words[i] = access === 'write' ? own : own & ~(RW | DIRTY);
  words[i + 1] = entryHi(fresh, vma.protHi);
  m.flushPage(space, addr, Y.fault);
  if (kind === KIND_ANON) {
    m.countFreed(unmapPage(m, pfn, space.id), Y.fault);
  } else {
    if (kind === KIND_FILE) unmapPage(m, pfn);
    m.book(table, 1, kind === KIND_FILE ? -1 : 0, 0);
  }
  return kind === KIND_ANON || kind === KIND_FILE ? COW : ANON;
};
