/** Huge pages and the entries that map them. Tables that wait under an entry are counted and priced as tables. */

import { derived, measured } from './price.js';

export const HUGE_PAGE_PRICES = {
  hugePagesAllocated: derived(
    250_000,
    [70_000, 350_000],
    'huge page',
    'a first write to memory with MADV_HUGEPAGE takes 300 us (242 to 346); less faultsHuge. Nearly all of it is ' +
      'clearing 2 MiB. Low: clearing at 30 GB/s',
  ),
  hugePagesFreed: derived(
    3_200,
    [2_400, 3_500],
    'huge page',
    'munmap of 64 huge pages that nobody else has, 3545 each, less munmap of as many that a parent keeps, 320',
  ),
  hugePmdsCopied: derived(
    150,
    [40, 700],
    'huge entry',
    'fork over 64 huge pages takes 600 to 710 each more than fork without them, of which tablesAllocated is most',
  ),
  hugePmdsSplit: derived(
    7_100,
    [6_000, 8_000],
    'huge entry',
    'MADV_DONTNEED of one page of a huge page, 8013, less the same once the entry is split, 857: 512 counts raised, ' +
      '512 entries written',
  ),
  hugePmdsZapped: derived(
    50,
    [20, 320],
    'huge entry',
    'munmap of a huge page that a parent keeps takes 320, of the huge zero page 146, with the table under it',
  ),
  hugePmdsProtected: measured(110, [90, 210], 'huge entry', 'mprotect of 64 huge pages: 111 to read-only, 182 back'),
  hugePmdsMoved: measured(530, [420, 600], 'huge entry', 'mremap of 64 huge pages: 536, with one flush each'),
  foliosSplit: measured(
    350_000,
    [220_000, 470_000],
    'huge page',
    'MADV_FREE of half of a huge page whose other half is gone: 286 us when no page is empty, 421 when 255 are, which ' +
      'are read to find that out',
  ),
} as const;
