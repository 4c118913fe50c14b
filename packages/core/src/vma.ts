/**
 * Virtual memory areas and the sorted list of them that an address space has.
 *
 * @kernel include/linux/mm_types.h struct vm_area_struct; mm/vma.c
 */
import type { AnonVma } from './anon-vma.js';
import type { File } from './file.js';
import { PAGE_SIZE } from './geometry.js';
import { NX, PRESENT, PROTNONE, RW, USER } from './pte.js';
import type { Addr, VmaView } from './strategy.js';
import type { UffdContext } from './uffd-context.js';

export const VM_READ = 1 << 0;
export const VM_WRITE = 1 << 1;
export const VM_EXEC = 1 << 2;
export const VM_ACCESS = VM_READ | VM_WRITE | VM_EXEC;
export const VM_SHARED = 1 << 3;
/** Charged against the commit limit: private memory that is, or once was, writable. */
export const VM_ACCOUNT = 1 << 4;
export const VM_NORESERVE = 1 << 5;
export const VM_DONTCOPY = 1 << 6;
export const VM_WIPEONFORK = 1 << 7;
export const VM_LOCKED = 1 << 8;
/** May grow downwards: a stack. */
export const VM_GROWSDOWN = 1 << 9;
/** MADV_HUGEPAGE and MADV_NOHUGEPAGE: each takes the other away. */
export const VM_HUGEPAGE = 1 << 10;
export const VM_NOHUGEPAGE = 1 << 11;
/** Guards were put in at some time, so fork copies what is there although faults could bring back all pages. */
export const VM_MAYBE_GUARD = 1 << 16;
/** A userfaultfd write-protects pages of it: see `uffd`. */
export const VM_UFFD_WP = 1 << 17;
/** Flags that keep no neighbours from merging: what they become has the flag when one of them had it. */
export const VM_STICKY = VM_MAYBE_GUARD;

export class Vma implements VmaView {
  start: Addr;
  end: Addr;
  /** VM_* bits. Change through `setFlags`. */
  flags: number;
  /** Offset of `start` in the file, or the page number of the first address of anonymous memory, in pages. */
  pgoff: number;
  readonly file: File | null;
  anonVma: AnonVma | null = null;
  mark = 0;
  /** Every anon_vma whose pages it may hold. @kernel vm_area_struct anon_vma_chain */
  readonly chain: AnonVma[] = [];
  /** The userfaultfd that write-protects pages of it. Change together with VM_UFFD_WP. @kernel vm_userfaultfd_ctx */
  uffd: UffdContext | null = null;
  /**
   * Bits of `lo` of a fresh entry, without write permission unless the mapping is shared and no write is to be noted.
   * @kernel vm_page_prot, vma_wants_writenotify()
   */
  protLo = 0;
  /** Bits of `hi` of a fresh entry. */
  protHi = 0;

  constructor(start: Addr, end: Addr, flags: number, pgoff: number, file: File | null) {
    this.start = start;
    this.end = end;
    this.flags = flags;
    this.pgoff = pgoff;
    this.file = file;
    this.setFlags(flags);
  }

  setFlags(flags: number): void {
    this.flags = flags;
    const sharedWrite = (flags & (VM_SHARED | VM_WRITE | VM_UFFD_WP)) === (VM_SHARED | VM_WRITE);
    this.protLo = (flags & VM_ACCESS) === 0 ? PROTNONE : PRESENT | USER | (sharedWrite ? RW : 0);
    this.protHi = (flags & VM_EXEC) !== 0 ? 0 : NX;
  }

  get pages(): number {
    return (this.end - this.start) / PAGE_SIZE;
  }
  get shared(): boolean {
    return (this.flags & VM_SHARED) !== 0;
  }
  get anonymous(): boolean {
    return this.file === null;
  }
  get readable(): boolean {
    return (this.flags & VM_READ) !== 0;
  }
  get writable(): boolean {
    return (this.flags & VM_WRITE) !== 0;
  }
  get executable(): boolean {
    return (this.flags & VM_EXEC) !== 0;
  }
  get dontCopy(): boolean {
    return (this.flags & VM_DONTCOPY) !== 0;
  }
  get wipeOnFork(): boolean {
    return (this.flags & VM_WIPEONFORK) !== 0;
  }
  get locked(): boolean {
    return (this.flags & VM_LOCKED) !== 0;
  }
  get uffdWp(): boolean {
    return this.uffd !== null;
  }
  get maybeGuard(): boolean {
    return (this.flags & VM_MAYBE_GUARD) !== 0;
  }
  get hasAnonVma(): boolean {
    return this.anonVma !== null;
  }

  /** Index in the file of the page at an address. */
  fileIndex(addr: Addr): number {
    return this.pgoff + Math.floor((addr - this.start) / PAGE_SIZE);
  }
}

/** Without an anon_vma and guards, faults can rebuild everything that fork leaves out. @kernel vma_needs_copy() */
export const vmaNeedsCopy = ({ hasAnonVma, maybeGuard }: VmaView): boolean => hasAnonVma || maybeGuard;

/** First VMA that ends above `addr`, as an index; the list's length when there is none. @kernel find_vma() */
export const findVmaIndex = (vmas: readonly Vma[], addr: Addr): number => {
  let low = 0;
  let high = vmas.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (vmas[middle]!.end > addr) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** The VMA that holds `addr`. @kernel vma_lookup() */
export const vmaLookup = (vmas: readonly Vma[], addr: Addr): Vma | null => {
  const vma = vmas[findVmaIndex(vmas, addr)];
  return vma !== undefined && vma.start <= addr ? vma : null;
};

/** Does any VMA meet [start, end)? @kernel find_vma_intersection() */
export const anyVmaIn = (vmas: readonly Vma[], start: Addr, end: Addr): boolean => {
  const vma = vmas[findVmaIndex(vmas, start)];
  return vma !== undefined && vma.start < end;
};

/** Puts a VMA into its place in the list. */
export const insertVma = (vmas: Vma[], vma: Vma): void => {
  vmas.splice(findVmaIndex(vmas, vma.start), 0, vma);
  vma.file?.mappings.add(vma);
};

/** Takes a VMA out of the list. It keeps its anon_vma links: see unlinkAnonVmas. */
export const removeVma = (vmas: Vma[], vma: Vma): void => {
  vmas.splice(vmas.indexOf(vma), 1);
  vma.file?.mappings.delete(vma);
};
