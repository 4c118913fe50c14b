/** Tables shared by processes that map the same file: mshare's arithmetic, PostgreSQL on msharefs, and others. */
import { type Op, WORKS } from '@forklab/core';
import { counted, type Experiment, type Tools } from '../experiment.js';
import { ratio } from '../run.js';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const ADDR = 2 ** 44;
const TABLE = 2 * MIB;

/** `count` processes that map `bytes` of one file and touch it every `stride` bytes. */
const sharing = (count: number, bytes: number, stride: number): readonly Op[] => {
  const names = Array.from({ length: count }, (_, i) => `p${i}`);
  return [
    { op: 'process', proc: 'maker' },
    { op: 'file', proc: 'maker', file: 'f', size: bytes },
    ...names.flatMap((proc): readonly Op[] => [
      { op: 'process', proc },
      { op: 'mmap', proc, addr: ADDR, length: bytes, prot: 'rw-', flags: ['shared'], file: 'f' },
      { op: 'write', proc, addr: ADDR, length: bytes, stride },
    ]),
    { op: 'sample', label: 'all' },
  ];
};

/** kB of page tables: those of processes, as each is charged, and what exists. */
const tablesOf = ({ run }: Tools, ops: readonly Op[], strategies: Tools['classic']) => {
  const [sample] = run(ops, strategies).runner.result.samples;
  return sample!.machine.pageTables;
};

/** Tables above the lowest level for a mapping of less than 1 GiB: a PMD and a PUD table. */
const UPPER_KB = 8;

export const mshareArithmetic: Experiment = {
  name: 'mshare',
  title: 'Page tables of 1500 processes on 300 GB',
  source: 'cover letters of mshare, 2022 to 2025',
  about: '64 MiB and 3 processes, every page touched, scaled up: tables grow in proportion to pages and to processes.',
  *rows(tools) {
    const [bytes, count] = [64 * MIB, 3];
    const leaf = tablesOf(tools, sharing(count, bytes, 4096), tools.classic) - count * UPPER_KB;
    yield;
    const bytesAPage = (leaf * 1024) / count / (bytes / 4096);
    const all = bytesAPage * ((300 * GIB) / 4096) * 1500;
    return [
      counted('table entries for one page in 2000 processes', 'bytes', 16_000, bytesAPage * 2000, {
        why: 'the cover letters print 8K; 2000 entries of 8 bytes are 16,000',
      }),
      counted('PTE tables of 1500 processes on 300 GB, printed as 878 GB+', 'MiB', 900_000, all / MIB),
    ];
  },
};

export const efficiency: Experiment = {
  name: 'ptshare',
  title: 'Page tables of 50 processes, one touch every 2 MiB of 1000 MiB, kB',
  source: 'efficiency test of a ptshare prototype, 2026',
  about: 'In full: 50 processes, 500 tables each. The test demands less than a tenth.',
  *rows(tools) {
    const ops = sharing(50, 1000 * MIB, TABLE);
    const alone = tablesOf(tools, ops, tools.classic);
    yield;
    const shared = tablesOf(tools, ops, tools.mshare);
    yield;
    const own = 'PMD and PUD tables, 8 kB a process, are left out of the published sums';
    return [
      counted('private tables', 'kB', 100_000, alone - 50 * UPPER_KB, { why: own }),
      counted('shared tables', 'kB', 2400, shared, { expect: 'count', within: 400, why: own }),
    ];
  },
};

export const postgres: Experiment = {
  name: 'postgres',
  title: 'Minor faults of PostgreSQL in a second: msharefs over mmap and fork',
  source: 'J. Wartak, 2025-06-18: 256,302 and 34,304 with 16,000 clients',
  about:
    '16 processes and 64 MiB, all touched by each, instead of 16,000 and 32 GiB, partly touched; faults, not throughput.',
  *rows({ run, classic, mshare }) {
    const ops = sharing(16, 64 * MIB, 4096);
    const faults = (strategies: Tools['classic']) => {
      const ns = run(ops, strategies).work(() => true)[WORKS.indexOf('faults')]!;
      return { ns, low: ns, high: ns };
    };
    const old = faults(classic);
    yield;
    const fresh = faults(mshare);
    yield;
    const why = 'the fraction of buffers that each process touched is not published';
    return [ratio('minor faults', 34_304 / 256_302, fresh, old, { expect: 'direction', why })];
  },
};

export const lazyCopy: Experiment = {
  name: 'lazy-copy',
  title: 'Fork of a process with a shared segment: independent of its size',
  source:
    'N. Piggin, commit d992895ba2b2 (2005): about 23 ms for each 100 MB before, about 1 ms whatever the size after',
  about: '4 and 100 MiB of shared memory, all touched, then a fork: no entry of it is copied since 2005.',
  *rows({ run, classic }) {
    const entries = (mib: number): number => {
      const ops: readonly Op[] = [...sharing(1, mib * MIB, 4096), { op: 'fork', proc: 'p0', child: 'child' }];
      return run(ops, classic).work((op) => op.op === 'fork')[WORKS.indexOf('ptesCopied')]!;
    };
    const small = entries(4);
    yield;
    return [
      counted('entries copied, 4 MB', 'entries', 0, small),
      counted('entries copied, 100 MB', 'entries', 0, entries(100)),
    ];
  },
};
