/** Swap as Linux 6.18.44 answered it with zram as the device: experiments of fork, fault, zap and move with swap entries. */
import { describe, expect, it } from 'vitest';
import { type Advice, type Op, runTrace, type StrategyPlugin, type Trace } from '../src/index.js';
import { copying, sharing } from './strategies.js';

const B = 0x100000000000;
const PAGE = 4096;

const range = (proc: string, page: number, pages: number) => ({ proc, addr: B + page * PAGE, length: pages * PAGE });
const process: Op = { op: 'process', proc: 'p' };
const map = (pages: number, shared = false): Op => ({
  op: 'mmap',
  ...range('p', 0, pages),
  prot: 'rw-',
  flags: [shared ? 'shared' : 'private', 'anonymous'],
});
const write = (proc: string, page: number, pages: number, value = 1): Op => ({
  op: 'write',
  ...range(proc, page, pages),
  value,
});
const read = (proc: string, page: number, pages: number): Op => ({ op: 'read', ...range(proc, page, pages) });
const swapout = (proc: string, page: number, pages: number): Op => ({ op: 'swapout', ...range(proc, page, pages) });
const advise = (proc: string, page: number, pages: number, advice: Advice): Op => ({
  op: 'madvise',
  ...range(proc, page, pages),
  advice,
});
const fork = (proc: string, child: string): Op => ({ op: 'fork', proc, child });
const sample = (label: string): Op => ({ op: 'sample', label });

const run = (ops: readonly Op[], strategy: StrategyPlugin = copying(), swap?: number) => {
  const trace: Trace = { header: { forklab: 'trace', version: 1, name: 'swap' }, ops: [process, ...ops] };
  const options = { strategies: [strategy], check: true, ...(swap !== undefined && { swap }) };
  const { steps, samples, violations } = runTrace(trace, options);
  expect(violations).toEqual([]);
  /** Minor and major faults of accesses, results of the rest. */
  const answers = steps.map(({ result, minflt, majflt }) => (minflt === undefined ? result : [minflt, majflt ?? 0]));
  /** Pages: anonymous, shared memory, swap found, swap charged; and kB of tables. */
  const pages = samples.map(({ procs }) =>
    Object.values(procs).map((p) => [p.rssAnon / 4, p.rssShmem / 4, p.swap / 4, p.mm.swap / 4, p.vmPte]),
  );
  return { steps, answers, pages };
};

describe('swap', () => {
  it('takes pages out and back in, one major fault each, writable even by a read', () => {
    const { answers, pages } = run([
      map(64),
      write('p', 0, 64),
      advise('p', 0, 64, 'pageout'),
      sample('out'),
      read('p', 0, 1),
      sample('one in'),
      read('p', 1, 7),
      write('p', 0, 8),
      write('p', 8, 1),
      sample('in'),
    ]);
    expect(answers).toEqual([0, [64, 0], 0, [0, 1], [0, 7], [0, 0], [0, 1]]);
    expect(pages).toEqual([[[0, 0, 64, 64, 12]], [[1, 0, 63, 63, 12]], [[9, 0, 55, 55, 12]]]);
  });

  it('shares entries with a child, whose read leaves the page in the swap cache', () => {
    const { answers, pages } = run([
      map(64),
      write('p', 0, 64),
      swapout('p', 0, 64),
      fork('p', 'c'),
      sample('born'),
      read('c', 32, 1),
      read('p', 32, 1),
      write('c', 32, 1, 2),
      write('p', 32, 1, 3),
      write('c', 50, 1, 4),
      write('p', 50, 1, 5),
      sample('apart'),
      { op: 'munmap', ...range('c', 0, 64) },
      write('p', 51, 1),
      sample('alone'),
    ]);
    expect(answers).toEqual([0, [64, 0], 0, 0, [0, 1], [1, 0], [1, 0], [1, 0], [0, 1], [1, 0], 0, [0, 1]]);
    expect(pages[0]).toEqual([
      [0, 0, 64, 64, 12],
      [0, 0, 64, 64, 12],
    ]);
    expect(pages[1]).toEqual([
      [2, 0, 62, 62, 12],
      [2, 0, 62, 62, 12],
    ]);
    expect(pages[2]).toEqual([
      [3, 0, 61, 61, 12],
      [0, 0, 0, 0, 0],
    ]);
  });

  it('takes a page from everybody who maps it, but leaves it to MADV_PAGEOUT', () => {
    const { answers, pages } = run([
      map(16),
      write('p', 0, 16),
      fork('p', 'c'),
      fork('c', 'g'),
      write('c', 0, 4, 2),
      advise('p', 0, 16, 'pageout'),
      sample('stays'),
      swapout('c', 0, 16),
      sample('gone'),
      write('p', 8, 1, 3),
      read('c', 8, 1),
      write('g', 8, 1, 4),
      write('c', 8, 1, 5),
    ]);
    expect(pages[0]!.map(([anon]) => anon)).toEqual([16, 16, 16]);
    expect(pages[1]!.map(([anon, , swap]) => [anon, swap])).toEqual([
      [4, 12],
      [0, 16],
      [4, 12],
    ]);
    expect(answers.slice(-4)).toEqual([
      [0, 1],
      [1, 0],
      [1, 0],
      [1, 0],
    ]);
  });

  it('leaves no entries behind for shared memory, which smaps counts and status does not', () => {
    const { answers, pages } = run([
      map(16, true),
      write('p', 0, 16, 7),
      advise('p', 0, 16, 'pageout'),
      fork('p', 'c'),
      sample('out'),
      read('c', 0, 1),
      read('p', 0, 1),
      read('p', 1, 15),
      sample('in'),
    ]);
    expect(answers.slice(-3)).toEqual([
      [0, 1],
      [1, 0],
      [0, 15],
    ]);
    expect(pages[0]).toEqual([
      [0, 0, 16, 0, 12],
      [0, 0, 16, 0, 0],
    ]);
    expect(pages[1]![0]).toEqual([0, 16, 0, 0, 12]);
  });

  it('goes along with mprotect and mremap, and goes with munmap and MADV_DONTNEED', () => {
    const { answers, pages } = run([
      map(1024),
      write('p', 0, 1024),
      swapout('p', 0, 1021),
      { op: 'mprotect', ...range('p', 0, 1024), prot: 'r--' },
      read('p', 0, 1),
      sample('protected'),
      { op: 'mremap', ...range('p', 0, 0), oldLength: 1024 * PAGE, newLength: 1024 * PAGE, newAddr: B + 4097 * PAGE },
      read('p', 4098, 1),
      sample('moved'),
      advise('p', 4097, 1024, 'dontneed'),
      sample('dropped'),
    ] as Op[]);
    expect(answers.slice(3)).toEqual([0, [0, 1], 0, [0, 1], 0]);
    expect(pages.map(([p]) => p!.slice(0, 4))).toEqual([
      [4, 0, 1020, 1020],
      [5, 0, 1019, 1019],
      [0, 0, 0, 0],
    ]);
  });

  it('drops lazily freed pages unless they were written again', () => {
    const { answers, pages, steps } = run([
      map(16),
      write('p', 0, 16, 9),
      swapout('p', 12, 4),
      advise('p', 0, 16, 'free'),
      sample('freed'),
      { op: 'digest', ...range('p', 0, 4) },
      write('p', 1, 1, 8),
      advise('p', 0, 16, 'pageout'),
      sample('reclaimed'),
      swapout('p', 0, 16),
      sample('again'),
      { op: 'digest', ...range('p', 1, 1) },
      read('p', 0, 12),
    ]);
    expect(pages.map(([p]) => p!.slice(0, 3))).toEqual([
      [12, 0, 0],
      [1, 0, 0],
      [0, 0, 1],
    ]);
    expect(answers.slice(4, 6)).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(answers.at(-1)).toEqual([11, 0]);
    expect(steps.at(-2)?.digest).not.toBe(undefined);
  });

  it('drops a lazily freed page of one process, and keeps it for another that has it dirty', () => {
    const { steps, pages } = run([
      map(2),
      write('p', 0, 2, 9),
      fork('p', 'c'),
      advise('p', 0, 1, 'free'),
      swapout('c', 0, 2),
      sample('out'),
      { op: 'digest', ...range('c', 0, 1) },
      read('p', 0, 1),
    ]);
    expect(pages[0]!.map((p) => p.slice(0, 4))).toEqual([
      [0, 0, 1, 1],
      [0, 0, 2, 2],
    ]);
    expect(steps.slice(-2).map(({ minflt, majflt }) => [minflt, majflt ?? 0])).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  it('keeps what was populated for writing as if it were written, whatever no fault had to bring', () => {
    const { pages } = run([
      { ...map(4), flags: ['shared', 'anonymous'] } as Op,
      advise('p', 0, 4, 'populate_read'),
      advise('p', 0, 2, 'populate_write'),
      advise('p', 0, 4, 'pageout'),
      sample('shared'),
      { ...map(4), flags: ['private', 'anonymous', 'fixed'] } as Op,
      write('p', 0, 4),
      advise('p', 0, 4, 'free'),
      advise('p', 0, 2, 'populate_write'),
      swapout('p', 0, 4),
      sample('private'),
    ]);
    expect(pages.map(([p]) => p!.slice(0, 4))).toEqual([
      [0, 0, 2, 0],
      [0, 0, 2, 2],
    ]);
  });

  it('keeps pinned, locked and refused pages in memory', () => {
    const pin = { op: 'pin', ...range('p', 0, 2), write: true, longterm: true } as const;
    const { answers, pages } = run([
      map(8),
      write('p', 0, 8),
      pin,
      { op: 'mlock', ...range('p', 4, 2) },
      swapout('p', 0, 8),
      advise('p', 4, 1, 'pageout'),
      advise('p', 4, 1, 'cold'),
      sample('kept'),
    ]);
    expect(answers.slice(-2)).toEqual(['EINVAL', 'EINVAL']);
    expect(pages[0]![0]!.slice(0, 3)).toEqual([4, 0, 4]);
  });

  it('stops when the device is full', () => {
    const { pages } = run([map(8), write('p', 0, 8), swapout('p', 0, 8), sample('full')], copying(), 3 * PAGE);
    expect(pages[0]![0]!.slice(0, 3)).toEqual([5, 0, 3]);
  });

  it.each([['copying', copying()] as const, ['sharing', sharing()] as const])(
    'gives everybody their contents back when tables are %s',
    (_name, strategy) => {
      const { steps } = run(
        [
          map(8),
          write('p', 0, 8, 5),
          swapout('p', 0, 2),
          fork('p', 'c'),
          swapout('c', 2, 2),
          advise('c', 4, 2, 'pageout'),
          write('c', 0, 1, 6),
          write('p', 3, 1, 7),
          { op: 'digest', ...range('c', 0, 8) },
          { op: 'digest', ...range('p', 0, 8) },
          { op: 'exit', proc: 'p' },
          { op: 'digest', ...range('c', 0, 8) },
        ],
        strategy,
      );
      const digests = steps.flatMap(({ digest }) => (digest === undefined ? [] : [digest]));
      const fnv = (words: readonly number[]) =>
        words.reduce((h, word) => Math.imul(h ^ word, 16777619) >>> 0, 2166136261);
      const child = fnv([6, 5, 5, 5, 5, 5, 5, 5]);
      expect(digests).toEqual([child, fnv([5, 5, 5, 7, 5, 5, 5, 5]), child]);
    },
  );
});
