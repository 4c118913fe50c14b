/** @kernel mm/mmap.c dup_mmap(), mm/memory.c copy_page_range(), release 6.18 */
import { anonVmaFork } from '../anon-vma.js';
import { W, Y } from '../counters.js';
import { PAGE_SIZE } from '../geometry.js';
import { copyHugePmd } from '../huge-pmd.js';
import type { Machine } from '../machine.js';
import { PMD_LEVEL, PUD_LEVEL } from '../page-table.js';
import type { SlotCursor } from '../slot.js';
import type { Space } from '../space.js';
import type { Addr, Fork } from '../strategy.js';
import { insertVma, VM_DONTCOPY, VM_LOCKED, VM_UFFD_WP, VM_WIPEONFORK, Vma, vmaNeedsCopy } from '../vma.js';
import { eachTable, slotNumber, upperTable } from '../walk.js';
import type { Errno } from './errno.js';
import { exitSpace } from './exit.js';

/** The pair that strategies are asked about: one object, moved along. */
interface Pair {
  readonly src: SlotCursor;
  readonly dst: SlotCursor;
  start: Addr;
  end: Addr;
}

/** A child of `parent` under a new name; ENOMEM leaves the parent's rights reduced, as Linux does. */
export const fork = (m: Machine, parent: Space, name: string, flags: readonly string[]): Errno => {
  m.counters.add(W.forks, Y.fork, 1);
  const child = m.newSpace(name, 'mm');
  if (child === null) {
    m.counters.add(W.ooms, Y.fork, 1);
    return 'ENOMEM';
  }
  child.heap = parent.heap;
  const forking: Fork = { parent, child, flags };
  for (const vma of parent.vmas) {
    if ((vma.flags & VM_DONTCOPY) !== 0) continue;
    if (!dupVma(m, forking, child, vma)) {
      m.flushAll(parent, Y.fork);
      exitSpace(m, child, 'fork');
      return 'ENOMEM';
    }
  }
  m.flushAll(parent, Y.fork);
  if (m.asPosted && m.tlbs) checkWiped(m, child);
  m.procs.set(name, child);
  return 0;
};

/** As posted: do the parent's pages show in a MADV_WIPEONFORK area? */
const checkWiped = (m: Machine, child: Space): void => {
  for (const vma of child.vmas) {
    if ((vma.flags & VM_WIPEONFORK) === 0) continue;
    eachTable(m, child, vma.start, vma.end, m.at, vma, (at) => {
      const first = (Math.max(vma.start, at.start) - at.start) / PAGE_SIZE;
      const last = (Math.min(vma.end, at.end) - at.start) / PAGE_SIZE;
      const used = m.tables
        .words(at.table)
        .subarray(first * 2, last * 2)
        .some((word) => word !== 0);
      if (used) m.suffer('wiped-is-empty', `${child.name} sees its parent's pages in a MADV_WIPEONFORK area`);
      return !used;
    });
  }
};

/** One VMA of the parent: its copy, and what fork has to do about its tables; false when memory is full. */
const dupVma = (m: Machine, forking: Fork, child: Space, vma: Vma): boolean => {
  m.counters.add(W.vmasDuplicated, Y.fork, 1);
  const copy = new Vma(vma.start, vma.end, vma.flags & ~(VM_LOCKED | VM_UFFD_WP), vma.pgoff, vma.file);
  const wipe = (vma.flags & VM_WIPEONFORK) !== 0;
  if (!wipe) anonVmaFork(copy, vma);
  insertVma(child.vmas, copy);
  if (wipe) return true;
  const ask = m.strategy.dupVma?.(forking, vma) ?? (vmaNeedsCopy(vma) ? 'walk' : 'skip');
  return ask === 'skip' || copyPageRange(m, forking, child, vma);
};

/** Walks the parent's tables under a VMA; wherever it has one of an upper level, the child gets one. */
const copyPageRange = (m: Machine, forking: Fork, child: Space, vma: Vma): boolean => {
  const { tables, geometry, counters } = m;
  const { bits, mask, slotBytes } = geometry;
  const parent = forking.parent as Space;
  const pair: Pair = { src: m.at, dst: m.to, start: 0, end: 0 };
  const last = Math.ceil(vma.end / slotBytes);
  for (let slot = slotNumber(m, vma.start); slot < last; ) {
    const top = (slot >>> (2 * bits)) & mask;
    const srcPud = tables.child(parent.pgd, top);
    if (srcPud === 0) {
      slot = ((slot >>> (2 * bits)) + 1) << (2 * bits);
      continue;
    }
    const dstPud = upperTable(m, child, child.pgd, top, PUD_LEVEL, Y.fork);
    if (dstPud === 0) return false;
    const middle = (slot >>> bits) & mask;
    const srcPmd = tables.child(srcPud, middle);
    if (srcPmd === 0) {
      slot = ((slot >>> bits) + 1) << bits;
      continue;
    }
    const dstPmd = upperTable(m, child, dstPud, middle, PMD_LEVEL, Y.fork);
    if (dstPmd === 0) return false;
    const stop = Math.min(last, ((slot >>> bits) + 1) << bits);
    counters.add(W.slotsVisited, Y.fork, stop - slot);
    for (; slot < stop; slot++) {
      const leaf = tables.isLeaf(srcPmd, slot & mask);
      if (!leaf && tables.child(srcPmd, slot & mask) === 0) continue;
      const start = slot * slotBytes;
      pair.src.place(parent, srcPmd, slot & mask, start, vma);
      pair.dst.place(child, dstPmd, slot & mask, start, vma);
      const done = leaf ? copyHugePmd(m, pair.src, pair.dst) : 'split';
      if (done === 'oom') return false;
      if (done === 'copied') continue;
      pair.start = Math.max(start, vma.start);
      pair.end = Math.min(start + slotBytes, vma.end);
      if (m.strategy.copyPteRange(forking, pair) === 'oom') return false;
    }
  }
  return true;
};
