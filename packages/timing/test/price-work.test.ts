import type { Work } from '@forklab/core';
import { Counters, FAULT_KINDS, SHAPE, W, WORKS, Y } from '@forklab/core';
import { describe, expect, it } from 'vitest';
import { hostVm, nsOf, priceFaults, priceWork, shapesBeyondTotals } from '../src/index.js';

const kind = (name: (typeof FAULT_KINDS)[number]): number => FAULT_KINDS.indexOf(name);

describe('priceWork', () => {
  it('multiplies and adds', () => {
    const priced = priceWork({ forks: 1, tablesShared: 512 }, hostVm);
    expect(priced.ns).toBe(50_000 + 512 * 100);
    expect(priced.low).toBe(13_000 + 512 * 29);
    expect(priced.high).toBe(120_000 + 512 * 300);
    expect(priced.byWork.tablesShared).toBe(51_200);
    expect(priced.byWork.ptesCopied).toBe(0);
    expect(Object.keys(priced.byWork)).toEqual([...WORKS]);
    expect(priced.byKind).toEqual({ measured: 50_000, published: 0, derived: 51_200, assumed: 0, none: 0 });
  });

  it('reads the totals of real counters as it reads names', () => {
    const counters = new Counters();
    counters.add(W.forks, Y.fork, 1);
    counters.add(W.ptesCopied, Y.fork, 262_144);
    counters.add(W.ptesCopied, Y.fault, 512);
    counters.add(W.tablesBroken, Y.fault, 1);
    const named = { forks: 1, ptesCopied: 262_656, tablesBroken: 1 };
    expect(priceWork(counters.totals(), hostVm)).toEqual(priceWork(named, hostVm));
    expect(nsOf(counters.totals(), hostVm)).toBe(priceWork(named, hostVm).ns);
  });

  it('charges nothing for nothing', () => {
    expect(priceWork(new Float64Array(WORKS.length), hostVm).ns).toBe(0);
    expect(priceWork({}, hostVm).high).toBe(0);
  });
});

describe('priceFaults', () => {
  const copy = kind('cow');
  const broken = copy + SHAPE.broken + 512 * SHAPE.pte;
  const copyNs = 600 + 640 + 850;
  const brokenNs = copyNs + 650 + 1250 + 512 * 75;

  it('weighs shapes by how often they occurred', () => {
    const priced = priceFaults(
      new Map([
        [broken, 1],
        [copy, 999],
      ]),
      hostVm,
    );
    expect(priced).toMatchObject({
      count: 1000,
      worstNs: brokenNs,
      p50: copyNs,
      p90: copyNs,
      p99: copyNs,
      p999: copyNs,
    });
    expect(priced.sumNs).toBe(999 * copyNs + brokenNs);
    expect(priced.meanNs).toBe(priced.sumNs / 1000);
    expect(priced.worst).toMatchObject({ kind: 'cow', broken: true, ptesCopied: 512 });
  });

  it('puts the percentile at the nearest rank, not between two', () => {
    const of = (rare: number, common: number) =>
      priceFaults(
        new Map([
          [broken, rare],
          [copy, common],
        ]),
        hostVm,
      );
    expect(of(2, 998).p999).toBe(brokenNs);
    expect(of(10, 990)).toMatchObject({ p99: copyNs, p999: brokenNs });
    expect(of(11, 989).p99).toBe(brokenNs);
    expect(of(1, 1)).toMatchObject({ p50: copyNs, p90: brokenNs });
    expect(of(1, 0)).toMatchObject({ p50: brokenNs, p999: brokenNs });
  });

  it('answers zeros when there was no fault', () => {
    expect(priceFaults(new Map(), hostVm)).toEqual({
      count: 0,
      sumNs: 0,
      meanNs: 0,
      worstNs: 0,
      worst: null,
      p50: 0,
      p90: 0,
      p99: 0,
      p999: 0,
    });
  });
});

describe('fault shapes and totals', () => {
  /** Counts a fault twice, as the machine does: under its shape and work by work. */
  const fault = (
    counters: Counters,
    name: (typeof FAULT_KINDS)[number],
    work: Partial<Record<Work, number>>,
    shape = 0,
  ) => {
    for (const each of WORKS) if (work[each]) counters.add(W[each], Y.fault, work[each]);
    counters.shape = shape;
    counters.endFault(kind(name));
  };

  const counters = new Counters();
  counters.add(W.forks, Y.fork, 1);
  fault(counters, 'cow', { faults: 1, faultsCow: 1, pagesAllocated: 1, pagesCopied: 1, tlbFlushPage: 1 });
  fault(counters, 'anon', { faults: 1, faultsAnon: 1, pagesZeroed: 1, tablesAllocated: 3 }, 3 * SHAPE.table);
  fault(
    counters,
    'cow',
    { faults: 1, faultsCow: 1, pagesCopied: 1, tablesAllocated: 1, tablesBroken: 1, ptesCopied: 512, tlbFlushFull: 1 },
    SHAPE.broken + 512 * SHAPE.pte,
  );

  it('agree, so all faults together never cost more than the run', () => {
    const totals = counters.totals();
    expect(shapesBeyondTotals(counters.faultShapes(), totals)).toEqual({});
    const { sumNs, count } = priceFaults(counters.faultShapes(), hostVm);
    const unshaped = nsOf({ forks: 1, tlbFlushPage: 1, tlbFlushFull: 1 }, hostVm);
    expect(count).toBe(3);
    expect(sumNs + unshaped).toBe(nsOf(totals, hostVm));
  });

  it('that disagree are named with what is missing from the totals', () => {
    const totals = counters.totals();
    totals[W.ptesCopied] = 500;
    totals[W.tablesAllocated] = 3;
    expect(shapesBeyondTotals(counters.faultShapes(), totals)).toEqual({ tablesAllocated: 1, ptesCopied: 12 });
  });
});
