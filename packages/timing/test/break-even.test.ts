import { describe, expect, it } from 'vitest';
import { breakEven, hostVm, nsOf } from '../src/index.js';

/** Fork of 512 full tables; then a share of the tables is written once, under both strategies. */
const sharingAt = (breakNs: number) => (share: number) => {
  const written = share * 512;
  const writes = { faults: written, faultsCow: written, pagesCopied: written };
  const copied = { tablesAllocated: written, ptesCopied: written * 512 };
  return {
    strategyNs: nsOf({ forks: 1, tablesShared: 512, ...writes, ...copied }, hostVm) + written * breakNs,
    classicNs: nsOf({ forks: 1, tablesAllocated: 512, tablesCopied: 512, ptesCopied: 262_144, ...writes }, hostVm),
  };
};

const line = (slope: number, offset: number) => (share: number) => ({
  strategyNs: slope * share + offset,
  classicNs: 0,
});

describe('breakEven', () => {
  it('finds the share of written tables from which sharing them loses', () => {
    // 512 * (650 + 1150 + 38400 - 100) = share * 512 * (650 + 38400 + 2000)
    const exact = 40_100 / 41_050;
    const { share, loses, monotone } = breakEven(sharingAt(2000));
    expect(loses).toBe('above');
    expect(monotone).toBe(true);
    expect(share! - exact).toBeGreaterThanOrEqual(0);
    expect(share! - exact).toBeLessThanOrEqual(1 / 1024);
  });

  it('has no share when the strategy never loses, and none when it always does', () => {
    expect(breakEven(sharingAt(0))).toEqual({ share: null, loses: 'never', monotone: true, evaluations: 5 });
    expect(breakEven(line(1, 1))).toEqual({ share: null, loses: 'always', monotone: true, evaluations: 5 });
  });

  it('does not take a tie for a loss', () => {
    expect(breakEven(line(0, 0)).loses).toBe('never');
    expect(breakEven(line(-1, 1))).toMatchObject({ loses: 'below' });
  });

  it('halves down to the tolerance and no further than numbers go', () => {
    const rough = breakEven(line(1, -0.3), { tolerance: 0.25 });
    expect(rough).toEqual({ share: 0.5, loses: 'above', monotone: true, evaluations: 5 });
    const fine = breakEven(line(1, -0.3), { tolerance: 1e-6 });
    expect(Math.abs(fine.share! - 0.3)).toBeLessThanOrEqual(1e-6);
    expect(fine.evaluations).toBe(5 + 18);
    const finest = breakEven(line(1, -0.3), { tolerance: Number.MIN_VALUE });
    expect(finest.share).toBeCloseTo(0.3, 15);
    expect(finest.evaluations).toBeLessThan(70);
  });

  it('answers with the last crossing, and says so, when there are more', () => {
    const wave = (share: number) => ({ strategyNs: Math.sin(share * 3 * Math.PI), classicNs: 0 });
    const { share, loses, monotone } = breakEven(wave, { samples: 9 });
    expect(loses).toBe('above');
    expect(monotone).toBe(false);
    expect(Math.abs(share! - 2 / 3)).toBeLessThanOrEqual(1 / 1024);
  });

  it('refuses costs and options that are no numbers it can use', () => {
    expect(() => breakEven(() => ({ strategyNs: Number.NaN, classicNs: 0 }))).toThrow(/strategyNs at share 0 is NaN/);
    expect(() => breakEven(line(1, 0), { tolerance: 0 })).toThrow(RangeError);
    expect(() => breakEven(line(1, 0), { samples: 1 })).toThrow(RangeError);
  });
});
