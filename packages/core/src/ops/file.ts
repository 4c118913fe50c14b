/** Files: making them, truncating them, letting them go. @kernel mm/shmem.c, mm/truncate.c, release 6.18 */
import { W, Y } from '../counters.js';
import type { File } from '../file.js';
import { EXTRA, KIND_FILE } from '../frames.js';
import { PAGE_SIZE } from '../geometry.js';
import type { Machine } from '../machine.js';
import type { Pfn } from '../strategy.js';
import type { Errno } from './errno.js';
import { askTouch, markersOf, zapRange } from './zap.js';

/** A memory file of `size` bytes of holes. */
export const createFile = (m: Machine, name: string, size: number): Errno => {
  m.syscall('setup');
  m.files.set(name, m.newFile(name, size, true));
  return 0;
};

/** The part of a VMA that maps file pages from `first` on; null when there is none. */
const mappedFrom = (vma: { start: number; end: number; pgoff: number }, first: number) => {
  const start = vma.start + Math.max(0, first - vma.pgoff) * PAGE_SIZE;
  return start < vma.end ? { start, end: vma.end } : null;
};

/**
 * ftruncate(). Shrinking removes the pages past the end from the cache and from every table, private copies included.
 * @kernel mm/truncate.c truncate_pagecache()
 */
export const truncate = (m: Machine, file: File, size: number): Errno => {
  m.syscall('truncate');
  const first = Math.ceil(size / PAGE_SIZE);
  const parts = [];
  for (const [space, vma] of mappers(m, file)) {
    const part = mappedFrom(vma, first);
    if (part && size < file.size) parts.push({ space, ...part, markers: markersOf(vma) });
  }
  for (const { space, start, end } of parts) {
    if (askTouch(m, space, start, end, 'truncate', 'skip unmarked') === 'oom') return 'ENOMEM';
  }
  for (const { space, start, end, markers } of parts) zapRange(m, space, start, end, 'truncate', markers);
  m.inPlace.clear();
  if (size < file.size) dropPages(m, file, first, Y.truncate);
  zeroTail(m, file, size);
  file.size = size;
  return 0;
};

/** Every VMA of a file with its space, in order of space. */
const mappers = function* (m: Machine, file: File) {
  // A vfork child and its parent are one space.
  for (const space of new Set(m.procs.values()))
    for (const vma of space.vmas) if (vma.file === file) yield [space, vma] as const;
};

/** Takes pages out of the cache; nothing maps them any more. */
const dropPages = (m: Machine, file: File, first: number, why: number): void => {
  for (const { index, pfn } of file.pagesFrom(first)) {
    file.setPage(index, 0);
    // A pinned page outlives its place in the cache: the pin's end frees it.
    if ((m.frames.meta[pfn]! & EXTRA) !== 0) m.orphans.add(pfn);
    else m.frames.free(pfn);
    m.counters.add(W.pagesFreed, why, 1);
  }
  // @kernel shmem_free_swap()
  for (const [index, slot] of file.swapped) {
    if (index < first) continue;
    m.swap.put(slot);
    file.swapped.delete(index);
  }
};

/** A page of a file comes back from swap; 0 when memory is full. @kernel shmem_swapin_folio() */
export const swapInFilePage = (m: Machine, file: File, index: number, why: number): Pfn => {
  const pfn = m.frames.alloc(KIND_FILE);
  if (pfn === 0) {
    m.counters.add(W.ooms, why, 1);
    return 0;
  }
  const slot = file.swapped.get(index)!;
  m.frames.contents[pfn] = m.swap.contents(slot);
  m.frames.setDirty(pfn);
  m.swap.put(slot);
  file.swapped.delete(index);
  file.setPage(index, pfn);
  m.counters.add(W.pagesAllocated, why, 1);
  m.counters.add(W.pagesSwappedIn, why, 1);
  return pfn;
};

/**
 * The rest of the last page past the new end reads as zeroes; a page that was swapped out comes back for that. Only the
 * word at its start is modelled. @kernel shmem_get_partial_folio()
 */
const zeroTail = (m: Machine, file: File, size: number): void => {
  const tail = size % PAGE_SIZE;
  if (tail === 0 || size >= file.size) return;
  const index = Math.floor(size / PAGE_SIZE);
  const pfn = file.swapped.has(index) ? swapInFilePage(m, file, index, Y.truncate) : file.page(index);
  if (pfn === 0) return;
  m.frames.setDirty(pfn);
  if (tail >= 4) return;
  const { contents } = m.frames;
  contents[pfn] = contents[pfn]! & (2 ** (tail * 8) - 1);
};

/** Frees a file that nothing maps and nothing holds open. */
export const releaseFileIfUnused = (m: Machine, file: File, why: number): void => {
  if (file.held || file.mappings.size > 0) return;
  dropPages(m, file, 0, why);
};
