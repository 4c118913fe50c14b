/** Areas of operations: what a random trace is made of, what a host may lack, and what recordings are sorted by. */

import { type Op, PAGE_SIZE } from '@forklab/core';
import type { HostFacts } from '../host/examine-host.js';

interface AreaInfo {
  /** What it adds to a trace. */
  readonly says: string;
  /** What of it this host lacks, in a few words; null when nothing. */
  readonly lacks?: (host: HostFacts) => string | null;
  /** Operations of process `p`, one of each call that a kernel or a model may not have. */
  readonly probe?: readonly Op[];
}

const AT = 0x100000000000;
const range = { proc: 'p', addr: AT, length: PAGE_SIZE } as const;
const map: Op = { op: 'mmap', ...range, prot: 'rw-', flags: ['private', 'anonymous'] };
const mapHuge: Op = { op: 'mmap', ...range, length: 2 ** 21, prot: 'rw-', flags: ['private', 'anonymous'] };
const write: Op = { op: 'write', ...range };

/** Each with what it adds. What a trace always has is `memory`. */
export const AREAS = {
  memory: { says: 'mmap, munmap, mprotect, reads, writes, touches and digests of anonymous memory' },
  processes: { says: 'fork, exit and exec' },
  files: { says: 'private and shared mappings of memory files, and truncation' },
  mremap: { says: 'growing, shrinking and moving, in place and elsewhere' },
  madvise: { says: 'dontneed, dontfork, dofork, wipeonfork, keeponfork, populating, normal' },
  mlock: { says: 'mlock and munlock' },
  large: {
    says: 'mappings of GiB and of 512 GiB, touched here and there',
    lacks: ({ overcommit }) => (overcommit === 2 ? 'vm.overcommit_memory is 2, so every mapping is counted' : null),
  },
  errors: { says: 'arguments that the kernel refuses, and accesses to what is not there' },
  pins: {
    says: 'pages pinned for long, by io_uring',
    probe: [map, { op: 'pin', ...range, write: true, longterm: true }],
  },
  heap: { says: 'brk', probe: [{ op: 'brk', proc: 'p', addr: AT }] },
  stacks: {
    says: 'mappings that grow down when they are touched below',
    probe: [{ op: 'mmap', ...range, prot: 'rw-', flags: ['private', 'anonymous', 'growsdown'] }],
  },
  launch: {
    says: 'vfork and spawn',
    probe: [
      { op: 'spawn', proc: 'p', child: 's' },
      { op: 'vfork', proc: 'p', child: 'v' },
    ],
  },
  guard: {
    says: 'guard regions, installed and removed',
    probe: [map, { op: 'madvise', ...range, advice: 'guard_install' }],
  },
  uffd: {
    says: 'write protection by userfaultfd',
    lacks: ({ userfaultfd }) => (userfaultfd ? null : 'this kernel has no userfaultfd'),
    probe: [map, { op: 'uffd_register', ...range, mode: 'wp-async' }],
  },
  free: {
    says: 'pages given up by MADV_FREE, and made cold',
    probe: [map, write, { op: 'madvise', ...range, advice: 'free' }, { op: 'madvise', ...range, advice: 'cold' }],
  },
  swap: {
    says: 'pages written to swap and read back, shared by fork and not',
    lacks: ({ zram }) => (zram ? null : 'no root, or no zram to swap to'),
    probe: [map, write, { op: 'madvise', ...range, advice: 'pageout' }, { op: 'swapout', ...range }],
  },
  thp: {
    says: 'huge pages: faults, copies and splits of them, and their deposited tables',
    lacks: ({ thp }) => {
      if (thp === null) return 'this kernel has no transparent huge pages';
      return thp === 'madvise' ? null : `transparent huge pages are set to "${thp}", not to "madvise"`;
    },
    probe: [mapHuge, { op: 'madvise', ...range, length: 2 ** 21, advice: 'hugepage' }],
  },
} as const satisfies Readonly<Record<string, AreaInfo>>;

export type Area = keyof typeof AREAS;

export const AREA_NAMES = Object.keys(AREAS) as Area[];

/** By name, as what every area may have. */
export const areaInfo = (area: Area): AreaInfo => AREAS[area];
