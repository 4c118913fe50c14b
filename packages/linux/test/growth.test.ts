/** Heaps, stacks and borrowed memory on the kernel of this machine. */
import type { Op } from '@forklab/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KernelRunner, openKernelRunner } from '../src/run-on-kernel.js';
import { answers, B, map, noLiveKernel, PAGE, read, sample, traceOf, write } from './live-kernel.js';

const reason = await noLiveKernel();

describe.skipIf(reason !== undefined)(`what grows, on the kernel${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let runner: KernelRunner;
  const run = (...ops: Op[]) => runner.run(traceOf(...ops));
  const answersOf = async (...ops: Op[]) => answers((await run(...ops)).steps);
  const brk = (proc: string, pages: number): Op => ({ op: 'brk', proc, addr: B + pages * PAGE });

  beforeAll(async () => {
    runner = await openKernelRunner({ timeoutMs: 20_000 });
  });
  afterAll(() => runner.close());

  it('grows a stack up to its guard gap, and to 8 MiB', async () => {
    const stack = map(B + 3000 * PAGE, 1, { flags: ['private', 'anonymous', 'growsdown'] });
    expect(
      await answersOf(
        map(B + 2000 * PAGE, 1),
        stack,
        write('p', B + 2999 * PAGE, 1),
        write('p', B + 2256 * PAGE, 1),
        write('p', B + 2257 * PAGE, 1),
      ),
    ).toEqual([0, 0, 1, 'SIGSEGV', 1]);
    expect(await answersOf(stack, write('p', B + 952 * PAGE, 1), write('p', B + 953 * PAGE, 1))).toEqual([
      ...[0, 'SIGSEGV', 1],
    ]);
  });

  it('lets a vfork child begin the heap of its parent', async ({ skip }) => {
    const got = await answersOf(
      { op: 'vfork', proc: 'p', child: 'v' },
      brk('v', 0),
      { op: 'exit', proc: 'v' },
      brk('p', 2),
      write('p', B, 2),
    );
    if (got[1] === 'ENOSYS') skip('this kernel is built without CHECKPOINT_RESTORE');
    expect(got).toEqual([0, 0, 0, 0, 2]);
  });

  it('shows a parent that waits as what it is: the memory of its child', async () => {
    const { samples } = await run(map(B, 4), { op: 'vfork', proc: 'p', child: 'v' }, write('v', B, 3), sample);
    expect(samples[0]?.procs.p).toEqual(samples[0]?.procs.v);
    expect(samples[0]?.procs.p).toMatchObject({ rssAnon: 12, pss: 12, private: 12 });
  });

  it('ends pins at an exec', async ({ skip }) => {
    const range = { proc: 'p', addr: B, length: PAGE } as const;
    const pin: Op = { op: 'pin', ...range, write: true, longterm: true };
    const got = await answersOf(map(B, 1), pin, { op: 'exec', proc: 'p' }, { op: 'unpin', ...range }, read('p', B, 1));
    if (got[1] === 'ENOSYS') skip('io_uring is not allowed here');
    expect(got).toEqual([0, 0, 0, 'EINVAL', 'SIGSEGV']);
  });
});
