import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import {
  checkInvariants,
  createRunner,
  dumpSpace,
  type Op,
  PAGE_SIZE,
  type RunOptions,
  runTrace,
  type StrategyPlugin,
  TINY,
  type Trace,
  touchAddresses,
} from '../src/index.js';
import { copying, sharing } from './strategies.js';

const BASE = 0x100000000000;
const TABLE = 2 ** 21;

const traceOf = (ops: readonly Op[]): Trace => ({ header: { forklab: 'trace', version: 1, name: 'test' }, ops });

const run = (ops: readonly Op[], strategy: StrategyPlugin = copying(), options: Partial<RunOptions> = {}) =>
  runTrace(traceOf(ops), { strategies: [strategy], check: true, ...options });

const anon = (proc: string, addr: number, length: number): Op => ({
  op: 'mmap',
  proc,
  addr,
  length,
  prot: 'rw-',
  flags: ['private', 'anonymous'],
});

const start: Op[] = [
  { op: 'process', proc: 'p' },
  anon('p', BASE, 2 * TABLE),
  { op: 'write', proc: 'p', addr: BASE, length: 2 * TABLE },
];

describe('a bounded machine', () => {
  it('answers ENOMEM wherever an allocation fails, and stays sound', () => {
    const ops: Op[] = [
      ...start.slice(0, 2),
      { op: 'write', proc: 'p', addr: BASE, length: 8 * PAGE_SIZE },
      { op: 'fork', proc: 'p', child: 'c' },
      { op: 'write', proc: 'p', addr: BASE, length: 8 * PAGE_SIZE, value: 2 },
      { op: 'mremap', proc: 'p', addr: BASE, oldLength: TABLE, newLength: TABLE, newAddr: BASE + 2 ** 39 + PAGE_SIZE },
      { op: 'digest', proc: 'p', addr: BASE + 2 ** 39 + PAGE_SIZE, length: 8 * PAGE_SIZE },
    ];
    for (const strategy of [copying(), sharing()]) {
      let refused = 0;
      for (let frames = 1; frames < 40; frames++) {
        const result = run(ops, strategy, { memory: frames * PAGE_SIZE });
        expect(result.violations).toEqual([]);
        refused += result.steps.filter(({ result: outcome }) => outcome === 'ENOMEM').length;
      }
      expect(refused).toBeGreaterThan(20);
      expect(run(ops, strategy, { memory: 64 * PAGE_SIZE }).steps.map(({ result }) => result)).toEqual([
        0, 0, 0, 0, 0, 0,
      ]);
    }
  });

  it('does nothing for a child that fork could not make', () => {
    const result = run([...start, { op: 'fork', proc: 'p', child: 'c' }, { op: 'exit', proc: 'c' }], copying(), {
      memory: 1030 * PAGE_SIZE,
    });
    expect(result.steps.slice(-2).map(({ result: outcome }) => outcome)).toEqual(['ENOMEM', 'ESRCH']);
    expect(result.violations).toEqual([]);
  });
});

describe('counts beyond what fits into a frame', () => {
  it('keeps the mapcount of a page that more than 4095 processes map', () => {
    const ops: Op[] = [...start.slice(0, 2), { op: 'write', proc: 'p', addr: BASE, length: PAGE_SIZE }];
    for (let i = 0; i < 5000; i++) ops.push({ op: 'fork', proc: 'p', child: `c${i}` });
    ops.push({ op: 'sample', label: 'many' });
    for (let i = 0; i < 4990; i++) ops.push({ op: 'exit', proc: `c${i}` });
    ops.push({ op: 'sample', label: 'few' }, { op: 'write', proc: 'p', addr: BASE, length: PAGE_SIZE });
    const runner = createRunner(traceOf(ops), { strategies: [copying()] });
    while (runner.next());
    // A share of one in 5001 of 4 KiB is below 1 kB, so pss rounds to 0; among eleven it is 372 bytes.
    expect(runner.result.samples.map(({ procs }) => procs.p?.shared)).toEqual([4, 4]);
    expect(runner.machine.frames.mapcount(2)).toBe(10);
    expect(checkInvariants(runner.machine)).toEqual([]);
  });
});

describe('a page pinned in a mapping without rights', () => {
  it('is copied for the child without rights, too', () => {
    const ops: Op[] = [
      ...start,
      { op: 'pin', proc: 'p', addr: BASE, length: PAGE_SIZE, write: true },
      { op: 'mprotect', proc: 'p', addr: BASE, length: TABLE, prot: '---' },
      { op: 'fork', proc: 'p', child: 'c' },
      { op: 'read', proc: 'c', addr: BASE, length: PAGE_SIZE },
    ];
    const { steps, violations } = run(ops);
    expect(violations).toEqual([]);
    expect(steps.at(-1)?.result).toBe('SIGSEGV');
  });
});

describe('what is not modelled', () => {
  it('answers ENOSYS and is counted', () => {
    const result = run([
      ...start,
      { op: 'madvise', proc: 'p', addr: BASE, length: PAGE_SIZE, advice: 'mergeable' },
      { op: 'madvise', proc: 'p', addr: BASE, length: PAGE_SIZE, advice: 'unmergeable' },
      {
        op: 'mmap',
        proc: 'p',
        addr: BASE + 2 ** 30,
        length: TABLE,
        prot: 'rw-',
        flags: ['private', 'hugetlb', 'anonymous'],
      },
    ]);
    expect(result.steps.slice(-3).map(({ result: outcome }) => outcome)).toEqual(['ENOSYS', 'ENOSYS', 'ENOSYS']);
    expect(result.unmodelled).toEqual({ 'madvise mergeable': 1, 'madvise unmergeable': 1, 'mmap hugetlb': 1 });
  });
});

describe('the TINY geometry', () => {
  it('runs the same operations over tables of four entries', () => {
    const page = PAGE_SIZE;
    const ops: Op[] = [
      { op: 'process', proc: 'p' },
      anon('p', 0, 12 * page),
      { op: 'write', proc: 'p', addr: 0, length: 12 * page },
      { op: 'fork', proc: 'p', child: 'c' },
      { op: 'munmap', proc: 'c', addr: 2 * page, length: 5 * page },
      { op: 'sample', label: 'end' },
    ];
    const { samples, violations } = run(ops, copying(), { geometry: TINY });
    expect(violations).toEqual([]);
    // Parent: one PUD, one PMD, three PTE tables; the child's middle table keeps one page, so none is freed.
    expect(samples[0]?.procs.p?.vmPte).toBe(20);
    expect(samples[0]?.procs.c).toMatchObject({ vmPte: 20, rssAnon: 28, vmas: 2 });
  });
});

describe('touch', () => {
  it('draws addresses from xoroshiro128+ seeded with its seed', () => {
    const op = {
      op: 'touch',
      proc: 'p',
      addr: BASE,
      length: 1024 * PAGE_SIZE,
      pattern: 'uniform',
      count: 6,
      seed: 9,
    } as const;
    const rng = xoroshiro128plus(9);
    // 1024 divides 2^32, so a uniform draw is the generator's own number modulo 1024, offset as the library does.
    const drawn = Array.from({ length: 6 }, () => ((rng.next() + 0x80000000) >>> 0) % 1024);
    expect([...touchAddresses(op)].map((addr) => (addr - BASE) / PAGE_SIZE)).toEqual(drawn);
  });

  it('favours the first pages by zipf, and starts again at the end by sequential', () => {
    const op = { op: 'touch', proc: 'p', addr: 0, length: 100 * PAGE_SIZE, count: 4000, seed: 1 } as const;
    const pages = [...touchAddresses({ ...op, pattern: 'zipf', theta: 1 })].map((addr) => addr / PAGE_SIZE);
    const share = pages.filter((page) => page === 0).length / pages.length;
    // Of 100 ranks with exponent 1 the first has 1/H(100) = 19.3 % of the weight.
    expect(share).toBeGreaterThan(0.17);
    expect(share).toBeLessThan(0.22);
    expect([...touchAddresses({ ...op, count: 102, pattern: 'sequential' })].slice(98)).toEqual(
      [98, 99, 0, 1].map((page) => page * PAGE_SIZE),
    );
  });
});

describe('dump', () => {
  it('writes one line a VMA and one a table', () => {
    const runner = createRunner(traceOf([...start, { op: 'fork', proc: 'p', child: 'c' }]), {
      strategies: [sharing()],
    });
    while (runner.next());
    expect(dumpSpace(runner.machine, 'c').split('\n')).toEqual([
      'c  100000000000-100000400000  vma rw-p anonymous',
      expect.stringMatching(/^c {2}100000000000-100000200000 {2}t\d+ ro refs 2 {2}p pays {2}512 of 512 {2}Wx512$/),
      expect.stringMatching(/^c {2}100000200000-100000400000 {2}t\d+ ro refs 2 {2}p pays {2}512 of 512 {2}Wx512$/),
    ]);
  });
});
