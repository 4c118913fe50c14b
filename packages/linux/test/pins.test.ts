/** Pins and references on the kernel of this machine, and what is seen through them. */
import type { Op } from '@forklab/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KernelRunner, openKernelRunner } from '../src/run-on-kernel.js';
import { answers, B, fnv, map, noLiveKernel, PAGE, traceOf, write } from './live-kernel.js';

const reason = await noLiveKernel();

describe.skipIf(reason !== undefined)(`pins on the kernel${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let runner: KernelRunner;
  const answersOf = async (...ops: Op[]) => answers((await runner.run(traceOf(...ops))).steps);
  const range = (proc: string, pages: number) => ({ proc, addr: B, length: pages * PAGE });
  const fork: Op = { op: 'fork', proc: 'p', child: 'c' };
  const pin: Op = { op: 'pin', ...range('p', 3), write: true, longterm: true };
  const get = (proc: string): Op => ({ op: 'pin', ...range(proc, 3), how: 'get' });
  const peek = (proc: string): Op => ({ op: 'peek', ...range(proc, 3) });

  beforeAll(async () => {
    runner = await openKernelRunner({ timeoutMs: 20_000 });
  });
  afterAll(() => runner.close());

  it('sees later stores through a fixed buffer, twice', async ({ skip }) => {
    const got = await answersOf(map(B, 3), write('p', B, 3, 1), pin, fork, write('p', B, 3, 2), peek('p'), peek('p'));
    if (got[2] === 'ENOSYS') skip('io_uring is not allowed here');
    expect(got).toEqual([0, 3, 0, 0, 0, fnv([2, 2, 2]), fnv([2, 2, 2])]);
  });

  it('sees through a pipe what was there when the child spliced it, though nobody else maps it', async () => {
    const unmap: Op = { op: 'munmap', ...range('c', 3) };
    const trace = [map(B, 3), write('p', B, 3, 1), fork, get('c'), unmap, write('p', B, 3, 2), peek('c'), peek('c')];
    expect(await answersOf(...trace)).toEqual([0, 3, 0, 0, 0, 3, fnv([1, 1, 1]), fnv([1, 1, 1])]);
  });

  it('sees later stores through a pipe while the page is exclusive', async () => {
    expect(await answersOf(map(B, 3), write('p', B, 3, 1), get('p'), write('p', B, 3, 2), peek('p'))).toEqual([
      ...[0, 3, 0, 0, fnv([2, 2, 2])],
    ]);
  });

  it('finds without a lock what the VMA lets nobody read, and pins nothing that may not be written', async () => {
    const unread: Op = { op: 'mprotect', ...range('p', 3), prot: '-w-' };
    expect(await answersOf(map(B, 3), write('p', B, 3), unread, get('p'))).toEqual([0, 3, 0, 0]);
    expect(await answersOf(map(B, 3), unread, get('p'))).toEqual([0, 0, 'EFAULT']);
    const got = await answersOf(map(B, 3, { prot: 'r--' }), pin, { op: 'unpin', ...range('p', 3) }, peek('p'));
    expect(got).toEqual([0, got[1] === 'ENOSYS' ? 'ENOSYS' : 'EFAULT', 'EINVAL', 'EINVAL']);
  });

  it('says that Linux has no pin for reading that stays', async () => {
    const { steps, unmodelled } = await runner.run(
      traceOf(map(B, 3), { op: 'pin', ...range('p', 3), longterm: true }, { ...get('p'), write: true } as Op),
    );
    expect(answers(steps)).toEqual([0, 'ENOSYS', 'ENOSYS']);
    expect(unmodelled).toEqual({ pin: 2 });
  });
});
