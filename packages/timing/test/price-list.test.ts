import { WORKS } from '@forklab/core';
import { describe, expect, it } from 'vitest';
import { hostVm, PRICE_LISTS, type PriceList, priceList, priceProblems, scale } from '../src/index.js';

const withPrice = (work: string, price: object): PriceList =>
  ({ ...hostVm, prices: { ...hostVm.prices, [work]: price } }) as PriceList;

describe('shipped price lists', () => {
  it('have a sound price for every kind of work that core counts', () => {
    for (const list of PRICE_LISTS) expect(priceProblems(list), list.name).toEqual([]);
    expect(Object.keys(hostVm.prices)).toEqual([...WORKS]);
  });

  it('are found by name', () => {
    expect(priceList('vm-linux-6.18')).toBe(hostVm);
    expect(priceList('vm-linux-2.4')).toBeUndefined();
    expect(new Set(PRICE_LISTS.map(({ name }) => name)).size).toBe(PRICE_LISTS.length);
  });

  it('say where work is paid that has no price of its own', () => {
    const unpaid = WORKS.filter((work) => hostVm.prices[work].kind === 'none');
    expect(unpaid).toEqual(['pagesAllocated', 'faultsTable', 'ooms']);
    for (const work of unpaid) expect(hostVm.prices[work].source).toMatch(/contained in|not modelled/);
  });

  it('call nothing measured that a stock kernel cannot show', () => {
    for (const work of ['tablesShared', 'tablesLinked', 'tablesBroken', 'tablesAdopted', 'tablesDropped'] as const) {
      expect(hostVm.prices[work].kind, work).toBe('derived');
      expect(hostVm.prices[work].high / hostVm.prices[work].low, work).toBeGreaterThanOrEqual(10);
    }
  });
});

describe('priceProblems', () => {
  const ptes = hostVm.prices.ptesCopied;

  it.each([
    [{ ...ptes, low: 80 }, 'prices.ptesCopied: ns is 75, expected it between low (80) and high (120)'],
    [{ ...ptes, high: 74 }, 'prices.ptesCopied: ns is 75, expected it between low (47) and high (74)'],
    [{ ...ptes, ns: -1 }, 'prices.ptesCopied: ns is -1, expected a finite number of nanoseconds, 0 or more'],
    [
      { ...ptes, high: Infinity },
      'prices.ptesCopied: high is Infinity, expected a finite number of nanoseconds, 0 or more',
    ],
    [{ ...ptes, ns: '75' }, 'prices.ptesCopied: ns is 75, expected a finite number of nanoseconds, 0 or more'],
    [{ ...ptes, kind: 'none' }, 'prices.ptesCopied: kind is none, expected low, ns and high to be 0, high is 120'],
    [{ ...ptes, source: ' ' }, 'prices.ptesCopied: source is empty, expected a text'],
  ])('refuses %j', (price, problem) => {
    expect(priceProblems(withPrice('ptesCopied', price))).toEqual([problem]);
  });

  it('names a kind that does not exist', () => {
    expect(priceProblems(withPrice('ptesCopied', { ...ptes, kind: 'guessed' }))).toEqual([
      'prices.ptesCopied: kind is guessed, expected one of measured, published, derived, assumed, none',
    ]);
  });

  it('names missing and unknown prices, inherited ones not taken for prices', () => {
    const { ptesCopied: _, ...rest } = hostVm.prices;
    const list = { ...hostVm, prices: { ...rest, toString: ptes } } as unknown as PriceList;
    expect(priceProblems(list)).toEqual([
      'prices.ptesCopied: it is missing',
      'prices.toString: no such kind of work is counted',
    ]);
  });
});

describe('scale', () => {
  it('multiplies all prices, ranges included, and says so in the name', () => {
    const dear = scale(hostVm, 2);
    expect(dear.name).toBe('vm-linux-6.18 x 2');
    expect(dear.prices.ptesCopied).toEqual({ ...hostVm.prices.ptesCopied, ns: 150, low: 94, high: 240 });
    expect(priceProblems(dear)).toEqual([]);
  });

  it('multiplies the named prices alone and leaves the list itself as it was', () => {
    const cheap = scale(hostVm, 0.5, ['ptesCopied', 'tlbFlushFull']);
    expect(cheap.name).toBe('vm-linux-6.18 ptesCopied tlbFlushFull x 0.5');
    const changed = WORKS.filter((work) => cheap.prices[work].ns !== hostVm.prices[work].ns);
    expect(changed).toEqual(['ptesCopied', 'tlbFlushFull']);
    expect(hostVm.prices.ptesCopied.ns).toBe(75);
  });

  it.each([-0.1, Number.NaN, Infinity])('refuses the factor %d', (factor) => {
    expect(() => scale(hostVm, factor)).toThrow(RangeError);
  });
});
