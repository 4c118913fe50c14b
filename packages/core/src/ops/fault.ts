/**
 * Page faults: from the VMA to the entry, in the order in which the kernel looks.
 *
 * @kernel mm/memory.c handle_mm_fault() and what it calls; arch/x86/mm/fault.c; release 6.18
 */
import { W, Y } from '../counters.js';
import { assertModel } from '../errors/violation.js';
import { EXCLUSIVE, KIND_ANON, ZERO_PFN } from '../frames.js';
import type { Machine } from '../machine.js';
import { ACCESSED, entryHi, entryLo, isGuard, isSwap, isWpMarker, RW, SPECIAL, UFFD_WP } from '../pte.js';
import type { SlotCursor } from '../slot.js';
import type { Space } from '../space.js';
import type { Addr, Fault } from '../strategy.js';
import { VM_ACCESS, VM_WRITE, type Vma, vmaLookup } from '../vma.js';
import { prepareAnon } from '../vma-merge.js';
import { makeSlot } from '../walk.js';
import { ANON, anonPage, install, OOM, ownLo, pteTable, REUSE, SEGV, SWAPPED, TABLE, ZERO } from './fault-entry.js';
import { fileFault } from './file-fault.js';
import { FALLBACK, hugeFault } from './huge-fault.js';
import { growStack } from './stack.js';
import { swapIn } from './swap-fault.js';
import { wpFault } from './wp-fault.js';

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
const vmf: { addr: Addr; access: Access; swapped: boolean } = { addr: 0, access: 'read', swapped: false };

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
    vmf.swapped = m.asPosted && at.table !== 0 && isSwap(m.tables.words(at.table)[((addr - at.start) >>> 12) * 2]!);
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
      if (isWpMarker(lo)) return markerFault(m, space, vma, addr, access, at, words, i);
      if (access === 'read' || (access === 'write' && (lo & RW) !== 0)) return TABLE;
      return wpFault(m, space, vma, addr, access, at, words, i);
    }
  }
  return missingFault(m, space, vma, addr, access === 'write', at);
};

/** @kernel do_pte_missing() */
const missingFault = (m: Machine, space: Space, vma: Vma, addr: Addr, write: boolean, at: SlotCursor): number => {
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
  return done === REUSE || done === TABLE ? SWAPPED : done;
};

/**
 * Protection of what is not there: a fault as if the entry were none, and the page gets the protection, so that a write
 * faults once more. Left over where no userfaultfd is any more, the marker just goes. @kernel pte_marker_handle_uffd_wp()
 */
const markerFault = (
  m: Machine,
  space: Space,
  vma: Vma,
  addr: Addr,
  access: Access,
  at: SlotCursor,
  words: Uint32Array,
  i: number,
): number => {
  const marker = words[i]!;
  const book = (by: number) => {
    m.book(at.table, 0, 0, by);
    m.bookForeign(at.table, 0, by);
  };
  words[i] = 0;
  book(-1);
  if (!vma.uffd) return TABLE;
  const end = missingFault(m, space, vma, addr, access === 'write', at);
  if (end >= 0) words[i] = (words[i]! & ~RW) | UFFD_WP;
  else {
    words[i] = marker;
    book(1);
  }
  return end;
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
