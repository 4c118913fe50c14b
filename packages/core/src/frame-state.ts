/**
 * The 16-bit word of state that each page frame has.
 *
 * ```
 *  state:  15..14 kind   13 extra   12 exclusive   11..0 mapcount (COUNT_MANY: the count is kept elsewhere)
 * ```
 */
import type { Pfn } from './strategy.js';

export const KIND_FREE = 0x0000;
/** Anonymous: belongs to private mappings only. */
export const KIND_ANON = 0x4000;
/** In a file's page cache (all files are tmpfs files). */
export const KIND_FILE = 0x8000;
/** The zero page: never counted. */
export const KIND_ZERO = 0xc000;
export const KIND_MASK = 0xc000;
/** The frame has a record of what few frames have (FrameRecord), or is part of a large folio. Loops over tables leave their
 * fast path for it. */
export const EXTRA = 0x2000;
/** PageAnonExclusive: one process alone maps it and may be given write access. */
export const EXCLUSIVE = 0x1000;
/** Of a file's page the same bit says that it was written since it was a hole: swapped out, it may not be forgotten. */
export const FILE_DIRTY = EXCLUSIVE;
export const COUNT_MASK = 0x0fff;
/** State without the exclusive bit. */
export const PLAIN_MASK = 0xefff;
/** A mapcount that the word has no room for. */
export const COUNT_MANY = 0x0fff;

/** @kernel include/linux/mm.h GUP_PIN_COUNTING_BIAS */
export const PIN_BIAS = 1024;
/** Frame of the shared zero page. */
export const ZERO_PFN: Pfn = 1;
/** The first frame that is handed out. */
export const FIRST_PFN = 2;
