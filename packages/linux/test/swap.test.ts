/** Swap on the kernel of this machine: the experiments that the model was made from, with zram as the device. */

import type { Advice, Op } from '@forklab/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KernelRunner, openKernelRunner } from '../src/run-on-kernel.js';
import { B, digest, fnv, map, noLiveKernel, PAGE, read, traceOf, write } from './live-kernel.js';

const at = (page: number): number => B + page * PAGE;
const swapout = (proc: string, page: number, pages: number): Op => ({
  op: 'swapout',
  proc,
  addr: at(page),
  length: pages * PAGE,
});
const advise = (page: number, pages: number, advice: Advice): Op => ({
  op: 'madvise',
  proc: 'p',
  addr: at(page),
  length: pages * PAGE,
  advice,
});
const fork = (proc: string, child: string): Op => ({ op: 'fork', proc, child });
const sample = (label: string): Op => ({ op: 'sample', label });

/** Why traces with swap cannot be run here, or undefined. */
const noSwap = async (): Promise<string | undefined> => {
  const reason = await noLiveKernel();
  if (reason !== undefined) return reason;
  const runner = await openKernelRunner();
  try {
    const { unmodelled } = await runner.run(traceOf(map(B, 1), write('p', B, 1), swapout('p', 0, 1)));
    return unmodelled.swapout === undefined ? undefined : 'no root, or no zram';
  } finally {
    await runner.close();
  }
};

const reason = await noSwap();

describe.skipIf(reason !== undefined)(`swap on the kernel${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let runner: KernelRunner;
  beforeAll(async () => {
    runner = await openKernelRunner({ timeoutMs: 30_000 });
  });
  afterAll(() => runner.close());

  const run = async (...ops: Op[]) => {
    const { steps, samples } = await runner.run(traceOf(...ops));
    /** Minor and major faults of accesses, results of the rest. */
    const answers = steps.map(({ result, minflt, majflt }) => (minflt === undefined ? result : [minflt, majflt ?? 0]));
    /** Pages: anonymous, shared memory, swap found, swap charged. */
    const pages = samples.map(({ procs }) =>
      Object.values(procs).map((p) => [p.rssAnon / 4, p.rssShmem / 4, p.swap / 4, p.mm.swap / 4]),
    );
    return { steps, answers, pages };
  };

  it('reads one page a major fault, writable even when it was read', async () => {
    const { answers, pages } = await run(
      map(B, 64),
      write('p', B, 64),
      advise(0, 64, 'pageout'),
      sample('out'),
      read('p', B, 1),
      read('p', at(1), 7),
      write('p', B, 8),
      write('p', at(8), 1),
      sample('in'),
    );
    expect(answers.slice(2)).toEqual([0, [0, 1], [0, 7], [0, 0], [0, 1]]);
    expect(pages).toEqual([[[0, 0, 64, 64]], [[9, 0, 55, 55]]]);
  });

  it('gives a child the entries of its parent, and keeps a page that one of them read in the swap cache', async () => {
    const { answers, pages } = await run(
      map(B, 64),
      write('p', B, 64),
      swapout('p', 0, 64),
      fork('p', 'c'),
      sample('born'),
      read('c', at(32), 1),
      read('p', at(32), 1),
      write('c', at(32), 1),
      write('p', at(32), 1),
      write('c', at(50), 1),
      write('p', at(50), 1),
    );
    expect(answers.slice(4)).toEqual([
      [0, 1],
      [1, 0],
      [1, 0],
      [1, 0],
      [0, 1],
      [1, 0],
    ]);
    expect(pages[0]).toEqual([
      [0, 0, 64, 64],
      [0, 0, 64, 64],
    ]);
  });

  it('reclaims pages from everybody who maps them, when they are all that there is', async () => {
    const { steps, answers, pages } = await run(
      map(B, 64),
      write('p', B, 64, 5),
      fork('p', 'c'),
      fork('c', 'g'),
      write('c', B, 8, 6),
      advise(8, 56, 'pageout'),
      sample('shared pages stay'),
      swapout('p', 0, 64),
      swapout('c', 0, 64),
      swapout('g', 0, 64),
      sample('gone'),
      write('p', at(8), 1),
      read('c', at(8), 1),
      digest('g', B, 9),
    );
    expect(pages[0]!.map(([anon]) => anon)).toEqual([64, 64, 64]);
    expect(pages[1]).toEqual([
      [0, 0, 64, 64],
      [0, 0, 64, 64],
      [0, 0, 64, 64],
    ]);
    expect(answers.slice(-3)).toEqual([
      [0, 1],
      [1, 0],
      [1, 8],
    ]);
    expect(steps.at(-1)?.digest).toBe(fnv([5, 5, 5, 5, 5, 5, 5, 5, 5]));
  });

  it('refuses a part of what several map, since no call reclaims that', async () => {
    const { steps, unmodelled } = await runner.run(
      traceOf(map(B, 8), write('p', B, 8), fork('p', 'c'), swapout('p', 0, 4)),
    );
    expect(steps.at(-1)?.result).toBe('ENOSYS');
    expect(unmodelled).toEqual({ swapout: 1 });
  });

  it('refuses, with nothing done, to reclaim from several what somebody holds', async () => {
    const { steps, pages } = await run(
      map(B, 8),
      write('p', B, 8),
      fork('p', 'c'),
      { op: 'pin', proc: 'p', addr: B, length: PAGE, how: 'get' },
      swapout('p', 0, 8),
      swapout('c', 0, 8),
      sample('all there'),
    );
    expect(steps.slice(-3).map(({ result }) => result)).toEqual([0, 'ENOSYS', 'ENOSYS']);
    expect(pages[0]).toEqual([
      [8, 0, 0, 0],
      [8, 0, 0, 0],
    ]);
  });

  it('counts swapped shared memory in smaps alone, and forgets holes', async () => {
    const { answers, pages } = await run(
      { ...map(B, 16), flags: ['shared', 'anonymous'] } as Op,
      write('p', B, 8),
      read('p', at(8), 8),
      advise(0, 16, 'pageout'),
      sample('out'),
      read('p', B, 16),
    );
    expect(pages[0]).toEqual([[0, 0, 8, 0]]);
    expect(answers.at(-1)).toEqual([8, 8]);
  });

  it('keeps what was populated for writing as if it were written, whatever no fault had to bring', async () => {
    const { pages } = await run(
      { ...map(B, 4), flags: ['shared', 'anonymous'] } as Op,
      advise(0, 4, 'populate_read'),
      advise(0, 2, 'populate_write'),
      advise(0, 4, 'pageout'),
      sample('shared'),
      { ...map(B, 4), flags: ['private', 'anonymous', 'fixed'] } as Op,
      write('p', B, 4),
      advise(0, 4, 'free'),
      advise(0, 2, 'populate_write'),
      swapout('p', 0, 4),
      sample('private'),
    );
    expect(pages).toEqual([[[0, 0, 2, 0]], [[0, 0, 2, 2]]]);
  });

  it('drops what was freed lazily and not written since', async () => {
    const { answers, pages } = await run(
      map(B, 16),
      write('p', B, 16),
      swapout('p', 12, 4),
      advise(0, 16, 'free'),
      sample('freed'),
      write('p', at(1), 1),
      advise(0, 16, 'pageout'),
      sample('one written'),
      swapout('p', 0, 16),
      sample('out'),
      read('p', B, 12),
    );
    expect(pages).toEqual([[[12, 0, 0, 0]], [[1, 0, 0, 0]], [[0, 0, 1, 1]]]);
    expect(answers.at(-1)).toEqual([11, 1]);
  });
});
