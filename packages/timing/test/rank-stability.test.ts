import type { Work } from '@forklab/core';
import { describe, expect, it } from 'vitest';
import { hostVm, nsOf, rankStability, scale } from '../src/index.js';

const classic = { name: 'classic', work: { forks: 1, tablesAllocated: 514, tablesCopied: 512, ptesCopied: 262_144 } };
const shared = (breaks: number) => ({
  name: 'shared',
  work: { forks: 1, tablesAllocated: 2 + breaks, tablesShared: 512, tablesBroken: breaks, ptesCopied: breaks * 512 },
});

describe('rankStability', () => {
  it('finds a clear lead stable against any price, and against all of them', () => {
    const { ranking, flips, rangeFlips, survives, survivesRanges } = rankStability([classic, shared(0)], hostVm);
    expect(ranking.map(({ name }) => name)).toEqual(['shared', 'classic']);
    expect(ranking[0]!.ns).toBe(nsOf(shared(0).work, hostVm));
    expect({ flips, rangeFlips, survives, survivesRanges }).toEqual({
      flips: [],
      rangeFlips: [],
      survives: true,
      survivesRanges: true,
    });
  });

  it('names the prices that turn a near tie, and where the tie is', () => {
    // All tables broken: both copy 512 full tables; what is left, sharing and 100 ns a break, classic does not pay.
    const { ranking, flips, survives } = rankStability([shared(512), classic], hostVm);
    expect(ranking.map(({ name }) => name)).toEqual(['classic', 'shared']);
    expect(survives).toBe(false);
    expect(flips).toEqual([
      { price: 'tablesCopied', direction: 'up', pair: ['classic', 'shared'], tieNs: 1350 },
      { price: 'tablesBroken', direction: 'down', pair: ['classic', 'shared'], tieNs: 1050 },
    ]);
  });

  it('reports the tie truly: at the price named both cost the same', () => {
    for (const { price, tieNs } of rankStability([shared(512), classic], hostVm).flips) {
      const moved = scale(hostVm, tieNs / hostVm.prices[price].ns, [price]);
      expect(nsOf(classic.work, moved)).toBeCloseTo(nsOf(shared(512).work, moved), 3);
    }
  });

  it('a smaller spread turns less', () => {
    expect(rankStability([shared(512), classic], hostVm, 0.1).survives).toBe(true);
    expect(rankStability([shared(512), classic], hostVm, 0).survives).toBe(true);
    expect(rankStability([shared(512), classic], hostVm, 0.17).flips.map(({ price }) => price)).toEqual([
      'tablesBroken',
    ]);
  });

  it('moves all prices within their ranges to the worst case of a pair, together', () => {
    // Alone, no price turns it at 10 %: together, tablesBroken and tablesShared low and tablesCopied high do.
    const { rangeFlips, survivesRanges } = rankStability([classic, shared(512)], hostVm, 0.1);
    expect(survivesRanges).toBe(false);
    expect(rangeFlips).toEqual([{ pair: ['classic', 'shared'], byNs: 512 * (1500 - 300 - 29) }]);
  });

  it('leaves rows that tie in the order given and finds no order to turn', () => {
    const twin = { name: 'mshare', work: { ...classic.work } };
    const { ranking, survives, survivesRanges } = rankStability([twin, classic], hostVm);
    expect(ranking.map(({ name }) => name)).toEqual(['mshare', 'classic']);
    expect({ survives, survivesRanges }).toEqual({ survives: true, survivesRanges: true });
  });

  it('looks at pairs that are not neighbours in rank too', () => {
    const row = (name: string, work: Partial<Record<Work, number>>) => ({ name, work });
    const rows = [row('a', { faults: 10 }), row('b', { syscalls: 7 }), row('c', { ptesCopied: 100 })];
    const pairs = rankStability(rows, hostVm).flips.map(
      ({ pair, price, direction }) => `${pair.join('<')} ${price} ${direction}`,
    );
    expect(pairs).toEqual([
      'a<b syscalls down',
      'a<b faults up',
      'a<c ptesCopied down',
      'a<c faults up',
      'b<c syscalls up',
      'b<c ptesCopied down',
    ]);
  });

  it('has an answer for no rows and for one, and refuses a spread below 0', () => {
    expect(rankStability([], hostVm).ranking).toEqual([]);
    expect(rankStability([classic], hostVm).survives).toBe(true);
    expect(() => rankStability([classic], hostVm, -0.5)).toThrow(RangeError);
  });
});
