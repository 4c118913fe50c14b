/**
 * Pages, faults, and what else a program waits for. The split of a fault into its parts is ours, their sums are
 * measured.
 */

import { derived, measured, unpaid } from './price.js';

export const FAULT_PRICES = {
  pagesAllocated: unpaid('page', 'contained in pagesZeroed and pagesCopied: a page is never taken for its own sake'),
  pagesFreed: measured(
    190,
    [140, 230],
    'page',
    'munmap of pages that nobody else has, less munmap of pages that somebody has: 150 (16 MiB), 196 (1 GiB), ' +
      '217 (256 MiB)',
  ),
  pagesZeroed: derived(
    600,
    [350, 800],
    'page',
    'allocation, memory-control charge and clearing (128 in a warm cache): a part of the first touch, see faultsAnon',
  ),
  pagesCopied: derived(
    850,
    [500, 1_000],
    'page',
    'allocation, memory-control charge and copying (473 from cold memory): a part of the copying fault, see faultsCow',
  ),
  pagesSwappedOut: measured(
    10_000,
    [4_900, 13_700],
    'page',
    'MADV_PAGEOUT of 32 MiB to zram, of pages that compress well, fairly or not at all, on a busy host',
  ),
  pagesSwappedIn: derived(
    5_600,
    [4_400, 9_500],
    'page',
    'reads of the same pages from zram: 5601 to 11583 a fault, median 6750; less faults and faultsSwap',
  ),
  pagesMapped: derived(
    190,
    [60, 220],
    'page',
    'reads of a memory file with 16, 8 and 1 pages to map in the window: 67 a page when it was mapped just ' +
      'before, 196 when not',
  ),
  pinsTaken: measured(54, [45, 70], 'page', 'io_uring registration of 1024 pages less that of one'),
  faults: derived(
    600,
    [400, 700],
    'fault',
    'the part that every fault has. Less than the cheapest one that a program can take (a read of the zero page, ' +
      '670), more than the same work without the exception (MADV_POPULATE_READ, 473)',
  ),
  faultsZero: derived(70, [20, 270], 'fault', 'a read of untouched memory takes 670; less faults'),
  faultsAnon: derived(
    350,
    [200, 600],
    'fault',
    'a write to untouched memory takes 1550 (1424 to 1836); less faults and pagesZeroed',
  ),
  faultsCow: derived(
    640,
    [450, 900],
    'fault',
    'a write that copies takes 2210 (2038 to 2364); less faults, pagesCopied and tlbFlushPage. On-Demand-Fork ' +
      '(EuroSys 2021, table 1) has 2300 for the whole',
  ),
  faultsReuse: derived(
    220,
    [50, 350],
    'fault',
    'a write that finds the page its own takes 824 (804 to 919); less faults. It needs no flush',
  ),
  faultsFile: derived(
    900,
    [300, 1_300],
    'fault',
    'a read that maps 16 pages of a memory file takes 4660 (ext4 4836), one page 1711; less faults and ' +
      'pagesMapped. Low: a write to a shared memory file, 1084',
  ),
  faultsTable: unpaid('fault', 'contained in faults and in the prices of what was done to the table'),
  faultsHuge: derived(
    400,
    [100, 900],
    'fault',
    'as faultsAnon: what a fault does besides taking and clearing its page, which is all that can be seen of it',
  ),
  faultsHugeZero: derived(
    110,
    [20, 300],
    'fault',
    'a read of untouched memory with MADV_HUGEPAGE takes 1362; less faults and tablesAllocated',
  ),
  faultsSwap: derived(
    500,
    [200, 900],
    'fault',
    'a page and its entry put in order, as faultsAnon without clearing; a fault that finds its page in the swap cache ' +
      'cannot be told apart here',
  ),
  signals: measured(
    1_460,
    [1_200, 2_000],
    'signal',
    'an access to PROT_NONE memory until siglongjmp() has left its handler, the failed fault included',
  ),
  uffdEvents: derived(
    3_000,
    [1_000, 50_000],
    'event',
    'writes to 4096 protected pages, a thread as handler: 3500 to 3900 a page; less the fault that then succeeds, 550 in ' +
      'the asynchronous mode. High: what others report of a handler on another processor',
  ),
  tlbFlushPage: derived(
    120,
    [40, 370],
    'flush',
    'one page more in mprotect costs 40 beside its entry, the first of them 370 with its walk; no other ' +
      'processor has to be told',
  ),
  tlbFlushRange: derived(
    500,
    [100, 1_700],
    'flush',
    'as tlbFlushPage, for about ten pages; with 33, the most, mprotect takes 1134 more than with the full flush ' +
      'that 34 get',
  ),
  tlbFlushFull: derived(
    350,
    [190, 700],
    'flush',
    'from the same step at 34 pages; filling the TLB again took 311 for 512 pages. No other processor has to be ' +
      'told: where one has, a flush took 9500 more, and nothing counts that yet',
  ),
  ooms: unpaid('refusal', 'what the kernel tries before it refuses (reclaim, the OOM killer) is not modelled'),
} as const;
