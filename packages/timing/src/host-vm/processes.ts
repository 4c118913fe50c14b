/** Processes, system calls and VMAs. */

import { derived, measured } from './price.js';

export const PROCESS_PRICES = {
  forks: measured(
    50_000,
    [13_000, 120_000],
    'fork',
    'fork() of a small program, which no trace spells out: 30 us for 12 VMAs on one core, 36 us for 23 VMAs, 38 ' +
      'to 53 us when the child may wake on another core; 120 us seen on a busier day. Low: 30 us less its VMAs and ' +
      'tables',
  ),
  vforks: measured(
    6_500,
    [5_500, 20_000],
    'vfork',
    'until the parent runs on, of a child that only exits: 5.5 us at the least, 6.7 in the middle of 3000, on one core',
  ),
  spawns: derived(
    50_000,
    [13_000, 120_000],
    'spawn',
    'a fork that finds nothing to copy: what fork() costs besides its VMAs and tables',
  ),
  exits: measured(
    40_000,
    [10_000, 95_000],
    'exit',
    'from fork() to the end of waitpid() for a child that only exits: 43 us for a small static program on one ' +
      'core, 66 to 93 us for a dynamic one. Low: the same less its first faults, VMAs and tables',
  ),
  syscalls: measured(
    1_000,
    [400, 3_900],
    'call',
    'calls that find nothing to do: madvise and mprotect 0.4 us, MADV_DONTNEED 0.46, mmap and munmap 1.4 to 1.5, ' +
      'mremap 3.0, munmap of shared memory 3.9',
  ),
  vmasDuplicated: measured(
    620,
    [270, 950],
    'VMA',
    'fork with 16 000 VMAs: 280 ns for one without an anon_vma, about 900 ns for one with; the mean stands for both',
  ),
  vmasSplit: measured(
    540,
    [400, 700],
    'split',
    'mprotect of a part of an untouched VMA, less mprotect of the whole of it',
  ),
  vmasMerged: derived(
    480,
    [300, 800],
    'merge',
    'mprotect that makes two or three VMAs one again, less mprotect without a merge: 611 ns for one, 355 each for two',
  ),
} as const;
