/**
 * `/proc/PID/pagemap`: one 64-bit word for each page of the address space, read in chunks as pairs of 32-bit words.
 *
 *   63 present · 62 swapped, or a marker · 61 file page or shared anonymous · 58 guard · 57 uffd write-protected ·
 *   56 mapped here only (mapcount is 1) · 55 soft-dirty · 54-0 frame number, or swap type and offset; 0 without
 *   CAP_SYS_ADMIN
 *
 * @kernel Documentation/admin-guide/mm/pagemap.rst, fs/proc/task_mmu.c pte_to_pagemap_entry(), release 6.18
 */

import type { FileHandle } from 'node:fs/promises';
import { open, readFile } from 'node:fs/promises';

/** Bytes of a page, and of its word in pagemap. */
export const PAGE = 4096;
const WORD_BYTES = 8;

/** Pages read at a time: 64 MiB of address space, 128 KiB of pagemap. A whole number of blocks. */
export const CHUNK_PAGES = 16384;

/** Bits of the high word. */
export const PRESENT = 0x8000_0000;
export const SWAPPED = 0x4000_0000;
export const FILE_PAGE = 0x2000_0000;
export const GUARD = 0x0400_0000;
export const EXCLUSIVE = 0x0100_0000;

/** Swap type of entries that are markers (guard, poison, uffd-wp), not swapped pages. Bits 0 to 4 hold the type. */
const MARKER_TYPE = 31;

/** Whether a word with bit 62 is a page in swap. Without CAP_SYS_ADMIN the type reads 0, and only guards are known. */
export const isSwapEntry = (low: number, high: number): boolean => (high & GUARD) === 0 && (low & 31) !== MARKER_TYPE;

/** An open pagemap. */
export interface Pagemap {
  /**
   * The words of `count` pages (at most `CHUNK_PAGES`) from page number `first`: low word, high word, and so on, in a
   * buffer that the next call overwrites. Null when the process has no address space any more.
   */
  read(first: number, count: number): Promise<Uint32Array | null>;
  close(): Promise<void>;
}

/** Reads until `bytes` are there; fewer when the file ends. */
const fill = async (handle: FileHandle, into: Uint8Array, bytes: number, position: number): Promise<number> => {
  let have = 0;
  while (have < bytes) {
    const { bytesRead } = await handle.read(into, have, bytes - have, position + have);
    if (bytesRead === 0) break;
    have += bytesRead;
  }
  return have;
};

/** Opens the pagemap of a process. Throws what the host says. */
export const openPagemap = async (pid: number): Promise<Pagemap> => {
  const handle = await open(`/proc/${pid}/pagemap`, 'r');
  const bytes = new Uint8Array(CHUNK_PAGES * WORD_BYTES);
  const words = new Uint32Array(bytes.buffer);
  return {
    async read(first, count) {
      const wanted = count * WORD_BYTES;
      const have = await fill(handle, bytes, wanted, first * WORD_BYTES);
      if (have === 0) return null;
      bytes.fill(0, have, wanted);
      return words;
    },
    close: () => handle.close(),
  };
};

/** Frame numbers that belong to the kernel image: from `first` up to `end`. */
export type FrameRange = readonly [first: number, end: number];

/** The frames that `/proc/iomem` gives to the kernel image. All addresses there read 0 without privilege. */
export const parseKernelImage = (iomem: string): FrameRange[] => {
  const ranges: FrameRange[] = [];
  for (const [, first, last] of iomem.matchAll(
    /^\s*([0-9a-f]{1,16})-([0-9a-f]{1,16}) : Kernel (?:data|bss|rodata)$/gm,
  )) {
    const range: FrameRange = [Number.parseInt(first!, 16) / PAGE, (Number.parseInt(last!, 16) + 1) / PAGE];
    if (range[1] > 1) ranges.push(range);
  }
  return ranges;
};

/**
 * Where the zero page can be: it is a static array of the kernel, and no other frame of the kernel image is ever mapped
 * as an ordinary page. (Asking /proc/kpageflags about every page would cost a system call each.) Empty when unknown.
 */
export const readKernelImage = async (): Promise<FrameRange[]> =>
  parseKernelImage(await readFile('/proc/iomem', 'latin1').catch(() => ''));
