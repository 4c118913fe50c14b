import { type Op, parseTrace, type StepResult, TINY } from '@forklab/core';
import { describe, expect, it } from 'vitest';
import { createOracle, kernelFixtures, type OracleAnswer } from '../src/index.js';

const PAGE = 4096;
const B = 0x100000000000;

/** Answers of the last operation, after all of them. */
const last = (...ops: Op[]): OracleAnswer | null => {
  const oracle = createOracle();
  let answer: OracleAnswer | null = null;
  for (const op of [{ op: 'process', proc: 'p' } as const, ...ops]) answer = oracle.step(op);
  return answer;
};

const map = (addr: number, pages: number, more: Partial<Extract<Op, { op: 'mmap' }>> = {}): Op => ({
  op: 'mmap',
  proc: 'p',
  addr,
  length: pages * PAGE,
  prot: 'rw-',
  flags: ['private', 'anonymous'],
  ...more,
});
const write = (addr: number, pages: number, value = 1, proc = 'p'): Op => ({
  op: 'write',
  proc,
  addr,
  length: pages * PAGE,
  value,
});
const file = (size: number): Op => ({ op: 'file', file: 'f', size });
const ofFile = (kind: 'private' | 'shared') => ({ flags: [kind], file: 'f' }) as const;
const protect = (addr: number, pages: number, prot: 'r--' | '---'): Op => ({
  op: 'mprotect',
  proc: 'p',
  addr,
  length: pages * PAGE,
  prot,
});
const fork: Op = { op: 'fork', proc: 'p', child: 'c' };

/** Digest of pages whose first words are these. */
const fnv = (...words: number[]): number =>
  words.reduce((hash, word) => Math.imul(hash ^ word, 16777619) >>> 0, 2166136261);
const digest = (addr: number, pages: number, proc = 'p'): Op => ({ op: 'digest', proc, addr, length: pages * PAGE });

describe('the oracle answers what Linux answered', () => {
  const observed = ({ i, op, result, digest }: Pick<StepResult, 'i' | 'op' | 'result' | 'digest'>) => ({
    i,
    op,
    result,
    digest,
  });

  for (const kernel of ['linux-6.18', 'linux-6.1'] as const) {
    it.each(kernelFixtures(kernel).map((fixture) => [fixture.name, fixture] as const))(
      `${kernel} %s`,
      (_name, fixture) => {
        const oracle = createOracle();
        const steps = fixture.trace.ops.flatMap((op, k) => {
          const answer = oracle.step(op);
          return answer === null ? [] : [observed({ i: k + 1, op: op.op, ...answer })];
        });
        expect(steps).toEqual(fixture.steps.map(observed));
      },
    );
  }
});

describe('contents', () => {
  it('gives the child a copy, and neither sees what the other writes', () => {
    const before = [map(B, 2), write(B, 2, 7), fork, write(B, 1, 8, 'c'), write(B + PAGE, 1, 9)];
    expect(last(...before, digest(B, 2))).toEqual({ result: 0, digest: fnv(7, 9) });
    expect(last(...before, digest(B, 2, 'c'))).toEqual({ result: 0, digest: fnv(8, 7) });
  });

  it('lets a private page follow its file until it is written, in each process on its own', () => {
    const ops = [
      file(2 * PAGE),
      map(B, 2, ofFile('private')),
      map(B + 2 * PAGE, 2, ofFile('shared')),
      digest(B, 2),
      fork,
      write(B, 1, 5),
      write(B + 2 * PAGE, 2, 6),
    ];
    expect(last(...ops, digest(B, 2))).toEqual({ result: 0, digest: fnv(5, 6) });
    expect(last(...ops, digest(B, 2, 'c'))).toEqual({ result: 0, digest: fnv(6, 6) });
  });

  it('takes private copies past the new end of a file away, and gives zeroes when the file grows again', () => {
    const ops: Op[] = [file(3 * PAGE), map(B, 3, ofFile('private')), write(B, 3, 4)];
    const shrink: Op = { op: 'truncate', file: 'f', size: PAGE + 1 };
    expect(last(...ops, shrink, digest(B, 2))).toEqual({ result: 0, digest: fnv(4, 4) });
    expect(last(...ops, shrink, digest(B, 3))).toEqual({ result: 'SIGBUS' });
    const grow: Op = { op: 'truncate', file: 'f', size: 3 * PAGE };
    expect(last(...ops, shrink, grow, digest(B, 3))).toEqual({ result: 0, digest: fnv(4, 4, 0) });
  });

  it('keeps the accesses of a step that come before the one that faults', () => {
    const ops = [map(B, 4), protect(B + 2 * PAGE, 1, 'r--'), write(B, 4, 3)];
    expect(last(...ops)).toEqual({ result: 'SIGSEGV' });
    expect(last(...ops, digest(B, 4))).toEqual({ result: 0, digest: fnv(3, 3, 0, 0) });
  });

  it('stores little endian, across the end of a page, too', () => {
    const value = 0x44332211;
    const at = (offset: number): Op => ({ op: 'write', proc: 'p', addr: B + offset, length: 4, value });
    expect(last(map(B, 2), at(1), digest(B, 2))).toEqual({ result: 0, digest: fnv(0x33221100, 0) });
    expect(last(map(B, 2), at(PAGE - 1), digest(B, 2))).toEqual({ result: 0, digest: fnv(0, 0x443322) });
    expect(last(map(B, 1), at(PAGE - 1))).toEqual({ result: 'SIGSEGV' });
  });

  it('wipes, or leaves out, what the child is not to have', () => {
    const advise = (page: number, advice: 'dontfork' | 'wipeonfork'): Op => ({
      op: 'madvise',
      proc: 'p',
      addr: B + page * PAGE,
      length: PAGE,
      advice,
    });
    const ops = [map(B, 3), write(B, 3, 2), advise(1, 'wipeonfork'), advise(2, 'dontfork'), fork];
    expect(last(...ops, digest(B, 2, 'c'))).toEqual({ result: 0, digest: fnv(2, 0) });
    expect(last(...ops, digest(B, 3, 'c'))).toEqual({ result: 'SIGSEGV' });
    expect(last(...ops, digest(B, 3))).toEqual({ result: 0, digest: fnv(2, 2, 2) });
  });
});

describe('results', () => {
  const remap = (addr: number, oldPages: number, newPages: number, newAddr?: number): Op => ({
    op: 'mremap',
    proc: 'p',
    addr,
    oldLength: oldPages * PAGE,
    newLength: newPages * PAGE,
    ...(newAddr !== undefined && { newAddr }),
  });
  const far = B + 64 * PAGE;
  // Three VMAs of four pages each. Every line of the table was tried on Linux 6.18.44.
  const three = [map(B, 12), protect(B + 4 * PAGE, 4, 'r--')];

  it.each<[string, Op, string | number]>([
    ['shrinks and moves the first page of three VMAs', remap(B, 12, 3, far), 0],
    ['does not shrink and move to what still spans two', remap(B, 12, 6, far), 'EFAULT'],
    ['moves three VMAs at once', remap(B, 12, 12, far), 0],
    ['does not move and grow three', remap(B, 12, 13, far), 'EFAULT'],
    ['shrinks in place across VMAs', remap(B, 12, 3), 0],
    ['leaves the same length in place, holes or not', remap(B, 30, 30), 0],
    ['moves across a hole at the end', remap(B + 8 * PAGE, 12, 12, far), 0],
    ['does not move from a hole', remap(B - 4 * PAGE, 12, 12, far), 'EFAULT'],
    ['does not duplicate private memory', remap(B, 0, 4, far), 'EINVAL'],
    ['has no new length 0', remap(B, 4, 0, far), 'EINVAL'],
    ['grows at the end of the last VMA', remap(B + 8 * PAGE, 4, 5), 0],
    ['does not grow into its neighbour', remap(B, 4, 5), 'ENOMEM'],
    ['does not grow a part of a VMA', remap(B + 8 * PAGE, 3, 5), 'ENOMEM'],
    ['does not move onto itself', remap(B, 4, 4, B + 2 * PAGE), 'EINVAL'],
    ['does not move onto the tail that it gives up', remap(B, 4, 2, B + 3 * PAGE), 'EINVAL'],
    ['moves right behind itself', remap(B, 4, 4, B + 4 * PAGE), 0],
    ['does not move from an unaligned address', remap(B + 1, 1, 1, far), 'EINVAL'],
    ['does not move to one', remap(B, 1, 1, far + 1), 'EINVAL'],
  ])('mremap %s', (_what, op, result) => {
    expect(last(...three, op)).toEqual({ result });
  });

  it('mremap leaves alone what is mapped where a moved range had a hole', () => {
    const ops = [...three, { op: 'munmap', proc: 'p', addr: B + 4 * PAGE, length: 4 * PAGE } as const];
    const target = [map(far, 12), write(far, 12, 9), remap(B, 12, 12, far)];
    const words = Array.from({ length: 12 }, (_, k) => (k >= 4 && k < 8 ? 9 : 0));
    expect(last(...ops, ...target, digest(far, 12))).toEqual({ result: 0, digest: fnv(...words) });
  });

  it('mremap with old length 0 maps shared memory a second time', () => {
    const shared = map(B, 4, { flags: ['shared', 'anonymous'] });
    const ops = [shared, remap(B, 0, 8, far), write(B, 4, 6)];
    expect(last(...ops, digest(far, 4))).toEqual({ result: 0, digest: fnv(6, 6, 6, 6) });
    expect(last(...ops, digest(far, 5))).toEqual({ result: 'SIGBUS' });
  });

  const advise = (addr: number, pages: number, advice: Extract<Op, { op: 'madvise' }>['advice']): Op => ({
    op: 'madvise',
    proc: 'p',
    addr,
    length: pages * PAGE,
    advice,
  });

  it.each<[string, Op[], string | number]>([
    ['mmap over something', [map(B, 4), map(B + 3 * PAGE, 2)], 'EEXIST'],
    ['mmap of nothing', [map(B, 0)], 'EINVAL'],
    ['mmap without a file', [map(B, 1, { flags: ['private'] })], 'EBADF'],
    ['munmap of a hole', [{ op: 'munmap', proc: 'p', addr: B, length: PAGE }], 0],
    ['munmap of nothing', [{ op: 'munmap', proc: 'p', addr: B, length: 0 }], 'EINVAL'],
    ['dontneed across a hole', [map(B, 1), advise(B, 2, 'dontneed')], 'ENOMEM'],
    [
      'wipeonfork of shared memory',
      [map(B, 1, { flags: ['shared', 'anonymous'] }), advise(B, 1, 'wipeonfork')],
      'EINVAL',
    ],
    ['keeponfork of shared memory', [map(B, 1, { flags: ['shared', 'anonymous'] }), advise(B, 1, 'keeponfork')], 0],
    ['populate of a hole', [map(B, 1), advise(B, 2, 'populate_read')], 'ENOMEM'],
    ['populate without the right', [map(B, 1, { prot: 'r--' }), advise(B, 1, 'populate_write')], 'EINVAL'],
    ['populate past a file', [file(PAGE), map(B, 2, ofFile('shared')), advise(B, 2, 'populate_read')], 'EFAULT'],
    ['a write to executable memory', [map(B, 1, { prot: '--x' }), write(B, 1)], 'SIGSEGV'],
    ['a read of writable memory', [map(B, 1, { prot: '-w-' }), { op: 'read', proc: 'p', addr: B, length: 1 }], 0],
    ['a read past a file', [file(PAGE), map(B, 2, ofFile('private')), digest(B + PAGE, 1)], 'SIGBUS'],
    [
      'a pin without the right',
      [map(B, 1, { prot: 'r--' }), { op: 'pin', proc: 'p', addr: B, length: PAGE, write: true }],
      'EFAULT',
    ],
    ['an unpin of what is not pinned', [map(B, 1), { op: 'unpin', proc: 'p', addr: B, length: PAGE }], 'EINVAL'],
    ['advice that the oracle does not model', [map(B, 1), advise(B, 1, 'free')], 'ENOSYS'],
  ])('%s', (_what, ops, result) => {
    expect(last(...ops)?.result).toBe(result);
  });

  it('mprotect stops at a hole, with the part before it changed', () => {
    const ops = [map(B, 1), map(B + 2 * PAGE, 1), protect(B, 3, 'r--')];
    expect(last(...ops)).toEqual({ result: 'ENOMEM' });
    expect(last(...ops, write(B, 1))).toEqual({ result: 'SIGSEGV' });
    expect(last(...ops, write(B + 2 * PAGE, 1))).toEqual({ result: 0 });
  });

  it('has an end of the address space that the geometry sets', () => {
    const oracle = createOracle(TINY);
    oracle.step({ op: 'process', proc: 'p' });
    expect(oracle.step(map(TINY.taskSize - PAGE, 1))).toEqual({ result: 0 });
    expect(oracle.step(map(TINY.taskSize, 1))).toEqual({ result: 'ENOMEM' });
  });

  it('refuses a trace that names an unknown process, by throwing', () => {
    expect(() => createOracle().step(write(B, 1))).toThrow('"p"');
    const text = '{"forklab":"trace","version":1,"name":"t"}\n{"op":"exit","proc":"p"}\n';
    expect(() => parseTrace(text, 't')).toThrow('FL2013');
  });
});
