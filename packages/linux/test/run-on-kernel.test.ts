/** Small traces on the kernel of this machine. The numbers are what Linux has done since 5.19, huge pages off. */

import { readdirSync, readFileSync } from 'node:fs';
import { isForklabError, type Op } from '@forklab/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KernelRunner, openKernelRunner, runOnKernel } from '../src/run-on-kernel.js';
import { answers, B, digest, fnv, map, noLiveKernel, PAGE, read, sample, traceOf, write } from './live-kernel.js';

const reason = await noLiveKernel();
const title = `runOnKernel${reason ? ` (skipped: ${reason})` : ''}`;

const fork: Op = { op: 'fork', proc: 'p', child: 'c' };
const words = (count: number, value: number): number[] => Array.from({ length: count }, () => value);

const codeOf = (run: Promise<unknown>): Promise<string> =>
  run.then(
    () => 'no error',
    (error: unknown) => (isForklabError(error) ? error.code : String(error)),
  );

/** PID and parent of every process. */
const processes = (): { readonly pid: number; readonly parent: number }[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
        const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return [{ pid: Number(name), parent: Number(parent) }];
      } catch {
        return [];
      }
    });

describe.skipIf(reason !== undefined)(title, () => {
  let runner: KernelRunner;
  const run = (...ops: Op[]) => runner.run(traceOf(...ops));
  const answersOf = async (...ops: Op[]) => answers((await run(...ops)).steps);

  beforeAll(async () => {
    runner = await openKernelRunner({ timeoutMs: 20_000 });
  });
  afterAll(() => runner.close());

  it('counts a fork, its copies and its reuse to the page', async () => {
    const { steps, samples } = await run(
      map(B, 512),
      write('p', B, 512),
      fork,
      sample,
      write('c', B, 3, 2),
      write('p', B, 4, 3),
      digest('c', B, 512),
      { ...sample, label: 'after' } as Op,
    );
    expect(answers(steps)).toEqual([0, 512, 0, 3, 4, fnv([...words(3, 2), ...words(509, 1)])]);
    const mm = { rssAnon: 2048, rssFile: 0, rssShmem: 0, swap: 0 };
    expect(samples[0]?.procs).toEqual({
      p: { vmPte: 12, ...mm, pss: 1024, private: 0, shared: 2048, vmas: 1, mm },
      c: { vmPte: 12, ...mm, pss: 1024, private: 0, shared: 2048, vmas: 1, mm },
    });
    // The child has copied 3 pages, and the parent a fourth: those 7 frames have one mapper, and 508 have two.
    expect(samples[1]?.procs.p).toMatchObject({ private: 16, shared: 2032, pss: 1032 });
  });

  it('counts nothing for an empty process, forked or not', async () => {
    const { samples } = await run(fork, sample);
    const nothing = { rssAnon: 0, rssFile: 0, rssShmem: 0, swap: 0 };
    const empty = { vmPte: 0, ...nothing, pss: 0, private: 0, shared: 0, vmas: 0, mm: nothing };
    expect(samples[0]?.procs).toEqual({ p: empty, c: empty });
  });

  it('reports the signal of an access, keeps what was done before it, and goes on', async () => {
    const file: Op = { op: 'file', file: 'f', size: PAGE };
    expect(
      await answersOf(
        map(B, 2),
        write('p', B, 4, 7),
        digest('p', B, 2),
        { op: 'mprotect', proc: 'p', addr: B, length: PAGE, prot: 'r--' },
        write('p', B, 1),
        read('p', B, 1),
        file,
        map(B + 0x40000000, 2, { flags: ['shared'], file: 'f' }),
        read('p', B + 0x40000000, 2),
        write('p', B + 0x40000000, 1),
      ),
    ).toEqual([0, 'SIGSEGV', fnv([7, 7]), 0, 'SIGSEGV', 0, 0, 0, 'SIGBUS', 0]);
  });

  it('names the errors of Linux', async () => {
    expect(
      await answersOf(
        map(B, 4),
        map(B, 1),
        map(B + 1, 1),
        { op: 'mprotect', proc: 'p', addr: B, length: 8 * PAGE, prot: 'r--' },
        { op: 'mremap', proc: 'p', addr: B + 0x100000, oldLength: PAGE, newLength: PAGE, newAddr: B + 0x200000 },
        { op: 'madvise', proc: 'p', addr: B + 1, length: PAGE, advice: 'dontneed' },
        map(B + 0x40000000, 1, { flags: ['private'] }),
      ),
    ).toEqual([0, 'EEXIST', 'EINVAL', 'ENOMEM', 'EFAULT', 'EINVAL', 'EBADF']);
  });

  it('shows a file to processes that were there before it, and its truncation', async () => {
    const shared = (proc: string): Op => map(B, 4, { proc, flags: ['shared'], file: 'f' });
    expect(
      await answersOf(
        fork,
        { op: 'file', file: 'f', size: 4 * PAGE },
        shared('p'),
        shared('c'),
        write('p', B, 4, 5),
        digest('c', B, 4),
        { op: 'truncate', file: 'f', size: 2 * PAGE },
        digest('c', B, 2),
        read('p', B + 2 * PAGE, 1),
      ),
    ).toEqual([0, 0, 0, 0, 4, fnv(words(4, 5)), 0, fnv(words(2, 5)), 'SIGBUS']);
  });

  it('touches a list longer than it sends at once, without faults of its own', async () => {
    const touch: Op = {
      op: 'touch',
      proc: 'p',
      addr: B,
      length: 16 * PAGE,
      pattern: 'sequential',
      count: 150_000,
      seed: 1,
    };
    const { steps } = await run(
      map(B, 15),
      { ...touch, length: 15 * PAGE, write: true, value: 9 } as Op,
      touch,
      digest('p', B, 15),
    );
    expect(answers(steps)).toEqual([0, 15, 'SIGSEGV', fnv(words(15, 9))]);
  });

  it('starts with an empty address space after exec and spawn, and shares it in vfork', async () => {
    const { steps, samples } = await run(
      map(B, 1),
      write('p', B, 1, 3),
      { op: 'vfork', proc: 'p', child: 'v' },
      write('v', B, 1, 4),
      { op: 'exec', proc: 'v' },
      read('v', B, 1),
      digest('p', B, 1),
      { op: 'spawn', proc: 'p', child: 's' },
      read('s', B, 1),
      sample,
    );
    expect(answers(steps)).toEqual([0, 1, 0, 0, 0, 'SIGSEGV', fnv([4]), 0, 'SIGSEGV']);
    expect(Object.entries(samples[0]!.procs).map(([name, { vmas }]) => [name, vmas])).toEqual([
      ['p', 1],
      ['v', 0],
      ['s', 0],
    ]);
  });

  it('moves the end of a heap that begins at the first brk', async ({ skip }) => {
    const brk = (pages: number): Op => ({ op: 'brk', proc: 'p', addr: B + pages * PAGE });
    const got = await answersOf(
      brk(0),
      brk(4),
      write('p', B, 4),
      brk(2),
      read('p', B, 3),
      map(B + 3 * PAGE, 1),
      brk(4),
    );
    if (got[0] === 'ENOSYS') skip('this kernel is built without CHECKPOINT_RESTORE');
    expect(got).toEqual([0, 0, 4, 0, 'SIGSEGV', 0, 'ENOMEM']);
  });

  it('pins pages so that a fork copies them, where io_uring is allowed', async ({ skip }) => {
    const pin = { proc: 'p', addr: B + PAGE, length: PAGE, write: true, longterm: true } as const;
    const got = await answersOf(
      map(B, 4),
      write('p', B, 4),
      { op: 'pin', ...pin },
      fork,
      write('p', B, 4, 2),
      { op: 'unpin', ...pin },
      { op: 'unpin', ...pin },
      { op: 'pin', proc: 'p', addr: B, length: PAGE },
    );
    if (got[2] === 'ENOSYS') skip('io_uring is not allowed here');
    expect(got).toEqual([0, 4, 0, 0, 3, 0, 'EINVAL', 'ENOSYS']);
  });

  it('says which operations Linux has no call for', async () => {
    const { steps, unmodelled } = await run({ op: 'share', object: 'o', kind: 'object-owned', size: PAGE }, map(B, 1));
    expect(answers(steps)).toEqual(['ENOSYS', 0]);
    expect(unmodelled).toEqual({ share: 1 });
  });

  it('refuses what it cannot do, and then runs the next trace', async () => {
    const dead = [fork, { op: 'exit', proc: 'c' }, read('c', B, 1)] as Op[];
    expect(await codeOf(run(map(0x400000, 1)))).toBe('FL4008');
    expect(await codeOf(run(...dead))).toBe('FL4009');
    expect(await answersOf(map(B, 1), write('p', B, 1))).toEqual([0, 1]);
  });

  it('ends a trace that takes too long, and leaves no process behind', async () => {
    const before = new Set(processes().map(({ pid }) => pid));
    const impatient = await openKernelRunner({ timeoutMs: 300 });
    const [own] = processes().filter(({ pid, parent }) => parent === process.pid && !before.has(pid));
    const family = [own!.pid, ...processes().flatMap(({ pid, parent }) => (parent === own!.pid ? [pid] : []))];
    expect(family.length).toBe(2);
    const slow = map(B, 2 ** 30, { flags: ['private', 'anonymous', 'noreserve'] });
    const endless = traceOf(slow, { op: 'read', proc: 'p', addr: B, length: 2 ** 20 * PAGE, stride: 1 });
    expect(await codeOf(impatient.run(endless))).toBe('FL4006');
    await impatient.close();
    const after = new Set(processes().map(({ pid }) => pid));
    expect(family.filter((pid) => after.has(pid))).toEqual([]);
  });

  it('runs one trace without a runner that stays', async () => {
    const { trace, kernel, steps } = await runOnKernel(traceOf(map(B, 1)));
    expect([trace, answers(steps)]).toEqual(['test', [0]]);
    expect(kernel).toMatch(/^\d+\.\d+/);
  });
});
