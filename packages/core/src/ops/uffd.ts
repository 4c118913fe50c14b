/**
 * userfaultfd write protection: registering ranges, protecting pages, and what a handler does about an event.
 *
 * @kernel fs/userfaultfd.c userfaultfd_register(), userfaultfd_unregister(); mm/userfaultfd.c mwriteprotect_range(),
 * uffd_wp_range(), release 6.18
 */
import { changeEntries, type WpChange } from '../change-entries.js';
import { W, Y } from '../counters.js';
import { assertModel } from '../errors/violation.js';
import { isPageAligned, PAGE_SIZE } from '../geometry.js';
import { splitCut, splitHugePmd } from '../huge-pmd.js';
import type { Machine } from '../machine.js';
import { RW, UFFD_WP } from '../pte.js';
import type { SlotCursor } from '../slot.js';
import type { Space } from '../space.js';
import type { Addr } from '../strategy.js';
import type { UffdMode } from '../trace/index.js';
import { newUffdContext, type UffdContext } from '../uffd-context.js';
import { findVmaIndex, VM_SHARED, VM_UFFD_WP, VM_WRITE, type Vma } from '../vma.js';
import { modifyFlags } from '../vma-merge.js';
import { countVmaWork, eachTable, makeSlot } from '../walk.js';
import type { Errno } from './errno.js';
import { BUS, TABLE } from './fault-entry.js';
import { askSplit, askTouch } from './zap.js';

/** @kernel validate_range() */
const isRange = (m: Machine, addr: Addr, length: number): boolean =>
  isPageAligned(addr) && length % PAGE_SIZE === 0 && length > 0 && addr + length <= m.geometry.taskSize;

const vmasIn = (space: Space, start: Addr, end: Addr): readonly Vma[] => {
  const found: Vma[] = [];
  for (let i = findVmaIndex(space.vmas, start); i < space.vmas.length && space.vmas[i]!.start < end; i++) {
    found.push(space.vmas[i]!);
  }
  return found;
};

/** The process's userfaultfd of a mode; null where an older kernel has none like it. */
const contextOf = (m: Machine, space: Space, mode: UffdMode): UffdContext | null => {
  if (m.kernel !== '6.18' && mode !== 'wp') return null;
  const there = space.uffds.get(mode);
  if (there) return there;
  const fresh = newUffdContext(mode);
  space.uffds.set(mode, fresh);
  return fresh;
};

/** Visits the mapped parts of [start, end), each as what its VMA has become by then. */
const eachPart = (
  space: Space,
  start: Addr,
  end: Addr,
  visit: (vma: Vma, start: Addr, end: Addr) => 0 | 'ENOENT' | 'ENOMEM',
): Errno => {
  for (let at = start; at < end; ) {
    const vma = space.vmas[findVmaIndex(space.vmas, at)];
    if (!vma || vma.start >= end) return 0;
    const from = Math.max(vma.start, at);
    const stop = Math.min(vma.end, end);
    const errno = visit(vma, from, stop);
    if (errno !== 0) return errno;
    at = stop;
  }
  return 0;
};

export const uffdRegister = (m: Machine, space: Space, addr: Addr, length: number, mode: UffdMode): Errno => {
  m.syscall('uffd');
  const context = contextOf(m, space, mode);
  if (!context || !isRange(m, addr, length)) return 'EINVAL';
  const vmas = vmasIn(space, addr, addr + length);
  if (vmas.length === 0) return 'EINVAL';
  if (vmas.some(({ uffd }) => uffd !== null && uffd !== context)) return 'EBUSY';
  return eachPart(space, addr, addr + length, (vma, start, end) => {
    if (vma.uffd === context) return 0;
    if (askSplit(m, space, vma, start, end) === 'oom') return 'ENOMEM';
    splitCut(m, space, vma, start, end, 'uffd');
    modifyFlags(space, vma, start, end, vma.flags | VM_UFFD_WP, context);
    countVmaWork(m, space, 'uffd');
    return 0;
  });
};

/** Takes the protection off as well. */
export const uffdUnregister = (m: Machine, space: Space, addr: Addr, length: number, mode: UffdMode): Errno => {
  m.syscall('uffd');
  const context = contextOf(m, space, mode);
  if (!context || !isRange(m, addr, length)) return 'EINVAL';
  const vmas = vmasIn(space, addr, addr + length);
  if (vmas.length === 0) return 'EINVAL';
  // Linux 6.1 let any userfaultfd unregister what another had registered.
  const foreign = vmas.some(({ uffd }) => uffd !== null && uffd !== context);
  if (foreign && m.kernel === '6.18') return 'EINVAL';
  return eachPart(space, addr, addr + length, (vma, start, end) => {
    if (vma.uffd === null) return 0;
    if (wpRange(m, space, vma, start, end, false) === 'ENOMEM') return 'ENOMEM';
    if (askSplit(m, space, vma, start, end) === 'oom') return 'ENOMEM';
    splitCut(m, space, vma, start, end, 'uffd');
    modifyFlags(space, vma, start, end, vma.flags & ~VM_UFFD_WP, null);
    countVmaWork(m, space, 'uffd');
    return 0;
  });
};

/** @kernel mwriteprotect_range(): up to the first VMA that is not registered; what lies before it has changed */
export const uffdWriteprotect = (m: Machine, space: Space, addr: Addr, length: number, protect: boolean): Errno => {
  m.syscall('uffd');
  if (!isRange(m, addr, length)) return 'EINVAL';
  if (vmasIn(space, addr, addr + length).length === 0) return 'ENOENT';
  return eachPart(space, addr, addr + length, (vma, start, end) =>
    vma.uffd === null ? 'ENOENT' : wpRange(m, space, vma, start, end, protect),
  );
};

/** Pages of shared memory stay read-only when they lose protection, even dirty ones, and fault once more. */
const wpChange = (vma: Vma, protect: boolean): WpChange => ({
  lo: vma.protLo,
  hi: vma.protHi,
  wp: protect ? 'set' : 'clear',
  markers: useMarkers(vma),
  // @kernel vma_wants_manual_pte_write_upgrade()
  upgrade: !protect && (vma.flags & (VM_SHARED | VM_WRITE)) === VM_WRITE,
});

/** @kernel userfaultfd_wp_use_markers() */
const useMarkers = (vma: Vma): boolean => !vma.anonymous || vma.uffd!.unpopulated;

/** @kernel uffd_wp_range() */
const wpRange = (m: Machine, space: Space, vma: Vma, start: Addr, end: Addr, protect: boolean): 0 | 'ENOMEM' => {
  if (askTouch(m, space, start, end, 'uffd') === 'oom') return 'ENOMEM';
  if (protect && useMarkers(vma)) {
    for (let addr = start; addr < end; addr = m.to.end) {
      if (!makeSlot(m, space, addr, vma, m.to, Y.uffd)) return 'ENOMEM';
      if (m.to.table === 0 && !m.to.huge && m.verbs.allocTable(m.to, 'uffd') === 'oom') return 'ENOMEM';
    }
  }
  const change = wpChange(vma, protect);
  let changed = 0;
  const table = (at: SlotCursor) => {
    changed += changePart(m, at, start, end, change);
    return true;
  };
  // Linux keeps a huge entry that is protected whole, and splits it at the first write.
  const leaf = (at: SlotCursor) => {
    splitHugePmd(m, at, 'uffd');
    return table(at);
  };
  eachTable(m, space, start, end, m.at, null, table, leaf);
  m.inPlace.clear();
  if (changed > 0) m.flushRange(space, start, end, Y.uffd);
  return 0;
};

const changePart = (m: Machine, at: SlotCursor, start: Addr, end: Addr, change: WpChange): number => {
  assertModel(
    m.tables.refs[at.table] === 1 || m.inPlace.has(at.table),
    'no-change-while-shared',
    'write protection was about to change in a table that other spaces hold',
  );
  const first = (Math.max(start, at.start) - at.start) / PAGE_SIZE;
  const last = (Math.min(end, at.end) - at.start) / PAGE_SIZE;
  return changeEntries(m, at.table, first, last, change, Y.uffd);
};

/** The handler notes the event and takes the protection off this page. @kernel handle_userfault() */
const answerEvent = (m: Machine, vma: Vma, addr: Addr, at: SlotCursor): void => {
  const page = addr - (addr % PAGE_SIZE);
  changePart(m, at, page, page + PAGE_SIZE, wpChange(vma, false));
  m.counters.add(W.uffdEvents, Y.fault, 1);
};

/**
 * A write fault met a present entry, in a table of its own: how it ends if that was about protection, null if it goes on
 * without. @kernel do_wp_page()
 */
export const meetProtection = (
  m: Machine,
  vma: Vma,
  addr: Addr,
  at: SlotCursor,
  words: Uint32Array,
  i: number,
): number | null => {
  if ((words[i]! & UFFD_WP) === 0) return null;
  if (vma.uffd!.async) words[i] = words[i]! & ~UFFD_WP;
  else if (at.space.mayWait) answerEvent(m, vma, addr, at);
  else return BUS;
  // The handler's call may have made the page writable, and then the second try has nothing left to do.
  return (words[i]! & RW) === 0 ? null : TABLE;
};
