/**
 * The shape of a page table: how many entries a table has and what one entry of each level spans.
 *
 * Linux on x86-64 with four levels is `X86_64`. `TINY` keeps the four levels and the page size, with tables of four
 * entries, so that a test can walk over every table border within a few pages.
 */
export interface Geometry {
  readonly name: string;
  /** log2 of the entries in one table. 9 on x86-64. */
  readonly bits: number;
  /** Entries in one table. */
  readonly entries: number;
  /** `entries - 1`, to mask an index. */
  readonly mask: number;
  /** 32-bit words in one table: two an entry. */
  readonly words: number;
  /** Bytes that one PTE table spans: the reach of one PMD entry. 2 MiB on x86-64. */
  readonly slotBytes: number;
  /** Bytes that one PMD table spans. 1 GiB on x86-64. */
  readonly pudBytes: number;
  /** Bytes that one PUD table spans. 512 GiB on x86-64. */
  readonly pgdBytes: number;
  /** First address past the user half of the address space. */
  readonly taskSize: number;
  /** Pages that a read fault maps around it at most. @kernel mm/memory.c fault_around_pages */
  readonly faultAroundPages: number;
  /** Pages that must stay free between a stack and what lies below it. @kernel mm/mmap.c stack_guard_gap */
  readonly stackGuardPages: number;
  /** Most bytes that a stack may grow to. @kernel include/uapi/asm-generic/resource.h _STK_LIM */
  readonly stackLimit: number;
}

/** Bytes in a page: the model has one page size for leaf entries. */
export const PAGE_SIZE = 4096;
export const PAGE_SHIFT = 12;

const geometry = (
  name: string,
  bits: number,
  limits: Pick<Geometry, 'taskSize' | 'faultAroundPages' | 'stackGuardPages' | 'stackLimit'>,
): Geometry => {
  const entries = 2 ** bits;
  const slotBytes = PAGE_SIZE * entries;
  const pudBytes = slotBytes * entries;
  return {
    name,
    bits,
    entries,
    mask: entries - 1,
    words: entries * 2,
    slotBytes,
    pudBytes,
    pgdBytes: pudBytes * entries,
    ...limits,
  };
};

/** @kernel arch/x86/include/asm/page_64_types.h TASK_SIZE_MAX: one guard page below 2^47. */
export const X86_64: Geometry = geometry('x86-64', 9, {
  taskSize: 2 ** 47 - PAGE_SIZE,
  faultAroundPages: 16,
  stackGuardPages: 256,
  stackLimit: 8 * 2 ** 20,
});

/** Four entries a table, 256 pages in all: small enough to enumerate, with every border that the real one has. */
export const TINY: Geometry = geometry('tiny', 2, {
  taskSize: PAGE_SIZE * 2 ** 8,
  faultAroundPages: 2,
  stackGuardPages: 2,
  stackLimit: 12 * PAGE_SIZE,
});

/** Rounds up to a page. Exact below 2^53, where `&` would not be. */
export const pageAlign = (bytes: number): number => Math.ceil(bytes / PAGE_SIZE) * PAGE_SIZE;

export const isPageAligned = (addr: number): boolean => addr % PAGE_SIZE === 0;

/** Start of the aligned block of `size` bytes that holds `addr`. Needed because addresses exceed 32 bits. */
export const alignDown = (addr: number, size: number): number => addr - (addr % size);
