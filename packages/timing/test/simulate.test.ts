import type { Arrivals, Op, ServerLoad } from '@forklab/core';
import { describe, expect, it } from 'vitest';
import { CONTENTION_PRICES, hostVm, latencyOf, type Simulation, scale, serveAgain, simulate } from '../src/index.js';
import { arrivalTimes } from '../src/requests/arrivals.js';
import { copying } from './copying.js';

const ADDR = 2 ** 44;
const BYTES = 4 * 2 ** 20;
const PAGES = BYTES / 4096;

const setup: readonly Op[] = [
  { op: 'process', proc: 'server' },
  { op: 'mmap', proc: 'server', addr: ADDR, length: BYTES, prot: 'rw-', flags: ['private', 'anonymous'] },
  { op: 'write', proc: 'server', addr: ADDR, length: BYTES },
];

const child = { pages: PAGES, strideBytes: 4096, perPageNs: 20_000, writesEvery: 0, ends: 'exit' } as const;

const load = (more: Partial<ServerLoad> = {}): ServerLoad => ({
  setup,
  server: 'server',
  serving: { by: 'server', threads: 1, forksAtNs: [1e7], child },
  arrivals: { kind: 'fixed', perSecond: 1e5 },
  requests: 5000,
  userNs: 500,
  touches: { addr: ADDR, length: BYTES, pages: 1, pattern: 'sequential', readShare: 0 },
  ...more,
});

const run = (of: ServerLoad, seed = 1): Simulation => {
  const work = simulate(of, { machine: { strategies: [copying] }, prices: hostVm, seed });
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
};

describe('a server that forks', () => {
  const { report, log, window } = run(load());

  it('stalls for the fork: the slowest request waited for all of it', () => {
    expect(report.forks).toBe(1);
    expect(log.forks[0]).toMatchObject({ before: 1000, atNs: 1e7 });
    const forkNs = 50_000 + 620 + 1024 * 75 + 2 * 1150;
    expect(report.all.max).toBeGreaterThan(forkNs);
    expect(report.all.max).toBeLessThan(forkNs * 1.2 + 5000);
    expect(window?.[0]).toBe(1e7);
  });

  it('faults on each page once while the child holds it, and not before', () => {
    const kinds = [...log.classes].map((cls) => (cls === 0 ? '.' : 'x'));
    expect(kinds.slice(0, 1000)).not.toContain('x');
    expect(kinds.slice(1000, 1000 + PAGES).every((kind) => kind === 'x')).toBe(true);
    expect(kinds.slice(1000 + PAGES)).not.toContain('x');
  });

  it('has a window that ends with the child, which works through its pages and then exits', () => {
    const [from, to] = window!;
    expect(to - from).toBeGreaterThan(PAGES * 20_000);
    expect(report.during?.count).toBe([...log.arrivals!].filter((at) => at >= from && at < to).length);
  });

  it('is the same again from the same seed', () => {
    expect(run(load())).toEqual({ report, log, window });
  });

  it('served again at the same prices answers the same; at twice the prices the stall is twice as long', () => {
    const again = serveAgain(log, hostVm, CONTENTION_PRICES);
    expect(latencyOf(again.latencies)).toEqual(report.all);
    const dear = latencyOf(serveAgain(log, scale(hostVm, 2), CONTENTION_PRICES).latencies);
    expect(dear.max / report.all.max).toBeGreaterThan(1.8);
  });
});

describe('other ways to serve', () => {
  it('workers: each takes its own faults, and nobody forks beside them', () => {
    const { report, log, window } = run(
      load({
        serving: { by: 'workers', workers: 4 },
        requests: 4 * PAGES * 2,
        touches: { addr: ADDR, length: BYTES, pages: 1, pattern: 'uniform', readShare: 0 },
      }),
    );
    expect([report.forks, report.during, window]).toEqual([0, null, null]);
    const faults = [...log.classes].filter((cls) => cls !== 0).length;
    expect(faults).toBeGreaterThan(PAGES);
    expect(faults).toBeLessThanOrEqual(4 * PAGES);
  });

  it('children: a request is a fork, the work, and the end, one after the other', () => {
    const work = { pages: 10, strideBytes: 4096, perPageNs: 100, writesEvery: 1, ends: 'exec' } as const;
    const serving = { by: 'children', child: work } as const;
    const { report } = run(load({ serving, arrivals: { kind: 'closed' }, requests: 20, userNs: 0 }));
    expect(report.all.p50).toBeGreaterThan(50_000 + 40_000 + 1000);
    expect(report.all.max / report.all.p50).toBeLessThan(1.05);
    expect(report.perSecond).toBeCloseTo(1e9 / report.all.mean, -2);
  });

  it('more threads wait less, but for the lock that a fork holds', () => {
    const two = run(load({ serving: { by: 'server', threads: 2, forksAtNs: [1e7], child } }));
    expect(two.report.spent.queueNs).toBeLessThan(run(load()).report.spent.queueNs);
    expect(two.report.spent.mmapLockNs).toBeGreaterThan(0);
  });

  it('a child that writes copies pages before the server does, which then finds them its own', () => {
    const writing = { ...child, perPageNs: 10, writesEvery: 1 };
    const { log } = run(load({ serving: { by: 'server', threads: 1, forksAtNs: [1e7], child: writing } }));
    // Reused, not copied: a second class of faults.
    expect(new Set(log.classes).size).toBeGreaterThan(2);
  });

  it('an overloaded server answers at its own rate', () => {
    const { report } = run(load({ arrivals: { kind: 'fixed', perSecond: 1e8 }, userNs: 1000, requests: 20_000 }));
    expect(report.perSecond).toBeLessThan(1e6);
    expect(report.all.p99).toBeGreaterThan(1e6);
  });
});

describe('arrivals', () => {
  const at = (arrivals: Arrivals, count = 1000) => [...(arrivalTimes(arrivals, count, 7) ?? [])];

  it('fixed, in bursts, from a log, and none of a closed loop', () => {
    expect(at({ kind: 'fixed', perSecond: 1e6 }, 3)).toEqual([0, 1000, 2000]);
    expect(at({ kind: 'bursts', perSecond: 1e6, burst: 2 }, 5)).toEqual([0, 0, 2000, 2000, 4000]);
    expect(at({ kind: 'log', atNs: [3, 8] }, 5)).toEqual([3, 8]);
    expect(arrivalTimes({ kind: 'closed' }, 5, 7)).toBeNull();
  });

  it('Poisson: the mean and the spread of an exponential distribution, in order', () => {
    const times = at({ kind: 'poisson', perSecond: 1e6 }, 100_000);
    const gaps = times.map((time, i) => time - (times[i - 1] ?? 0));
    expect(Math.min(...gaps.slice(1))).toBeGreaterThanOrEqual(0);
    const mean = gaps.reduce((a, b) => a + b, 0) / gaps.length;
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    expect(mean).toBeCloseTo(1000, -2);
    expect(deviation / mean).toBeCloseTo(1, 1);
  });
});

it('percentiles of a histogram are those of the sorted values, to three digits', () => {
  const values = Float64Array.from({ length: 20_000 }, (_, i) => 100 + ((i * 7919) % 20_000) * 37);
  const sorted = [...values].sort((a, b) => a - b);
  const { p50, p99, p9999, max } = latencyOf(values);
  for (const [found, share] of [
    [p50, 0.5],
    [p99, 0.99],
    [p9999, 0.9999],
  ] as const) {
    expect(found / sorted[Math.ceil(share * sorted.length) - 1]!).toBeCloseTo(1, 2);
  }
  expect(max).toBe(sorted.at(-1));
  expect(latencyOf(new Float64Array()).p99).toBe(0);
});
