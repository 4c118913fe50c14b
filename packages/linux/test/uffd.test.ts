/** userfaultfd write protection on the kernel of this machine. The same steps as in core's test of it, same answers. */
import type { Op, UffdMode } from '@forklab/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KernelRunner, openKernelRunner } from '../src/run-on-kernel.js';
import { B, map, noLiveKernel, PAGE, read, traceOf, write } from './live-kernel.js';

const reason = await noLiveKernel();
const title = `userfaultfd write protection${reason ? ` (skipped: ${reason})` : ''}`;

const range = (page: number, pages: number) => ({ proc: 'p', addr: B + page * PAGE, length: pages * PAGE });
const register = (page: number, pages: number, mode: UffdMode): Op => ({
  op: 'uffd_register',
  ...range(page, pages),
  mode,
});
const protect = (page: number, pages: number): Op => ({
  op: 'uffd_writeprotect',
  ...range(page, pages),
  protect: true,
});

describe.skipIf(reason !== undefined)(title, () => {
  let runner: KernelRunner;
  beforeAll(async () => {
    runner = await openKernelRunner({ timeoutMs: 20_000 });
  });
  afterAll(() => runner.close());

  /** Faults, with the events where there were any; undefined where this host has no such userfaultfd. */
  const answersOf = async (...ops: Op[]) => {
    const { steps } = await runner.run(traceOf(...ops));
    const refused = steps.find(({ op }) => op === 'uffd_register');
    if (refused?.result === 'ENOSYS' || refused?.result === 'EINVAL') return undefined;
    return steps.map(({ result, minflt, uffd }) => (uffd ? [minflt ?? result, uffd] : (minflt ?? result)));
  };

  it.each([
    ['wp', [[1, 1], [1, 1], 1, 3, [13, 10]]],
    ['wp-unpopulated', [[1, 1], [1, 1], [2, 1], 3, [13, 13]]],
    ['wp-async', [1, 1, 2, 3, 13]],
  ] as const)('tells of each page once (%s)', async (mode, wanted) => {
    const got = await answersOf(
      map(B, 16),
      write('p', B, 8),
      read('p', B + 8 * PAGE, 4),
      register(0, 16, mode),
      protect(0, 16),
      write('p', B, 1),
      write('p', B + 9 * PAGE, 1),
      write('p', B + 14 * PAGE, 1),
      read('p', B, 16),
      write('p', B, 16),
    );
    // Asked for last, since whether the kernel has it is known only now.
    if (got) expect(got.slice(5)).toEqual(wanted);
  });

  it('answers events of calls, of a list of accesses, and of a process that has both kinds', async ({ skip }) => {
    const got = await answersOf(
      map(B, 64),
      write('p', B, 64),
      register(0, 32, 'wp'),
      register(32, 32, 'wp-async'),
      protect(0, 64),
      { op: 'mlock', ...range(0, 4) },
      { op: 'touch', ...range(0, 64), pattern: 'sequential', count: 64, seed: 1, write: true },
      { op: 'uffd_unregister', ...range(0, 32), mode: 'wp-async' },
      { op: 'uffd_unregister', ...range(0, 32), mode: 'wp' },
      write('p', B, 64),
    );
    if (!got) skip('this host has no userfaultfd write protection, or not for this user');
    expect(got?.slice(5)).toEqual([[0, 4], [60, 28], 'EINVAL', 0, 0]);
  });

  it('lets a process with a userfaultfd fork, and its child run without one', async ({ skip }) => {
    const got = await answersOf(
      map(B, 8),
      write('p', B, 8),
      register(0, 8, 'wp'),
      protect(0, 8),
      { op: 'fork', proc: 'p', child: 'c' },
      write('c', B, 8),
      write('p', B, 8),
      { op: 'exit', proc: 'p' },
      write('c', B, 8),
    );
    if (!got) skip('this host has no userfaultfd write protection, or not for this user');
    expect(got).toEqual([0, 8, 0, 0, 0, 8, [8, 8], 0, 0]);
  });

  it('splits a huge entry where it cuts a mapping, so that fork meets small ones', async ({ skip }) => {
    const { header, ops } = traceOf(
      map(B, 512),
      { op: 'madvise', ...range(0, 512), advice: 'hugepage' },
      read('p', B, 1),
      register(83, 1, 'wp-async'),
      { op: 'fork', proc: 'p', child: 'c' },
      { op: 'sample', label: 'forked' },
    );
    const { steps, samples } = await runner.run({ header: { ...header, thp: 'madvise' }, ops });
    if (steps[3]?.result !== 0) skip('this host has no userfaultfd write protection, or not for this user');
    expect(samples[0]?.procs.c?.vmPte).toBe(12);
  });
});
