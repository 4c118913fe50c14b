/**
 * The prices of one class of machine: a small cloud VM on Linux 6.18. They tell which strategy is ahead by a factor,
 * not by a few percent: load and the age of memory move every one of them by 15 % and more.
 */

import type { Work } from '@forklab/core';
import { WORKS } from '@forklab/core';
import { FAULT_PRICES } from './host-vm/faults.js';
import { HUGE_PAGE_PRICES } from './host-vm/huge-pages.js';
import { PROCESS_PRICES } from './host-vm/processes.js';
import { TABLE_PRICES } from './host-vm/tables.js';
import type { Price, PriceList } from './price-list.js';

const PRICES: Readonly<Record<Work, Price>> = {
  ...PROCESS_PRICES,
  ...TABLE_PRICES,
  ...HUGE_PAGE_PRICES,
  ...FAULT_PRICES,
};

/** Prices of a 2-core VM that runs Linux 6.18, huge pages off, one processor busy. */
export const hostVm: PriceList = {
  name: 'vm-linux-6.18',
  about:
    'A 2-core cloud VM. Timed with C programs, medians of seven interleaved rounds; what a stock kernel cannot ' +
    'show, as sharing and breaking a table, is derived from its parts and from published figures.',
  host: 'KVM guest, 2 processors AMD EPYC (family 25 model 17), 24 GB, Linux 6.18.44, 4 KiB pages',
  // In the order of WORKS, whatever order the parts have: reports and the reference page list them so.
  prices: Object.fromEntries(WORKS.map((work) => [work, PRICES[work]])) as Record<Work, Price>,
};
