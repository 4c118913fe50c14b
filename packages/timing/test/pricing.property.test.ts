/** What must hold of any counts: kept in a file of its own, since fast-check takes its time to load. */
import type { Work } from '@forklab/core';
import { faultShape, SHAPE, WORKS, workOfShape } from '@forklab/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  breakEven,
  hostVm,
  nsOf,
  priceFaults,
  priceWork,
  rankStability,
  scale,
  shapesBeyondTotals,
} from '../src/index.js';

const counts = fc
  .array(fc.nat({ max: 1_000_000 }), { minLength: WORKS.length, maxLength: WORKS.length })
  .map((values) => Float64Array.from(values));
const work = fc.constantFrom(...WORKS);
const shape = fc
  .record({
    kind: fc.nat({ max: 5 }),
    tables: fc.nat({ max: 3 }),
    broken: fc.boolean(),
    ptes: fc.nat({ max: 512 }),
    mapped: fc.nat({ max: 512 }),
  })
  .map(
    (s) =>
      s.kind + s.tables * SHAPE.table + (s.broken ? SHAPE.broken : 0) + s.ptes * SHAPE.pte + s.mapped * SHAPE.mapped,
  );
const shapes = fc
  .array(fc.tuple(shape, fc.integer({ min: 1, max: 5000 })), { minLength: 1, maxLength: 12 })
  .map((s) => new Map(s));

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

describe('priceWork', () => {
  it('grows with every count and with every price', () => {
    fc.assert(
      fc.property(counts, work, fc.integer({ min: 1, max: 1000 }), (base, which, more) => {
        const bigger = Float64Array.from(base);
        bigger[WORKS.indexOf(which)]! += more;
        const paid = hostVm.prices[which].ns > 0;
        expect(nsOf(bigger, hostVm) > nsOf(base, hostVm)).toBe(paid);
        expect(nsOf(bigger, scale(hostVm, 2, [which])) > nsOf(bigger, hostVm)).toBe(paid);
      }),
    );
  });

  it('lies in its range, is the sum of its parts, and scales as its prices do', () => {
    fc.assert(
      fc.property(counts, fc.double({ min: 0, max: 8, noNaN: true }), (base, factor) => {
        const { ns, low, high, byWork, byKind } = priceWork(base, hostVm);
        expect(low).toBeLessThanOrEqual(ns);
        expect(ns).toBeLessThanOrEqual(high);
        expect(nsOf(base, hostVm)).toBe(ns);
        for (const parts of [byWork, byKind])
          expect(
            near(
              Object.values(parts).reduce((a, b) => a + b, 0),
              ns,
            ),
          ).toBe(true);
        expect(near(nsOf(base, scale(hostVm, factor)), ns * factor)).toBe(true);
      }),
    );
  });
});

describe('priceFaults', () => {
  /** The same by brute force: every fault on its own, sorted. */
  const oneByOne = (all: ReadonlyMap<number, number>): number[] =>
    [...all]
      .flatMap(([packed, count]) => Array<number>(count).fill(nsOf(workOfShape(faultShape(packed)), hostVm)))
      .sort((a, b) => a - b);

  it('equals pricing and sorting every single fault', () => {
    fc.assert(
      fc.property(shapes, (all) => {
        const sorted = oneByOne(all);
        const at = (permille: number): number => sorted[Math.ceil((sorted.length * permille) / 1000) - 1]!;
        const priced = priceFaults(all, hostVm);
        expect(priced.count).toBe(sorted.length);
        expect([priced.p50, priced.p90, priced.p99, priced.p999, priced.worstNs]).toEqual([
          at(500),
          at(900),
          at(990),
          at(999),
          sorted.at(-1),
        ]);
        expect(
          near(
            priced.sumNs,
            sorted.reduce((a, b) => a + b, 0),
          ),
        ).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('never exceeds the total of which the faults are a part', () => {
    fc.assert(
      fc.property(shapes, counts, (all, rest) => {
        const totals = Float64Array.from(rest);
        for (const [packed, count] of all) {
          const done = workOfShape(faultShape(packed));
          for (const [row, name] of WORKS.entries()) totals[row]! += count * (done[name] ?? 0);
        }
        expect(shapesBeyondTotals(all, totals)).toEqual({});
        expect(priceFaults(all, hostVm).sumNs).toBeLessThanOrEqual(nsOf(totals, hostVm) * (1 + 1e-12));
      }),
    );
  });
});

describe('rankStability', () => {
  const rows = fc
    .array(fc.dictionary(work as fc.Arbitrary<string>, fc.nat({ max: 300 }), { maxKeys: 5 }), {
      minLength: 2,
      maxLength: 4,
    })
    .map((works) => works.map((each, i) => ({ name: `s${i}`, work: each as Partial<Record<Work, number>> })));

  it('finds exactly the turns that repricing each work up and down shows', () => {
    fc.assert(
      fc.property(rows, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (all, spread) => {
        const { ranking, flips } = rankStability(all, hostVm, spread);
        const found = new Set(flips.map(({ price, direction, pair }) => `${price} ${direction} ${pair.join()}`));
        const of = (name: string) => all.find((row) => row.name === name)!.work;
        for (const [i, a] of ranking.entries())
          for (const b of ranking.slice(i + 1))
            for (const price of WORKS)
              for (const direction of ['up', 'down'] as const) {
                if (a.ns === b.ns) continue;
                const list = scale(hostVm, direction === 'up' ? 1 + spread : 1 - spread, [price]);
                const gap = nsOf(of(a.name), list) - nsOf(of(b.name), list);
                // A gap within rounding of 0 may fall either way.
                if (Math.abs(gap) > 1e-6) expect(found.has(`${price} ${direction} ${a.name},${b.name}`)).toBe(gap > 0);
              }
      }),
      { numRuns: 60 },
    );
  });

  it('finds a pair turned within the ranges whenever the ends of the ranges turn it', () => {
    fc.assert(
      fc.property(rows, fc.array(fc.boolean(), { minLength: WORKS.length, maxLength: WORKS.length }), (all, ends) => {
        const { ranking, rangeFlips } = rankStability(all, hostVm);
        const price = (w: Work, i: number) => (ends[i] ? hostVm.prices[w].high : hostVm.prices[w].low);
        const total = (name: string) => {
          const done = all.find((row) => row.name === name)!.work;
          return WORKS.reduce((sum, w, i) => sum + (done[w] ?? 0) * price(w, i), 0);
        };
        const turned = new Set(rangeFlips.map(({ pair }) => pair.join()));
        for (const [i, a] of ranking.entries())
          for (const b of ranking.slice(i + 1))
            if (a.ns < b.ns && total(a.name) > total(b.name)) expect(turned.has(`${a.name},${b.name}`)).toBe(true);
      }),
    );
  });
});

describe('breakEven', () => {
  it('lands within its tolerance of any single crossing', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        fc.double({ min: 1e-6, max: 0.2, noNaN: true }),
        (crossing, tolerance) => {
          const { share, loses } = breakEven((s) => ({ strategyNs: s, classicNs: crossing }), { tolerance });
          expect(loses).toBe('above');
          expect(share).toBeGreaterThan(crossing);
          expect(share! - crossing).toBeLessThanOrEqual(Math.max(tolerance, 0) + 1e-15);
        },
      ),
    );
  });
});
