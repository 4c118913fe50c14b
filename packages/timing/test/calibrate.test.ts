import { describe, expect, it } from 'vitest';
import {
  calibratedList,
  fitOperations,
  fitPrices,
  HELD_OUT_EVERY,
  hostVm,
  type Measurement,
  nonNegativeLeastSquares,
  priceProblems,
} from '../src/index.js';
import { random } from '../src/requests/random.js';

describe('non-negative least squares', () => {
  it('finds the prices that made the measurements', () => {
    const truth = [1000, 7, 0.5];
    const equations = Array.from({ length: 12 }, (_, i) => {
      const counts = [1, (i * 37) % 101, (i * i * 53) % 907];
      return { counts, ns: counts.reduce((sum, count, k) => sum + count * truth[k]!, 0) };
    });
    for (const [i, price] of nonNegativeLeastSquares(equations).entries()) expect(price).toBeCloseTo(truth[i]!, 3);
  });

  it('answers 0 where the best price would be negative, and fits the rest to that', () => {
    const equations = [1, 2, 3, 4].map((n) => ({ counts: [1, n], ns: 10 * n - 5 }));
    const [base, each] = nonNegativeLeastSquares(equations);
    expect(base).toBe(0);
    expect(each).toBeGreaterThan(5);
    expect(each).toBeLessThan(10);
  });

  it('gives an interval that holds the truth, wider where measurements are noisier', () => {
    const made = (noise: number) => {
      const draw = random(5);
      return Array.from({ length: 30 }, (_, i) => ({
        counts: [1, i * 10],
        ns: (500 + 30 * i * 10) * (1 + noise * (draw() - 0.5)),
      }));
    };
    const [, quiet] = fitPrices(made(0.02), 1);
    const [, loud] = fitPrices(made(0.4), 1);
    expect(loud!.high - loud!.low).toBeGreaterThan(5 * (quiet!.high - quiet!.low));
    expect(loud!.low).toBeLessThan(30);
    expect(loud!.high).toBeGreaterThan(30);
    expect(fitPrices(made(0.4), 1)).toEqual(fitPrices(made(0.4), 1));
  });
});

/** A kernel with prices of its own: fork 60 us, 700 a VMA, 1500 a table, 50 an entry, 40 more apart. */
const measured = (): Measurement[] => {
  const out: Measurement[] = [];
  const layouts = [8, 32, 128, 16, 64, 256].map((tables) => ({ tables, pages: 512, spread: false, vmas: 0 }));
  const fills = [1, 64, 8].flatMap((pages) =>
    [64, 192].flatMap((tables) => [false, true].map((spread) => ({ tables, pages, spread, vmas: 0 }))),
  );
  const many = [1000, 3000, 2000].map((vmas) => ({ tables: 1, pages: 1, spread: false, vmas }));
  for (const each of [...layouts, ...fills, ...many]) {
    const entries = each.tables * each.pages;
    const ns = 60_000 + 700 * each.vmas + 1500 * each.tables + (each.spread ? 90 : 50) * entries;
    out.push({ operation: 'fork', ...each, ns });
  }
  for (const each of layouts) {
    out.push({ operation: 'COW fault', ...each, ns: 3000 * each.tables * each.pages });
  }
  return out;
};

describe('a calibration', () => {
  const fitted = fitOperations(measured(), 1);

  it('finds the prices of each operation, the one of pages apart among them', () => {
    const fork = fitted.find(({ operation }) => operation === 'fork')!;
    expect(fork.terms.map(({ term }) => term)).toEqual(['base', 'vma', 'table', 'entry', 'apart']);
    for (const [i, wanted] of [60_000, 700, 1500, 50, 40].entries())
      expect(fork.terms[i]!.ns / wanted).toBeCloseTo(1, 2);
  });

  it('holds every third measurement out, and predicts it', () => {
    for (const { residuals, heldOutMedianError } of fitted) {
      const held = residuals.flatMap((each, i) => (each.heldOut ? [i] : []));
      expect(held.every((i) => i % HELD_OUT_EVERY === HELD_OUT_EVERY - 1)).toBe(true);
      expect(held.length).toBe(Math.floor(residuals.length / HELD_OUT_EVERY));
      expect(heldOutMedianError).toBeLessThan(0.001);
    }
  });

  it('a measurement that lies far off is a large error, held out or not', () => {
    const wrong = measured();
    wrong[2] = { ...wrong[2]!, ns: wrong[2]!.ns * 2 };
    const [fork] = fitOperations(wrong, 1);
    expect(fork!.residuals[2]).toMatchObject({ heldOut: true, error: expect.closeTo(-0.5, 1) });
  });

  it('leaves an operation with too few measurements out', () => {
    expect(fitOperations(measured().slice(0, 3), 1)).toEqual([]);
  });

  it('becomes a whole price list, of which sums are those measured and the rest is the base', () => {
    const list = calibratedList(hostVm, fitted, 'here');
    expect(priceProblems(list)).toEqual([]);
    const { forks, vmasDuplicated, tablesAllocated, tablesCopied, ptesCopied, tablesShared } = list.prices;
    expect(forks.ns).toBeCloseTo(60_000, -2);
    expect(vmasDuplicated.ns).toBeCloseTo(700, 0);
    expect(tablesAllocated.ns + tablesCopied.ns).toBeCloseTo(1500, -1);
    expect(ptesCopied.ns).toBeCloseTo(50, 0);
    const { faults, faultsCow, pagesCopied, tlbFlushPage } = list.prices;
    expect(faults.ns + faultsCow.ns + pagesCopied.ns + tlbFlushPage.ns).toBeCloseTo(3000, -1);
    expect(tablesShared.ns).toBe(hostVm.prices.tablesShared.ns);
    expect(tablesShared.source).toMatch(/^of vm-linux-6\.18: /);
    expect([forks.kind, tablesShared.kind]).toEqual(['measured', 'derived']);
  });
});
