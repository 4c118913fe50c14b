/** The lists that forklab ships. */
import { epyc7302p } from './epyc-7302p.js';
import { hostVm } from './host-vm.js';
import type { PriceList } from './price-list.js';

/** By name. The first is the default. */
export const PRICE_LISTS: readonly PriceList[] = [hostVm, epyc7302p];

/** The shipped list of this name, or undefined. */
export const priceList = (name: string): PriceList | undefined => PRICE_LISTS.find((list) => list.name === name);
