import { describe, expect, it } from 'vitest';
import { type KernelRelease, type Op, runTrace, type Trace, type UffdMode } from '../src/index.js';
import { copying } from './strategies.js';

const B = 0x100000000000;
const PAGE = 4096;

const run = (ops: readonly Op[], kernel: KernelRelease = '6.18') => {
  const trace: Trace = { header: { forklab: 'trace', version: 1, name: 'uffd' }, ops };
  const { steps, samples, violations } = runTrace(trace, { strategies: [copying()], kernel, check: true });
  expect(violations).toEqual([]);
  return {
    answers: steps.map(({ result, minflt, uffd }) => (uffd ? [minflt ?? result, uffd] : (minflt ?? result))),
    samples,
  };
};

const range = (page: number, pages: number, proc = 'p') => ({ proc, addr: B + page * PAGE, length: pages * PAGE });
const process: Op = { op: 'process', proc: 'p' };
const map = (pages: number, more: Partial<Extract<Op, { op: 'mmap' }>> = {}): Op => ({
  op: 'mmap',
  ...range(0, pages),
  prot: 'rw-',
  flags: ['private', 'anonymous'],
  ...more,
});
const write = (page: number, pages: number, proc = 'p'): Op => ({ op: 'write', ...range(page, pages, proc) });
const read = (page: number, pages: number, proc = 'p'): Op => ({ op: 'read', ...range(page, pages, proc) });
const register = (page: number, pages: number, mode: UffdMode = 'wp'): Op => ({
  op: 'uffd_register',
  ...range(page, pages),
  mode,
});
const protect = (page: number, pages: number, on = true): Op => ({
  op: 'uffd_writeprotect',
  ...range(page, pages),
  protect: on,
});
const fork: Op = { op: 'fork', proc: 'p', child: 'c' };
const sample = (label: string): Op => ({ op: 'sample', label });

// All answers in this file are those of Linux 6.18.44.
describe('userfaultfd write protection', () => {
  it('notes writes without a handler, and a child knows nothing of it', () => {
    const { answers, samples } = run([
      process,
      map(256),
      write(0, 8),
      read(8, 4),
      register(0, 256, 'wp-async'),
      protect(0, 256),
      sample('protected'),
      write(0, 1),
      write(100, 1),
      fork,
      sample('forked'),
      read(0, 256, 'c'),
      write(0, 12, 'c'),
      { op: 'madvise', ...range(0, 256), advice: 'dontneed' },
      sample('dropped'),
    ]);
    // A page that nobody had touched takes two faults: one for the page, one for its protection.
    expect(answers).toEqual([0, 8, 4, 0, 0, 1, 2, 0, 243, 12, 0]);
    expect(samples.map(({ procs: { p, c } }) => [p?.vmPte, p?.rssAnon, c?.vmPte, c?.rssAnon])).toEqual([
      [12, 32, undefined, undefined],
      [12, 36, 12, 36],
      [12, 0, 12, 52],
    ]);
  });

  it('splits a huge entry where it cuts a mapping, so that fork meets small ones', () => {
    const trace: Trace = {
      header: { forklab: 'trace', version: 1, name: 'uffd', thp: 'madvise' },
      ops: [
        process,
        map(512),
        { op: 'madvise', ...range(0, 512), advice: 'hugepage' },
        read(0, 1),
        register(83, 1, 'wp-async'),
        fork,
        sample('forked'),
      ],
    };
    const { samples, violations } = runTrace(trace, { strategies: [copying()], check: true });
    expect(violations).toEqual([]);
    expect(samples[0]?.procs.c?.vmPte).toBe(12);
  });

  it.each([
    // Written, zero page, untouched; all of it read, then written.
    ['wp', [[1, 1], [1, 1], 1, 3, [13, 10]]],
    ['wp-unpopulated', [[1, 1], [1, 1], [2, 1], 3, [13, 13]]],
    ['wp-async', [1, 1, 2, 3, 13]],
  ] as const)('tells of each page once (%s)', (mode, wanted) => {
    const { answers } = run([
      process,
      map(16),
      write(0, 8),
      read(8, 4),
      register(0, 16, mode),
      protect(0, 16),
      write(0, 1),
      write(9, 1),
      write(14, 1),
      read(0, 16),
      write(0, 16),
    ]);
    expect(answers.slice(5)).toEqual(wanted);
  });

  it('keeps its marks in a mapping of a file, whatever becomes of the pages', () => {
    const { answers } = run([
      process,
      { op: 'file', file: 'f', size: 64 * PAGE },
      map(8, { flags: ['shared'], file: 'f' }),
      write(0, 8),
      register(0, 8),
      protect(0, 8),
      { op: 'madvise', ...range(0, 4), advice: 'dontneed' },
      { op: 'truncate', file: 'f', size: 6 * PAGE },
      { op: 'truncate', file: 'f', size: 64 * PAGE },
      write(0, 8),
      write(0, 8),
    ]);
    expect(answers.slice(-2)).toEqual([[14, 8], 0]);
  });

  it('outlives mprotect, waits for a handler in mlock, and does not move', () => {
    const { answers } = run([
      process,
      map(8),
      write(0, 8),
      register(0, 8),
      protect(0, 8),
      { op: 'mprotect', ...range(0, 8), prot: 'r--' },
      { op: 'mprotect', ...range(0, 8), prot: 'rw-' },
      write(0, 2),
      { op: 'mlock', ...range(0, 8) },
      protect(0, 8),
      { op: 'mremap', proc: 'p', addr: B, oldLength: 8 * PAGE, newLength: 8 * PAGE, newAddr: B + 64 * PAGE },
      write(64, 8),
      protect(64, 8),
    ]);
    expect(answers.slice(6)).toEqual([[2, 2], [0, 6], 0, 0, 8, 'ENOENT']);
  });

  it('is refused as the kernel refuses it', () => {
    const unregister = (page: number, pages: number, mode: UffdMode): Op => ({
      op: 'uffd_unregister',
      ...range(page, pages),
      mode,
    });
    const { answers } = run([
      process,
      map(4),
      register(0, 0),
      { op: 'uffd_register', proc: 'p', addr: B + 1, length: PAGE, mode: 'wp' },
      register(4, 4),
      protect(0, 4),
      register(0, 2),
      register(0, 4, 'wp-async'),
      protect(0, 4),
      unregister(0, 4, 'wp-async'),
      unregister(0, 4, 'wp'),
      protect(8, 1),
    ]);
    expect(answers).toEqual([
      ...[0, 'EINVAL', 'EINVAL', 'EINVAL', 'ENOENT', 0, 'EBUSY', 'ENOENT', 'EINVAL', 0, 'ENOENT'],
    ]);
    const old = run([process, map(4), register(0, 4, 'wp-async'), register(0, 4)], '6.1');
    expect(old.answers).toEqual([0, 'EINVAL', 0]);
  });

  it('never ends a guard over protected pages of a file in Linux, so that is left out', () => {
    const { answers } = run([
      process,
      { op: 'file', file: 'f', size: 64 * PAGE },
      map(8, { flags: ['shared'], file: 'f' }),
      register(0, 8),
      protect(0, 4),
      { op: 'madvise', ...range(4, 4), advice: 'guard_install' },
      { op: 'madvise', ...range(0, 8), advice: 'guard_install' },
    ]);
    expect(answers.slice(-2)).toEqual([0, 'ENOSYS']);
  });
});
