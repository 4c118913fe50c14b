import { describe, expect, it } from 'vitest';
import { Queue, type QueueSetup } from '../src/index.js';

const one: QueueSetup = { threads: 1, oneMm: true, shootdownNs: 1000, interruptedNs: 100 };
const asked = (arrival: number, more: Partial<Parameters<Queue['serve']>[0]> = {}) => ({
  arrival,
  userNs: 10,
  faultNs: 0,
  flushes: 0,
  table: 0,
  foreign: false,
  ...more,
});

describe('one thread', () => {
  it('serves in order of arrival, one after the other', () => {
    const queue = new Queue(one);
    expect([asked(0), asked(5), asked(100)].map((request) => queue.serve(request))).toEqual([10, 20, 110]);
    expect(queue.spent).toMatchObject({ userNs: 30, queueNs: 5 });
  });

  it('serves nobody while it forks, and forks only when it is free', () => {
    const queue = new Queue(one);
    queue.serve(asked(0));
    expect(queue.forkStart(3)).toBe(10);
    expect(queue.fork(3, 500, 1)).toBe(510);
    expect(queue.serve(asked(20))).toBe(520);
    expect(queue.spent.queueNs).toBe(490);
  });

  it('pays no processor to be told of a flush: there is nobody', () => {
    const queue = new Queue(one);
    expect(queue.serve(asked(0, { faultNs: 5, flushes: 3 }))).toBe(15);
  });
});

describe('threads of one mm', () => {
  const four = { ...one, threads: 4 };

  it('go on while one forks, but for those that fault: mmap_lock is held', () => {
    const queue = new Queue(four);
    queue.fork(0, 1000, 0);
    expect(queue.serve(asked(1))).toBe(11);
    expect(queue.serve(asked(1, { faultNs: 7 }))).toBe(1007);
    expect(queue.spent.mmapLockNs).toBe(989);
    expect(queue.serve(asked(2000, { faultNs: 7 }))).toBe(2017);
  });

  it('wait for the lock of a table, and of that table alone', () => {
    const queue = new Queue(four);
    const ends = [1, 1, 2].map((table) => queue.serve(asked(0, { faultNs: 100, table })));
    expect(ends).toEqual([110, 210, 110]);
    expect(queue.spent.tableLockNs).toBe(100);
  });

  it('are interrupted by a flush when they are busy, and not when they are idle', () => {
    const queue = new Queue({ ...one, threads: 2 });
    expect(queue.serve(asked(0, { faultNs: 5, flushes: 1 }))).toBe(15);
    queue.serve(asked(100, { userNs: 50 }));
    // The other one is at work until 150: it is told, loses 100, and the flushing one waits 1000.
    expect(queue.serve(asked(110, { faultNs: 5, flushes: 1 }))).toBe(1125);
    expect(queue.startOf(0)).toBe(250);
  });
});

it('processes of their own are not interrupted, unless they share tables whose flushes reach them', () => {
  const queue = new Queue({ ...one, threads: 2, oneMm: false });
  queue.serve(asked(0, { userNs: 500 }));
  expect(queue.serve(asked(0, { faultNs: 5, flushes: 1 }))).toBe(15);
  expect(queue.serve(asked(20, { faultNs: 5, flushes: 1, foreign: true }))).toBe(1035);
});

it('a table that a process outside holds is waited for', () => {
  const queue = new Queue({ ...one, threads: 2 });
  queue.holdTable(7, 300);
  expect(queue.serve(asked(0, { faultNs: 5, table: 7 }))).toBe(305);
});
