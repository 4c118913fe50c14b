import { describe, expect, it } from 'vitest';
import { type KernelRelease, type Op, runTrace, type Trace } from '../src/index.js';
import { copying } from './strategies.js';

const B = 0x100000000000;
const PAGE = 4096;

const run = (ops: readonly Op[], kernel: KernelRelease = '6.18') => {
  const trace: Trace = { header: { forklab: 'trace', version: 1, name: 'guard' }, ops };
  const { steps, samples, violations } = runTrace(trace, { strategies: [copying()], kernel, check: true });
  expect(violations).toEqual([]);
  return { answers: steps.map(({ result, minflt }) => minflt ?? result), samples };
};

const process: Op = { op: 'process', proc: 'p' };
const range = (proc: string, page: number, pages: number) => ({ proc, addr: B + page * PAGE, length: pages * PAGE });
const map = (pages: number): Op => ({
  op: 'mmap',
  ...range('p', 0, pages),
  prot: 'rw-',
  flags: ['private', 'anonymous'],
});
const advise = (proc: string, page: number, pages: number, advice: 'guard_install' | 'guard_remove' | 'dontneed') =>
  ({ op: 'madvise', ...range(proc, page, pages), advice }) as const;

describe('guard regions', () => {
  // What Linux 6.18.44 answered: two of eight pages guarded, the child of that, and its own drop and removal.
  it('answer as the kernel did', () => {
    const { answers, samples } = run([
      process,
      map(8),
      { op: 'write', ...range('p', 0, 8) },
      advise('p', 2, 2, 'guard_install'),
      { op: 'read', ...range('p', 2, 1) },
      { op: 'fork', proc: 'p', child: 'c' },
      { op: 'sample', label: 'born' },
      { op: 'read', ...range('c', 3, 1) },
      advise('c', 0, 8, 'dontneed'),
      { op: 'sample', label: 'dropped' },
      { op: 'read', ...range('c', 2, 1) },
      advise('c', 0, 8, 'guard_remove'),
      { op: 'read', ...range('c', 2, 1) },
    ]);
    expect(answers).toEqual([0, 8, 0, 'SIGSEGV', 0, 'SIGSEGV', 0, 'SIGSEGV', 0, 1]);
    expect(samples.map(({ procs }) => [procs.p?.rssAnon, procs.c?.rssAnon, procs.c?.vmPte])).toEqual([
      [24, 24, 12],
      [24, 0, 12],
    ]);
  });

  it('need tables, keep them, and keep MADV_DONTNEED from freeing them', () => {
    const sample = (label: string): Op => ({ op: 'sample', label });
    const { samples } = run([
      process,
      map(1024),
      advise('p', 0, 1024, 'guard_install'),
      sample('two tables'),
      advise('p', 0, 1024, 'dontneed'),
      sample('kept'),
      advise('p', 0, 1024, 'guard_remove'),
      sample('empty'),
      advise('p', 0, 1024, 'dontneed'),
      sample('freed'),
    ]);
    expect(samples.map(({ procs }) => procs.p?.vmPte)).toEqual([16, 16, 16, 8]);
  });

  it('are refused in locked memory, may be taken out of it, and stop what faults pages in', () => {
    const { answers } = run([
      process,
      map(4),
      advise('p', 1, 1, 'guard_install'),
      { op: 'mlock', ...range('p', 0, 4) },
      advise('p', 2, 1, 'guard_install'),
      { op: 'madvise', ...range('p', 0, 4), advice: 'populate_write' },
      { op: 'pin', ...range('p', 1, 1), write: true, longterm: true },
      advise('p', 1, 1, 'guard_remove'),
      { op: 'mlock', ...range('p', 0, 4) },
    ]);
    expect(answers).toEqual([0, 0, 'ENOMEM', 'EINVAL', 'EFAULT', 'EFAULT', 0, 0]);
  });

  it('are unknown to Linux 6.1', () => {
    const { answers } = run(
      [process, map(4), advise('p', 0, 1, 'guard_install'), advise('p', 0, 1, 'guard_remove')],
      '6.1',
    );
    expect(answers).toEqual([0, 'EINVAL', 'EINVAL']);
  });
});
