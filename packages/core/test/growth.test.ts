/** Heaps, stacks, and processes that borrow memory. The numbers are what Linux 6.18 answers. */
import { describe, expect, it } from 'vitest';
import { type Op, PAGE_SIZE, runTrace } from '../src/index.js';
import { copying } from './strategies.js';

const B = 0x100000000000;
const GAP = 256;

const run = (...ops: Op[]) =>
  runTrace(
    { header: { forklab: 'trace', version: 1, name: 'growth' }, ops: [{ op: 'process', proc: 'p' }, ...ops] },
    { strategies: [copying()], check: true },
  );
const answersOf = (...ops: Op[]) => {
  const { steps, violations } = run(...ops);
  expect(violations).toEqual([]);
  return steps.map(({ result, minflt }) => minflt ?? result);
};

const map = (page: number, pages: number, flags: ('growsdown' | 'shared')[] = [], prot: 'rw-' | '---' = 'rw-'): Op => ({
  op: 'mmap',
  proc: 'p',
  addr: B + page * PAGE_SIZE,
  length: pages * PAGE_SIZE,
  prot,
  flags: flags.includes('shared') ? ['anonymous', ...flags] : ['private', 'anonymous', ...flags],
});
const at = (op: 'read' | 'write' | 'munmap' | 'mlock', page: number, pages = 1, proc = 'p'): Op => ({
  op,
  proc,
  addr: B + page * PAGE_SIZE,
  length: pages * PAGE_SIZE,
});
const brk = (page: number, odd = 0): Op => ({ op: 'brk', proc: 'p', addr: B + page * PAGE_SIZE + odd });

describe('brk', () => {
  it('begins a heap, and moves its end by bytes and its memory by pages', () => {
    expect(answersOf(brk(0, 100), brk(0, 200), at('read', 0), brk(3, 1), at('write', 1, 3), brk(-1))).toEqual([
      ...[0, 0, 'SIGSEGV', 0, 3, 'ENOMEM'],
    ]);
  });

  it('wants a free page behind the heap, and a guard gap before a stack', () => {
    expect(answersOf(map(4, 1), brk(0), brk(4), brk(3))).toEqual([0, 0, 'ENOMEM', 0]);
    const stack = map(GAP + 8, 1, ['growsdown']);
    expect(answersOf(stack, brk(0), brk(8), brk(7))).toEqual([0, 0, 'ENOMEM', 0]);
  });

  it('unmaps whatever has taken its place, and fails when nothing has', () => {
    expect(answersOf(brk(0), brk(4), at('munmap', 2, 2), brk(2))).toEqual([0, 0, 0, 'ENOMEM']);
    expect(answersOf(brk(0), brk(4), at('munmap', 2, 2), map(3, 1), brk(2), at('read', 3))).toEqual([
      ...[0, 0, 0, 0, 0, 'SIGSEGV'],
    ]);
  });

  it('joins what reaches into the heap and not what ends where it begins', () => {
    const vmas = (...ops: Op[]) => run(...ops, { op: 'sample', label: 's' }).samples[0]?.procs.p?.vmas;
    expect(vmas(map(-2, 2), brk(0), brk(2))).toBe(2);
    expect(vmas(brk(0), brk(2), brk(4))).toBe(1);
    expect(vmas(brk(0), brk(2), { op: 'mprotect', proc: 'p', addr: B, length: PAGE_SIZE, prot: 'r--' }, brk(4))).toBe(
      2,
    );
  });
});

describe('a mapping that grows downwards', () => {
  const stack = map(1000, 1, ['growsdown']);

  it('grows to the page of an access, which alone is populated', () => {
    expect(answersOf(stack, at('write', 997), at('read', 997, 4), at('read', 996))).toEqual([0, 1, 3, 1]);
  });

  it('keeps a gap to what lies below, but not to another stack or to what nobody can access', () => {
    const below = (flags: 'growsdown'[], prot: 'rw-' | '---' = 'rw-') =>
      answersOf(map(600, 1, flags, prot), stack, at('write', 600 + GAP), at('write', 601 + GAP)).slice(2);
    expect(below([])).toEqual(['SIGSEGV', 1]);
    expect(below(['growsdown'])).toEqual([1, 1]);
    expect(below([], '---')).toEqual([1, 1]);
  });

  it('grows to 8 MiB and no further', () => {
    const top = map(2999, 1, ['growsdown']);
    expect(answersOf(top, at('write', 3000 - 2049), at('write', 3000 - 2048))).toEqual([0, 'SIGSEGV', 1]);
  });

  it('is private and anonymous', () => {
    expect(answersOf(map(0, 1, ['growsdown', 'shared']))).toEqual(['EINVAL']);
  });

  it('does not grow for a system call', () => {
    expect(answersOf(stack, at('mlock', 998))).toEqual([0, 'ENOMEM']);
  });
});

describe('vfork, spawn and exec', () => {
  const vfork: Op = { op: 'vfork', proc: 'p', child: 'v' };

  it('shares one address space until the child exits', () => {
    const { steps, samples, violations } = run(
      map(0, 4),
      vfork,
      at('write', 0, 2, 'v'),
      { op: 'sample', label: 'during' },
      { op: 'exit', proc: 'v' },
      at('write', 0, 4),
    );
    expect(violations).toEqual([]);
    expect(steps.map(({ minflt }) => minflt ?? 0)).toEqual([0, 0, 2, 0, 2]);
    expect(samples[0]?.procs.v).toEqual(samples[0]?.procs.p);
    expect(samples[0]?.procs.v).toMatchObject({ rssAnon: 8, pss: 8, vmPte: 12 });
    expect(samples[0]?.machine.frames).toBe(8);
  });

  it('gives a child that executes memory of its own', () => {
    expect(answersOf(map(0, 1), vfork, { op: 'exec', proc: 'v' }, at('read', 0, 1, 'v'), at('read', 0))).toEqual([
      ...[0, 0, 0, 'SIGSEGV', 1],
    ]);
  });

  it('lets the heap of the child be that of its parent', () => {
    expect(
      answersOf(vfork, { op: 'brk', proc: 'v', addr: B }, { op: 'exit', proc: 'v' }, brk(2), at('write', 0, 2)),
    ).toEqual([...[0, 0, 0, 0, 2]]);
  });

  it('gives up pins at the exec, and the heap', () => {
    const pin = { proc: 'p', addr: B, length: PAGE_SIZE } as const;
    expect(
      answersOf(
        map(0, 1),
        { op: 'pin', write: true, longterm: true, ...pin },
        { op: 'exec', proc: 'p' },
        {
          op: 'unpin',
          ...pin,
        },
      ),
    ).toEqual([0, 0, 0, 'EINVAL']);
    expect(answersOf(brk(4), { op: 'exec', proc: 'p' }, brk(0), brk(2))).toEqual([0, 0, 0, 0]);
  });
});
