/** Faults in mappings of files. All files are memory files. @kernel mm/memory.c do_fault(), mm/shmem.c, release 6.18 */
import { SHAPE, W, Y } from '../counters.js';
import { EXCLUSIVE, KIND_ANON, KIND_FILE } from '../frames.js';
import { PAGE_SIZE } from '../geometry.js';
import type { Machine } from '../machine.js';
import { ACCESSED, DIRTY, entryHi, entryLo, RW } from '../pte.js';
import type { SlotCursor } from '../slot.js';
import type { Space } from '../space.js';
import type { Addr, Pfn } from '../strategy.js';
import { VM_SHARED, type Vma } from '../vma.js';
import { prepareAnon } from '../vma-merge.js';
import { anonPage, BUS, COW, FILE, install, OOM, ownLo, pteTable } from './fault-entry.js';
import { swapInFilePage } from './file.js';

/** An access of `write` kind or not where nothing is mapped yet. @kernel do_fault() */
export const fileFault = (m: Machine, space: Space, vma: Vma, addr: Addr, write: boolean, at: SlotCursor): number => {
  if (!write) return readFault(m, vma, addr, at);
  return (vma.flags & VM_SHARED) !== 0 ? sharedFault(m, vma, addr, at) : cowFault(m, space, vma, addr, at);
};

const pastEnd = (vma: Vma, addr: Addr): boolean => vma.fileIndex(addr) >= vma.file!.endIndex;

/** The cached page at a file index; a hole gets a page of zeroes. 0 when memory is full. @kernel shmem_fault() */
const cachePage = (m: Machine, vma: Vma, index: number): Pfn => {
  const file = vma.file!;
  const there = file.page(index);
  if (there !== 0) return there;
  if (file.swapped.has(index)) {
    m.majorFault = true;
    m.counters.shape |= SHAPE.read;
    return swapInFilePage(m, file, index, Y.fault);
  }
  const pfn = m.frames.alloc(KIND_FILE);
  if (pfn === 0) {
    m.counters.add(W.ooms, Y.fault, 1);
    return 0;
  }
  file.setPage(index, pfn);
  m.counters.add(W.pagesAllocated, Y.fault, 1);
  m.counters.add(W.pagesZeroed, Y.fault, 1);
  return pfn;
};

/** @kernel set_pte_range(): rights of the VMA; shared memory files are mapped writable at once */
const mapFilePage = (m: Machine, vma: Vma, addr: Addr, pfn: Pfn, at: SlotCursor, dirty: number): void => {
  m.frames.map(pfn);
  install(m, at, addr, entryLo(pfn, vma.protLo | ACCESSED | dirty), entryHi(pfn, vma.protHi), 0, 1);
};

/** @kernel do_read_fault(): what is cached around the address, then the page itself */
const readFault = (m: Machine, vma: Vma, addr: Addr, at: SlotCursor): number => {
  const around = faultAround(m, vma, addr, at);
  if (around < 0) return OOM;
  let mapped = around >> 1;
  // Pages before the end have been mapped around the address even when the address itself lies past it.
  if ((around & 1) === 0 && pastEnd(vma, addr)) return BUS;
  if ((around & 1) === 0) {
    const pfn = cachePage(m, vma, vma.fileIndex(addr));
    if (pfn === 0 || pteTable(m, at) === 0) return OOM;
    mapFilePage(m, vma, addr, pfn, at, 0);
    mapped++;
  }
  m.counters.add(W.pagesMapped, Y.fault, mapped);
  m.counters.shape += mapped * SHAPE.mapped;
  return FILE;
};

/**
 * Maps cached pages around a read fault where the entries are none. Answers twice the number mapped, plus 1 when the
 * address itself was among them; -1 when memory is full. @kernel do_fault_around(), filemap_map_pages()
 */
const faultAround = (m: Machine, vma: Vma, addr: Addr, at: SlotCursor): number => {
  // What is mapped around an address would escape its protection. @kernel uffd_disable_fault_around()
  if (vma.uffd) return 0;
  const { entries, faultAroundPages } = m.geometry;
  const file = vma.file!;
  const pte = (addr - at.start) >>> 12;
  const intoVma = Math.floor((addr - vma.start) / PAGE_SIZE);
  const from = Math.max(pte - (pte % faultAroundPages), pte - Math.min(pte, intoVma));
  const to = Math.min(from + faultAroundPages, entries, pte + vma.pages - intoVma);
  const delta = vma.fileIndex(addr) - pte;
  const end = Math.min(to, file.endIndex - delta);
  let mapped = 0;
  let hit = 0;
  for (let i = from; i < end; i++) {
    const pfn = file.page(i + delta);
    if (pfn === 0) continue;
    const table = pteTable(m, at);
    if (table === 0) return -1;
    if (m.tables.words(table)[i * 2] !== 0) continue;
    mapFilePage(m, vma, at.start + i * PAGE_SIZE, pfn, at, 0);
    mapped++;
    if (i === pte) hit = 1;
  }
  return mapped * 2 + hit;
};

/** @kernel do_shared_fault() */
const sharedFault = (m: Machine, vma: Vma, addr: Addr, at: SlotCursor): number => {
  if (pastEnd(vma, addr)) return BUS;
  const pfn = cachePage(m, vma, vma.fileIndex(addr));
  if (pfn === 0 || pteTable(m, at) === 0) return OOM;
  mapFilePage(m, vma, addr, pfn, at, DIRTY | RW);
  m.frames.setDirty(pfn);
  m.counters.add(W.pagesMapped, Y.fault, 1);
  m.counters.shape += SHAPE.mapped;
  return FILE;
};

/** A private write where nothing is mapped: straight into a page of one's own. @kernel do_cow_fault() */
const cowFault = (m: Machine, space: Space, vma: Vma, addr: Addr, at: SlotCursor): number => {
  prepareAnon(space, vma);
  if (pastEnd(vma, addr)) return BUS;
  const cached = cachePage(m, vma, vma.fileIndex(addr));
  if (cached === 0 || pteTable(m, at) === 0) return OOM;
  const pfn = anonPage(m);
  if (pfn === 0) return OOM;
  m.frames.contents[pfn] = m.frames.contents[cached]!;
  m.counters.add(W.pagesCopied, Y.fault, 1);
  m.frames.meta[pfn] = KIND_ANON | EXCLUSIVE | 1;
  install(m, at, addr, ownLo(vma, pfn), entryHi(pfn, vma.protHi), 1, 0);
  return COW;
};
