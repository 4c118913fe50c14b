/** Whether traces can be run on the kernel under these tests, and short ways to write such traces. */

import { isForklabError, type Op, type StepResult, type Trace } from '@forklab/core';
import { openKernelRunner } from '../src/run-on-kernel.js';

/** Why not, in a few words, or undefined. Only what the host lacks counts; any other failure is one. */
export const noLiveKernel = async (): Promise<string | undefined> => {
  try {
    await (await openKernelRunner()).close();
    return undefined;
  } catch (error) {
    if (!isForklabError(error)) throw error;
    const reasons: Record<string, string> = {
      FL4001: 'not Linux on x86-64',
      FL4002: 'no C compiler',
      FL4005: 'the kernel forbids ptrace',
    };
    const reason = reasons[error.code];
    if (reason === undefined) throw error;
    return reason;
  }
};

/** The lowest address that these tests use; its 512 GiB hold nothing else. */
export const B = 0x100000000000;
export const PAGE = 4096;

export const traceOf = (...ops: Op[]): Trace => ({
  header: { forklab: 'trace', version: 1, name: 'test' },
  ops: [{ op: 'process', proc: 'p' }, ...ops],
});

export const map = (addr: number, pages: number, more: Partial<Extract<Op, { op: 'mmap' }>> = {}): Op => ({
  op: 'mmap',
  proc: 'p',
  addr,
  length: pages * PAGE,
  prot: 'rw-',
  flags: ['private', 'anonymous'],
  ...more,
});

export const write = (proc: string, addr: number, pages: number, value = 1): Op => ({
  op: 'write',
  proc,
  addr,
  length: pages * PAGE,
  value,
});

export const read = (proc: string, addr: number, pages: number): Op => ({
  op: 'read',
  proc,
  addr,
  length: pages * PAGE,
});

export const digest = (proc: string, addr: number, pages: number): Op => ({
  op: 'digest',
  proc,
  addr,
  length: pages * PAGE,
});

export const sample: Op = { op: 'sample', label: 's' };

/** 32-bit FNV-1a over words, as the format defines it. */
export const fnv = (words: readonly number[]): number =>
  words.reduce((h, word) => Math.imul(h ^ word, 16777619) >>> 0, 2166136261);

/** What steps answered, without where and what they were. */
export const answers = (steps: readonly StepResult[]): unknown[] =>
  steps.map(({ result, minflt, digest }) => digest ?? minflt ?? result);
