/** Guard regions on the kernel of this machine. */
import type { Op } from '@forklab/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KernelRunner, openKernelRunner } from '../src/run-on-kernel.js';
import { answers, B, map, noLiveKernel, PAGE, read, traceOf, write } from './live-kernel.js';

const reason = await noLiveKernel();
const title = `guard regions${reason ? ` (skipped: ${reason})` : ''}`;

const advise = (
  proc: string,
  page: number,
  pages: number,
  advice: 'guard_install' | 'guard_remove' | 'dontneed',
): Op => ({
  op: 'madvise',
  proc,
  addr: B + page * PAGE,
  length: pages * PAGE,
  advice,
});

describe.skipIf(reason !== undefined)(title, () => {
  let runner: KernelRunner;
  beforeAll(async () => {
    runner = await openKernelRunner({ timeoutMs: 20_000 });
  });
  afterAll(() => runner.close());

  // The same steps as in core's test of them, with the same answers.
  it('kill accesses, go along with fork, outlive a drop, and go when told', async ({ skip }) => {
    const { steps, samples } = await runner.run(
      traceOf(
        map(B, 8),
        write('p', B, 8),
        advise('p', 2, 2, 'guard_install'),
        read('p', B + 2 * PAGE, 1),
        { op: 'fork', proc: 'p', child: 'c' },
        { op: 'sample', label: 'born' },
        read('c', B + 3 * PAGE, 1),
        advise('c', 0, 8, 'dontneed'),
        { op: 'sample', label: 'dropped' },
        read('c', B + 2 * PAGE, 1),
        advise('c', 0, 8, 'guard_remove'),
        read('c', B + 2 * PAGE, 1),
      ),
    );
    const got = answers(steps);
    if (got[2] === 'EINVAL') skip('this kernel is older than 6.13');
    expect(got).toEqual([0, 8, 0, 'SIGSEGV', 0, 'SIGSEGV', 0, 'SIGSEGV', 0, 1]);
    expect(samples.map(({ procs }) => [procs.p?.rssAnon, procs.c?.rssAnon, procs.c?.vmPte])).toEqual([
      [24, 24, 12],
      [24, 0, 12],
    ]);
  });
});
