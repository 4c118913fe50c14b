/** Contents: what an access finds, does and answers. @kernel 6.18 mm/memory.c, mm/gup.c, mm/shmem.c */
import { PAGE_SIZE } from '@forklab/core';
import { growStack } from './stack.js';
import { canRead, canWrite, type FlatFile, type FlatPage, type FlatProc, type FlatVma, newPage } from './types.js';
import { dropWp, noteWrite } from './uffd.js';
import { ensureAnon, pgoffOf, vmaAt } from './vmas.js';

export type Signal = 'SIGSEGV' | 'SIGBUS';

/** Makes the page usable as a fault would, once the rights are known to suffice. */
export const fault = (proc: FlatProc, vma: FlatVma, page: number, write: boolean): 0 | Signal =>
  makeUsable(proc, vma, page, write) || (write && !noteWrite(proc, vma, page) ? 'SIGBUS' : 0);

/** The page itself, whether or not a userfaultfd wants to know of the write. */
export const makeUsable = (proc: FlatProc, vma: FlatVma, page: number, write: boolean): 0 | Signal => {
  if (proc.guards.has(page)) return 'SIGSEGV';
  const copies = write && !vma.shared;
  // Linux makes the anon_vma before it looks at the size of the file.
  if (copies) ensureAnon(proc, vma);
  const own = proc.pages.get(page);
  if (own !== undefined) {
    // Whoever still holds the old page, by a pipe for instance, keeps what it was.
    if (copies && !own.exclusive) proc.pages.set(page, newPage(own.word));
    return 0;
  }
  if (vma.file === null) {
    const { wp, zeroes } = proc.uffd;
    // A mark that a move has left behind goes at the first fault, unless a page lies there.
    if (vma.uffd === null && !zeroes.has(page)) wp.delete(page);
    if (copies) proc.pages.set(page, newPage());
    if (copies) zeroes.delete(page);
    else zeroes.add(page);
    return 0;
  }
  const index = pgoffOf(vma, page * PAGE_SIZE);
  if (index * PAGE_SIZE >= vma.file.size) return 'SIGBUS';
  const cached = vma.file.pages.get(index) ?? newPage();
  vma.file.pages.set(index, cached);
  if (copies) proc.pages.set(page, newPage(cached.word));
  return 0;
};

/** One access by the CPU to the page that holds `addr`. On x86 any right at all allows reading. */
const access = (proc: FlatProc, addr: number, write: boolean): FlatVma | Signal => {
  const vma = vmaAt(proc, addr) ?? growStack(proc, addr);
  if (vma === undefined || !(write ? canWrite(vma.prot) : canRead(vma.prot))) return 'SIGSEGV';
  return fault(proc, vma, Math.floor(addr / PAGE_SIZE), write) || vma;
};

/** What is at a page after its fault: the process's own page, one of the file, or the page of zeroes. */
export const pageAt = (proc: FlatProc, vma: FlatVma, page: number): FlatPage =>
  proc.pages.get(page) ?? vma.file?.pages.get(pgoffOf(vma, page * PAGE_SIZE)) ?? newPage();

const setBits = (page: FlatPage, mask: number, bits: number): void => {
  page.word = ((page.word & ~mask) | (bits & mask)) >>> 0;
};

/** Loads 4 bytes at `addr`. They may reach into the next page. */
export const load = (proc: FlatProc, addr: number): 0 | Signal => {
  const first = access(proc, addr, false);
  if (typeof first === 'string') return first;
  if (addr % PAGE_SIZE <= PAGE_SIZE - 4) return 0;
  const second = access(proc, addr + 3, false);
  return typeof second === 'string' ? second : 0;
};

/** Stores 4 bytes, little endian, at `addr`. Only what falls into the first word of a page is remembered. */
export const store = (proc: FlatProc, addr: number, value: number): 0 | Signal => {
  const at = addr % PAGE_SIZE;
  const page = (addr - at) / PAGE_SIZE;
  const first = access(proc, addr, true);
  if (typeof first === 'string') return first;
  if (at < 4) setBits(pageAt(proc, first, page), -1 << (8 * at), value << (8 * at));
  const over = at + 4 - PAGE_SIZE;
  if (over <= 0) return 0;
  // The processor stores nothing at all when the second page faults; only bytes that we do not keep lie in the first.
  const second = access(proc, addr + 3, true);
  if (typeof second === 'string') return second;
  setBits(pageAt(proc, second, page + 1), 2 ** (8 * over) - 1, value >>> (8 * (4 - over)));
  return 0;
};

/** The first word of the page that holds `addr`. */
export const readWord = (proc: FlatProc, addr: number): { readonly word: number } | Signal => {
  const vma = access(proc, addr, false);
  if (typeof vma === 'string') return vma;
  return { word: pageAt(proc, vma, Math.floor(addr / PAGE_SIZE)).word };
};

/** Whether get_user_pages would go there: it asks for exactly the right that it needs. */
export const gupMay = (vma: FlatVma, write: boolean): boolean => vma.prot[write ? 1 : 0] !== '-';

/** MADV_POPULATE_READ and _WRITE: page by page, so what lies before an error is done. @kernel madvise_populate() */
export const populate = (
  proc: FlatProc,
  start: number,
  end: number,
  write: boolean,
): 0 | 'ENOMEM' | 'EINVAL' | 'EFAULT' => {
  for (let addr = start; addr < end; addr += PAGE_SIZE) {
    const vma = vmaAt(proc, addr);
    if (vma === undefined) return 'ENOMEM';
    if (!gupMay(vma, write)) return 'EINVAL';
    if (fault(proc, vma, addr / PAGE_SIZE, write)) return 'EFAULT';
  }
  return 0;
};

/**
 * MAP_POPULATE and mlock, inside one VMA: private writable memory is written to, everything else read, and PROT_NONE
 * left alone. @kernel mm/gup.c populate_vma_page_range()
 */
export const populateVma = (proc: FlatProc, vma: FlatVma, start: number, end: number): 0 | 'EFAULT' => {
  if (vma.prot === '---') return 'EFAULT';
  for (let addr = start; addr < end; addr += PAGE_SIZE) {
    if (fault(proc, vma, addr / PAGE_SIZE, canWrite(vma.prot) && !vma.shared)) return 'EFAULT';
  }
  return 0;
};

const pageKeys = function* (pages: ReadonlyMap<number, FlatPage>, from: number, to: number): Generator<number> {
  // Whichever is the smaller: the range, or what there is.
  if (to - from <= pages.size) for (let page = from; page < to; page++) yield page;
  else for (const page of [...pages.keys()]) if (page >= from && page < to) yield page;
};

/** Takes the guards out of [start, end), or moves them to `to`. */
export const dropGuards = (proc: FlatProc, start: number, end: number, to?: number): void => {
  const gone = [...proc.guards].filter((page) => page >= start / PAGE_SIZE && page < end / PAGE_SIZE);
  for (const page of gone) proc.guards.delete(page);
  if (to !== undefined) for (const page of gone) proc.guards.add(page + (to - start) / PAGE_SIZE);
};

/** Forgets the private pages in [start, end), those that map zeroes included. */
export const dropPages = (proc: FlatProc, start: number, end: number): void => {
  const [first, last] = [start / PAGE_SIZE, end / PAGE_SIZE];
  for (const page of [...proc.uffd.zeroes]) if (page >= first && page < last) proc.uffd.zeroes.delete(page);
  for (const page of pageKeys(proc.pages, start / PAGE_SIZE, end / PAGE_SIZE)) proc.pages.delete(page);
};

/** Gives the private pages of [start, end) to a child. A pinned one stays the parent's, and the child gets a copy. */
export const forkPages = (parent: FlatProc, child: FlatProc, start: number, end: number): void => {
  for (const page of pageKeys(parent.pages, start / PAGE_SIZE, end / PAGE_SIZE)) {
    const own = parent.pages.get(page);
    if (own === undefined) continue;
    if (own.pins === 0) own.exclusive = false;
    child.pages.set(page, { ...newPage(own.word), exclusive: own.exclusive });
  }
};

/** Moves the private pages of [start, end) to `to`; the two do not overlap. */
export const movePages = (proc: FlatProc, start: number, end: number, to: number): void => {
  const { zeroes } = proc.uffd;
  const mapped = [...zeroes].filter((page) => page >= start / PAGE_SIZE && page < end / PAGE_SIZE);
  for (const page of mapped) zeroes.delete(page);
  for (const page of mapped) zeroes.add(page + (to - start) / PAGE_SIZE);
  for (const page of pageKeys(proc.pages, start / PAGE_SIZE, end / PAGE_SIZE)) {
    const moved = proc.pages.get(page);
    if (moved === undefined) continue;
    proc.pages.delete(page);
    proc.pages.set(page + (to - start) / PAGE_SIZE, moved);
  }
};

/** ftruncate: pages past the end go from the file and, copies included, from every mapping of it. */
export const truncate = (procs: Iterable<FlatProc>, file: FlatFile, size: number): void => {
  const shrinks = size < file.size;
  file.size = size;
  if (!shrinks) return;
  const end = Math.ceil(size / PAGE_SIZE);
  for (const index of [...file.pages.keys()]) if (index >= end) file.pages.delete(index);
  const rest = size % PAGE_SIZE;
  const last = file.pages.get(end - 1);
  if (rest > 0 && rest < 4 && last !== undefined) setBits(last, -1 << (8 * rest), 0);
  for (const proc of procs) {
    for (const vma of proc.vmas) {
      const from = vma.start + Math.max(0, end - vma.pgoff) * PAGE_SIZE;
      if (vma.file !== file || from >= vma.end) continue;
      if (vma.uffd === null) dropWp(proc, from, vma.end);
      if (!vma.shared) dropPages(proc, from, vma.end);
    }
  }
};
