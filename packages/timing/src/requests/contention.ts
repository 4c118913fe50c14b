/** What processors cost each other: prices that single operations, timed alone, do not have. */
import { derived, measured } from '../host-vm/price.js';
import type { Price } from '../price-list.js';

/** Prices of the simulation beside those of the list. */
export const CONTENTION_PRICES = {
  shootdown: measured(
    9_500,
    [2_000, 15_000],
    'flush that other processors must be told of',
    'mprotect of one page in a process with a second running thread, less the same without it: what the flushing one waits',
  ),
  interrupted: derived(
    2_000,
    [500, 5_000],
    'flush that another processor is told of',
    'what the interrupted processor loses: an interrupt in a virtual machine; a part of what the flushing one waits',
  ),
} as const satisfies Record<string, Price>;

export type ContentionPrices = Readonly<Record<keyof typeof CONTENTION_PRICES, Price>>;
