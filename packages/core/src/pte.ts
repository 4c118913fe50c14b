/**
 * The bits of an entry, and nothing else knows their positions.
 *
 * An entry is 64 bits, kept as two 32-bit words: `lo` holds bits 0 to 31, `hi` bits 32 to 63. The layout is x86-64's:
 *
 * ```
 *  63   62..52   51........32 | 31........12   11  10   9   8   7    6      5     4..3   2    1   0
 *  NX  software  frame number |frame number   sdirty wp spec none huge dirty accessed - user write present
 * ```
 *
 * A non-present entry has neither PRESENT nor PROTNONE, and a low word that is not 0. It is a swap entry, with the number
 * of a swap slot where the frame number stands, or a marker, which says something about an address that maps nothing.
 * Tables count them (`foreign`), so that loops over tables without any need not look for them.
 *
 * @kernel arch/x86/include/asm/pgtable_types.h, include/linux/swapops.h
 */
import type { Pfn } from './strategy.js';

export const PRESENT = 0x001;
export const RW = 0x002;
export const USER = 0x004;
export const ACCESSED = 0x020;
export const DIRTY = 0x040;
export const HUGE = 0x080;
/** Set instead of PRESENT in a PROT_NONE mapping: the page stays mapped and counted. @kernel _PAGE_PROTNONE */
export const PROTNONE = 0x100;
/** The shared zero page: no page behind it is counted. @kernel _PAGE_SPECIAL */
export const SPECIAL = 0x200;
export const UFFD_WP = 0x400;
export const SOFT_DIRTY = 0x800;
/** A swap entry. In a present entry this bit means nothing. @kernel swp_entry_t */
export const SWAP = 0x008;
/** Swap entry: one process alone refers to the slot, and may write the page at once when it comes back. */
export const SWP_EXCLUSIVE = 0x002;
/** A marker: a guard, or (with UFFD_WP) memory whose write protection outlives its page. @kernel pte_marker */
export const MARKER = 0x010;
/** Marker: any access is a SIGSEGV. @kernel PTE_MARKER_GUARD */
export const GUARD = 0x004;
/** In `hi`. */
export const NX = 0x80000000;

/** What an entry of an upper level carries besides its table. @kernel _PAGE_TABLE */
export const TABLE_FLAGS = PRESENT | RW | USER | ACCESSED | DIRTY;

/** What mprotect may not touch: frame number, accessed, dirty, special and soft bits. @kernel _PAGE_CHG_MASK */
export const CHANGE_KEEPS_LO = 0xfffff000 | ACCESSED | DIRTY | SPECIAL | UFFD_WP | SOFT_DIRTY;

/** Frame number, or table number, of an entry. 0 to 2^31. */
export const entryPfn = (lo: number, hi: number): Pfn => (lo >>> 12) | ((hi & 0xfffff) << 20);

/** Low word of an entry. The sign does not matter once stored. */
export const entryLo = (pfn: Pfn, flags: number): number => (pfn << 12) | flags;

/** High word of an entry; `nx` is `NX` or 0. */
export const entryHi = (pfn: Pfn, nx: number): number => (pfn >>> 20) | nx;

/** The kernel's pte_present(): true of PROT_NONE entries, too. */
export const isPresent = (lo: number): boolean => (lo & (PRESENT | PROTNONE)) !== 0;

/** A swap entry. */
export const isSwap = (lo: number): boolean => (lo & (PRESENT | PROTNONE | SWAP)) === SWAP;

/** A marker. */
export const isMarker = (lo: number): boolean => (lo & (PRESENT | PROTNONE | MARKER)) === MARKER;

/** A marker that makes any access a SIGSEGV. @kernel is_guard_swp_entry() */
export const isGuard = (lo: number): boolean => (lo & (PRESENT | PROTNONE | MARKER | GUARD)) === (MARKER | GUARD);

/** A marker for write protection of what is not there. @kernel pte_marker_uffd_wp() */
export const isWpMarker = (lo: number): boolean =>
  (lo & (PRESENT | PROTNONE | MARKER | UFFD_WP)) === (MARKER | UFFD_WP);
