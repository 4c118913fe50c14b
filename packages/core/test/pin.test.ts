/** What holds a page besides mappings, and what it sees. The answers are what Linux 6.18 gives. */
import { describe, expect, it } from 'vitest';
import { type Op, PAGE_SIZE, runTrace } from '../src/index.js';
import { copying } from './strategies.js';

const B = 0x100000000000;

const run = (...ops: Op[]) =>
  runTrace(
    { header: { forklab: 'trace', version: 1, name: 'pins' }, ops: [{ op: 'process', proc: 'p' }, ...ops] },
    { strategies: [copying()], check: true },
  );
const stepsOf = (...ops: Op[]) => {
  const { steps, violations } = run(...ops);
  expect(violations).toEqual([]);
  return steps.map(({ result, minflt, digest }) => digest ?? minflt ?? result);
};
const fnv = (...words: number[]): number => words.reduce((h, word) => Math.imul(h ^ word, 16777619) >>> 0, 2166136261);

const range = (pages: number, proc = 'p', page = 0) => ({
  proc,
  addr: B + page * PAGE_SIZE,
  length: pages * PAGE_SIZE,
});
const map = (pages: number, prot: 'rw-' | 'r--' = 'rw-'): Op => ({
  op: 'mmap',
  ...range(pages),
  prot,
  flags: ['private', 'anonymous'],
});
const write = (pages: number, value: number, proc = 'p'): Op => ({ op: 'write', ...range(pages, proc), value });
const pin = (pages: number, proc = 'p'): Op => ({ op: 'pin', ...range(pages, proc), write: true, longterm: true });
const get = (pages: number, proc = 'p'): Op => ({ op: 'pin', ...range(pages, proc), how: 'get' });
const peek = (pages: number, proc = 'p'): Op => ({ op: 'peek', ...range(pages, proc) });
const protect = (pages: number, prot: 'r--' | 'rw-' | '-w-' | '---', page = 0): Op => ({
  op: 'mprotect',
  ...range(pages, 'p', page),
  prot,
});
const fork: Op = { op: 'fork', proc: 'p', child: 'c' };

describe('a pin', () => {
  it('sees what its process writes later, forked or not', () => {
    expect(stepsOf(map(2), write(2, 1), pin(2), fork, write(2, 2), peek(2))).toEqual([0, 2, 0, 0, 0, fnv(2, 2)]);
  });

  it('keeps the page when the mapping goes', () => {
    expect(stepsOf(map(1), write(1, 7), pin(1), { op: 'munmap', ...range(1) }, map(1), write(1, 8), peek(1))).toEqual([
      ...[0, 1, 0, 0, 0, 1, fnv(7)],
    ]);
  });

  it('for reading makes a shared page its own first, and a store after it still hits that page', () => {
    const read: Op = { op: 'pin', ...range(1), longterm: true };
    expect(stepsOf(map(1), write(1, 1), fork, read, write(1, 2), peek(1))).toEqual([0, 1, 0, 0, 1, fnv(2)]);
  });

  it('is refused where its process may not write, and of nothing', () => {
    expect(stepsOf(map(1, 'r--'), pin(1), { op: 'pin', ...range(0), write: true, longterm: true })).toEqual([
      ...[0, 'EFAULT', 'EFAULT'],
    ]);
  });

  it('ends by its range, the latest first', () => {
    const unpin: Op = { op: 'unpin', ...range(1) };
    const ops = [map(1), write(1, 1), get(1), fork, write(1, 2), get(1), peek(1), unpin, peek(1), unpin, peek(1)];
    expect(stepsOf(...ops)).toEqual([0, 1, 0, 0, 1, 0, fnv(2), 0, fnv(1), 0, 'EINVAL']);
  });
});

describe('a reference', () => {
  it('does not see what is written to a page that was shared when it was taken', () => {
    const unmap: Op = { op: 'munmap', ...range(1, 'c') };
    // The parent is the only one that maps the page, and copies it all the same.
    const { samples, steps } = run(map(1), write(1, 1), fork, get(1, 'c'), unmap, write(1, 2), peek(1, 'c'), {
      op: 'sample',
      label: 's',
    });
    expect(steps.at(-1)?.digest).toBe(fnv(1));
    expect(samples[0]?.machine.frames).toBe(8);
  });

  it('sees what is written to a page that was exclusive, until a fork', () => {
    expect(stepsOf(map(1), write(1, 1), get(1), write(1, 2), peek(1), fork, write(1, 3), peek(1))).toEqual([
      ...[0, 1, 0, 0, fnv(2), 0, 1, fnv(2)],
    ]);
  });

  it('of a page of zeroes stays zero', () => {
    expect(stepsOf(map(1), get(1), write(1, 2), peek(1))).toEqual([0, 0, 1, fnv(0)]);
  });

  it('is found without a lock where a page is mapped that its VMA lets nobody read', () => {
    expect(stepsOf(map(2), write(1, 1), protect(2, '-w-'), get(1), get(2))).toEqual([0, 1, 0, 0, 'EFAULT']);
    expect(stepsOf(map(1), write(1, 1), protect(1, '---'), get(1))).toEqual([0, 1, 0, 'EFAULT']);
    // The walk with locks looks at the VMA first.
    expect(stepsOf(map(1), write(1, 1), protect(1, '-w-'), { op: 'pin', ...range(1) })).toEqual([0, 1, 0, 'EFAULT']);
  });

  it('is taken anew after a page that it could not reach that way', () => {
    expect(stepsOf(map(2), protect(1, '-w-', 1), { op: 'write', ...range(1, 'p', 1) }, get(2))).toEqual([0, 0, 1, 0]);
  });

  it('makes a page look pinned once there are a thousand', () => {
    const many = Array.from({ length: 1023 }, () => get(1));
    const ops = [map(1), write(1, 1), ...many, fork, write(1, 2)];
    expect(stepsOf(...ops).at(-1)).toBe(1);
    expect(stepsOf(map(1), write(1, 1), pin(1), { op: 'unpin', ...range(1) }, ...many, fork, write(1, 2)).at(-1)).toBe(
      0,
    );
  });
});
