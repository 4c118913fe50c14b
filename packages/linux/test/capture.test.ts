/** Capturing live processes whose pages are known in number. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Op } from '@forklab/core';
import { formatTrace, isForklabError, parseTrace } from '@forklab/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { capture, captureCommand, requireLinux } from '../src/capture/capture.js';
import { compileSubject, noSubject, type Places, type Subject, startSubject, stop } from './capture-subject.js';

const PAGE = 4096;
const NOBODY = 65534;
const reason = await noSubject();
const isRoot = process.geteuid?.() === 0;

const codeOf = async (run: Promise<unknown>): Promise<string> =>
  run.then(
    () => 'no error',
    (error: unknown) => (isForklabError(error) ? error.code : String(error)),
  );

/** Runs something with the rights of another user and of no group of ours. Only root can, and only root comes back. */
const asNobody = async <T>(run: () => Promise<T>): Promise<T> => {
  process.setegid!(NOBODY);
  process.seteuid!(NOBODY);
  try {
    return await run();
  } finally {
    process.seteuid!(0);
    process.setegid!(0);
  }
};

type Of<N extends Op['op']> = Extract<Op, { op: N }>;
const only = <N extends Op['op']>(ops: readonly Op[], name: N): Of<N>[] =>
  ops.filter((it): it is Of<N> => it.op === name);

/** Page numbers, counted from `base`, that these accesses touch. */
const pagesOf = (ops: readonly (Of<'read'> | Of<'write'> | Of<'madvise'>)[], base: number, pages: number): number[] =>
  ops
    .flatMap((op) => {
      const stride = (op.op === 'madvise' ? undefined : op.stride) ?? PAGE;
      return Array.from({ length: Math.ceil(op.length / stride) }, (_, i) => (op.addr + i * stride - base) / PAGE);
    })
    .filter((page) => page >= 0 && page < pages)
    .sort((a, b) => a - b);

const range = (first: number, end: number, step = 1): number[] =>
  Array.from({ length: Math.ceil((end - first) / step) }, (_, i) => first + i * step);

/** The part of the trace up to the fork, and the part after it. */
const split = (ops: readonly Op[]): [Op[], Op[]] => {
  const at = ops.findIndex(({ op }) => op === 'fork');
  return [ops.slice(0, at), ops.slice(at)];
};

describe.skipIf(reason !== '')(`capture of a process with known pages ${reason}`, () => {
  let program: Awaited<ReturnType<typeof compileSubject>>;
  let subject: Subject;
  let at: Places;

  beforeAll(async () => {
    program = await compileSubject();
  });
  afterAll(() => program.remove());
  beforeEach(async () => {
    subject = await startSubject(program.program);
    at = subject.places;
  });
  afterEach(() => subject.stop());

  it('finds every page, of the right kind', async () => {
    const { trace } = await capture(subject.pid);
    const [before] = split(trace.ops);
    const writes = only(before, 'write');
    const reads = only(before, 'read');
    expect(pagesOf(writes, at.heap, 8192)).toEqual([...range(0, 1000), ...range(2000, 3000, 2)]);
    expect(pagesOf(reads, at.heap, 8192)).toEqual(range(3000, 3100));
    expect(pagesOf(writes, at.shared, 100)).toEqual(range(0, 50));
    expect(pagesOf(writes, at.file, 64)).toEqual(range(0, 5));
    expect(pagesOf(reads, at.file, 64)).toEqual(expect.arrayContaining(range(30, 40)));
    expect(pagesOf(writes, at.sealed, 32)).toEqual(range(0, 32));
  });

  it('says runs and strides in one operation each', async () => {
    const { trace } = await capture(subject.pid);
    const heap = only(trace.ops, 'write').filter(({ addr }) => addr >= at.heap && addr < at.heap + 8192 * PAGE);
    expect(heap).toEqual([
      { op: 'write', proc: 'p0', addr: at.heap, length: 1000 * PAGE },
      { op: 'write', proc: 'p0', addr: at.heap + 2000 * PAGE, length: 999 * PAGE, stride: 2 * PAGE },
    ]);
  });

  it('maps with the rights needed and gives the real ones afterwards', async () => {
    const { trace, summary } = await capture(subject.pid);
    const mmap = only(trace.ops, 'mmap').find(({ addr }) => addr === at.sealed)!;
    const mprotect = only(trace.ops, 'mprotect').find(({ addr }) => addr === at.sealed)!;
    expect([mmap.prot, mprotect.prot]).toEqual(['rw-', 'r--']);
    expect(summary.pages.protectedLater).toBeGreaterThan(0);
    expect(only(trace.ops, 'mmap').find(({ addr }) => addr === at.heap)!.flags).toContain('noreserve');
    expect(only(trace.ops, 'mmap').find(({ addr }) => addr === at.shared)!.flags).toEqual(['shared', 'anonymous']);
    expect(only(trace.ops, 'mmap').find(({ addr }) => addr === at.file)!.file).toMatch(/^f\d+$/);
  });

  it('adds up to what smaps says', async () => {
    const { summary } = await capture(subject.pid);
    expect(summary.rssKb.smaps).toBeGreaterThan(1600 * 4);
    expect(summary.rssKb.counted).toBe(summary.rssKb.smaps);
    expect(summary.anonymousKb.counted).toBe(summary.anonymousKb.smaps);
    expect(summary.pages.zero).toBe(100);
    expect(summary.unsure).toBe(0);
  });

  it('makes a trace that the checker of traces accepts, without paths', async () => {
    const { trace } = await capture(subject.pid);
    const text = formatTrace(trace);
    expect(parseTrace(text)).toEqual(trace);
    expect(text).not.toMatch(/libc|memfd|forklab-|\/tmp/);
    const names = only((await capture(subject.pid, { fileNames: 'basename' })).trace.ops, 'file').map(
      ({ file }) => file,
    );
    expect(names.some((name) => /^f\d+-memfd_capture-subject$/.test(name))).toBe(true);
  });

  it('states what it assumes of the time after the fork, and assumes as much as it says', async () => {
    const { trace, summary } = await capture(subject.pid, { assume: { writtenShare: 0.1, seed: 7 } });
    const [, after] = split(trace.ops);
    const touched = only(after, 'touch').reduce((sum, { count }) => sum + count, 0);
    // The sealed pages may not be written; all other private pages may, apart from read-only data of libraries.
    expect(touched).toBeGreaterThan(0.1 * 1521 - 1);
    expect(touched).toBeLessThan(0.1 * summary.pages.anonymous + 1);
    expect(summary.assumption).toMatch(/10 % .* seed 7/);
    expect(trace.header.source!.assumption).toBe(summary.assumption);
    expect(only(after, 'sample').map(({ label }) => label)).toEqual(['after-fork', 'while-child', 'after-exit']);
  });

  it.skipIf(!isRoot)('sees who wrote what after a fork (needs frame numbers: root)', async () => {
    const trigger = ['kill', '-USR1', String(subject.pid)];
    const { trace, summary } = await capture(subject.pid, { watch: 20, intervalMs: 20, trigger });
    const [before, after] = split(trace.ops);
    const of = (proc: string) => only(after, 'write').filter((op) => op.proc === proc);
    expect(pagesOf(only(before, 'write'), at.heap, 8192)).toEqual([...range(0, 1000), ...range(2000, 3000, 2)]);
    expect(pagesOf(of('p0'), at.heap, 8192)).toEqual([...range(500, 600, 3), ...range(4000, 4007)]);
    expect(pagesOf(of('p1'), at.heap, 8192)).toEqual(range(100, 120));
    const dropped = only(after, 'madvise').filter(({ proc, advice }) => proc === 'p1' && advice === 'dontneed');
    expect(pagesOf(dropped, at.heap, 8192)).toEqual(range(200, 210));
    expect(only(after, 'munmap')).toEqual([expect.objectContaining({ proc: 'p0', addr: at.spare, length: 16 * PAGE })]);
    expect(only(after, 'mprotect')).toEqual([expect.objectContaining({ proc: 'p0', addr: at.sealed, prot: '---' })]);
    const made = only(after, 'mmap');
    expect(made).toEqual([expect.objectContaining({ proc: 'p1', length: 8 * PAGE })]);
    expect(pagesOf(of('p1'), made[0]!.addr, 8)).toEqual(range(0, 8));
    expect(summary.watched).toMatchObject({ childEnd: 'exited', passedOver: 0 });
    expect(summary.watched!.pages).toMatchObject({ writerUnknown: 0, childDropped: 10 });
    expect(trace.ops.at(-2)).toEqual({ op: 'exit', proc: 'p1' });
  });

  it.skipIf(!isRoot)('does with less where frame numbers are hidden (needs root, to be able to lose it)', async () => {
    const theirs = await startSubject(program.program, NOBODY);
    const trigger = ['kill', '-USR1', String(theirs.pid)];
    const run = () => capture(theirs.pid, { watch: 20, intervalMs: 20, trigger });
    const { trace, summary } = await asNobody(run).finally(theirs.stop);
    const [before, after] = split(trace.ops);
    const { heap } = theirs.places;
    expect(summary).toMatchObject({ frames: false, unsure: 0 });
    expect(summary.anonymousKb.counted).toBe(summary.anonymousKb.smaps);
    expect(pagesOf(only(before, 'write'), heap, 8192)).toEqual([...range(0, 1000), ...range(2000, 3000, 2)]);
    expect(pagesOf(only(before, 'read'), heap, 8192)).toEqual(range(3000, 3100));
    // Who wrote a page that both had is unknown, and put down to the parent; what is new to one side is not.
    const written = only(after, 'write').filter(({ proc }) => proc === 'p0');
    expect(pagesOf(written, heap, 8192)).toEqual([...range(100, 120), ...range(500, 600, 3), ...range(4000, 4007)]);
    const made = only(after, 'mmap');
    expect(made).toEqual([expect.objectContaining({ proc: 'p1', length: 8 * PAGE })]);
    expect(summary.watched!.pages).toMatchObject({ parentCopied: 0, childCopied: 0, childDropped: 10 });
    expect(summary.watched!.pages.writerUnknown).toBeGreaterThanOrEqual(54);
  });

  it('refuses more operations than it may write', async () => {
    const { trace } = await capture(subject.pid);
    expect(await codeOf(capture(subject.pid, { maxOps: 20 }))).toBe('FL4107');
    expect((await capture(subject.pid, { maxOps: trace.ops.length + 10 })).trace.ops).toEqual(trace.ops);
  });

  it('refuses a process that ends in the middle', async () => {
    const onProgress = async (stage: string): Promise<void> => {
      if (stage === 'pages') await subject.stop();
    };
    expect(await codeOf(capture(subject.pid, { onProgress }))).toBe('FL4105');
  });

  it('refuses to wait for ever, and a trigger that fails', async () => {
    expect(await codeOf(capture(subject.pid, { watch: 0.3 }))).toBe('FL4108');
    expect(await codeOf(capture(subject.pid, { watch: 20, trigger: ['/nonexistent/program'] }))).toBe('FL4109');
    expect(await codeOf(capture(subject.pid, { watch: 20, trigger: ['false'] }))).toBe('FL4109');
  });

  it.skipIf(!isRoot)('refuses a process that it may not read (needs root, to be able to lose it)', async () => {
    await asNobody(async () => expect(await codeOf(capture(subject.pid))).toBe('FL4103'));
  });
});

describe.skipIf(process.platform !== 'linux')('capture of other processes (Linux only)', () => {
  it('captures a command once it has settled, and ends it', async () => {
    const { trace, summary } = await captureCommand(['sleep', '60'], { settle: 0.3, name: 'sleeper' });
    expect(trace.header.name).toBe('sleeper');
    expect(summary.command).toBe('sleep');
    expect(summary.rssKb.counted).toBe(summary.rssKb.smaps);
    expect(summary.leftOut).toMatchObject({ vdso: 1 });
  });

  it('captures Node, which reserves far more than it uses', async () => {
    const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)'], { stdio: 'pipe' });
    try {
      await once(child.stdout, 'data');
      const { summary } = await capture(child.pid!);
      const difference = Math.abs(summary.rssKb.counted - summary.rssKb.smaps);
      expect(difference).toBeLessThan(0.02 * summary.rssKb.smaps);
    } finally {
      await stop(child);
    }
  });

  it('refuses what cannot be captured', async () => {
    const pidMax = Number(await readFile('/proc/sys/kernel/pid_max', 'utf8'));
    expect(await codeOf(capture(Math.min(pidMax, 2 ** 22)))).toBe('FL4102');
    expect(await codeOf(capture(0))).toBe('FL4110');
    expect(await codeOf(capture(1.5))).toBe('FL4110');
    expect(await codeOf(capture(process.pid, { watch: -1 }))).toBe('FL4110');
    expect(await codeOf(capture(process.pid, { assume: { writtenShare: Number.NaN } }))).toBe('FL4110');
    expect(await codeOf(captureCommand([]))).toBe('FL4110');
    expect(await codeOf(captureCommand(['/nonexistent/program']))).toBe('FL4109');
    expect(await codeOf(captureCommand(['false'], { settle: 1 }))).toBe('FL4109');
  });

  it('refuses kernel threads, where this PID namespace shows them', async (test) => {
    const isThread = (await readFile('/proc/2/status', 'utf8').catch(() => '')).includes('kthreadd');
    if (!isThread) test.skip('no kernel thread is visible');
    expect(await codeOf(capture(2))).toBe('FL4104');
  });
});

describe('capture elsewhere', () => {
  it('says that it needs Linux', async () => {
    expect(await codeOf(Promise.resolve().then(() => requireLinux('darwin')))).toBe('FL4101');
    expect(() => requireLinux('linux')).not.toThrow();
  });
});
