/**
 * The machine of the On-Demand-Fork paper, fitted from the tables and figures that it prints. What the paper does not
 * show is taken over from the other list and called assumed, with a range of three to one either way.
 *
 * @paper On-Demand-Fork, EuroSys 2021, doi 10.1145/3447786.3456258
 */

import type { Work } from '@forklab/core';
import { WORKS } from '@forklab/core';
import { hostVm } from './host-vm.js';
import type { Price, PriceList } from './price-list.js';

const published = (ns: number, low: number, high: number, per: string, source: string): Price => ({
  ns,
  low,
  high,
  unit: `ns per ${per}`,
  source: `On-Demand-Fork (EuroSys 2021), ${source}`,
  kind: 'published',
});

const FITTED: Readonly<Partial<Record<Work, Price>>> = {
  forks: published(66_000, 50_000, 100_000, 'fork', 'figure 7: what is left of its own forks at no memory, fitted'),
  tablesAllocated: published(
    400,
    200,
    700,
    'table',
    'figure 7: 9.85 us a full table above 8 GB, divided between the table and its entries as on vm-linux-6.18',
  ),
  tablesCopied: published(600, 300, 1_200, 'PTE table', 'as tablesAllocated'),
  ptesCopied: published(
    17.3,
    16.5,
    27,
    'entry',
    'figure 7: 19.2 a page above 8 GB with its share of the table, 27 below 0.5 GB',
  ),
  tablesShared: published(50, 29, 67, 'PTE table', 'figure 7: 67 a table up to 4 GB, 29 above 8'),
  tablesBroken: published(
    400,
    100,
    3_000,
    'PTE table',
    'table 1: a break adds 9.9 us to a fault, less its new table and its entries',
  ),
  faults: published(
    400,
    150,
    700,
    'fault',
    'between table 1 (2.3 us for one copying fault after a pause) and figure 8 (about 0.6 us in order)',
  ),
  faultsCow: published(300, 100, 600, 'fault', 'as faults'),
  pagesCopied: published(400, 250, 900, 'page', 'as faults'),
  tlbFlushPage: published(50, 20, 100, 'flush', 'as faults'),
};

/** Where nothing is known of this host, three to one either way. */
const UNKNOWN = 3;

const assumed = (work: Work): Price => {
  const { ns, unit, kind, source } = hostVm.prices[work];
  if (kind === 'none') return { ns, low: ns, high: ns, unit, kind, source };
  return {
    ns,
    low: ns / UNKNOWN,
    high: ns * UNKNOWN,
    unit,
    source: 'not published for this host: the price of vm-linux-6.18',
    kind: 'assumed',
  };
};

/** Thirds of round numbers are not round: four digits say all that is known. */
const four = (n: number): number => Number(n.toPrecision(4));

const tidy = (price: Price): Price => ({ ...price, low: four(price.low), high: four(price.high) });

/** Prices of the machine that On-Demand-Fork was measured on. */
export const epyc7302p: PriceList = {
  name: 'epyc-7302p',
  about:
    'The machine of the On-Demand-Fork paper, fitted from what it prints: forks by size, and single faults. All other ' +
    'prices are assumed. For reproducing that paper; for anything else, measure.',
  host: 'AMD EPYC 7302P, 16 cores, 256 GB, Linux 5.6.19, 4 KiB pages, bare metal',
  prices: Object.fromEntries(WORKS.map((work) => [work, tidy(FITTED[work] ?? assumed(work))])) as Record<Work, Price>,
};
