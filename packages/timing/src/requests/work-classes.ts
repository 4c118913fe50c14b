/** Kinds of work that requests and forks did: few, however many requests there are, so that prices can be put in later. */
import { type Machine, W, WORKS } from '@forklab/core';
import type { PriceList } from '../price-list.js';
import { nsOf } from '../price-work.js';

const FLUSHES = [W.tlbFlushPage, W.tlbFlushRange, W.tlbFlushFull] as const;

const flushesIn = (work: Float64Array): number => FLUSHES.reduce((sum, w) => sum + work[w]!, 0);

/** Class 0 is no work at all. */
export class WorkClasses {
  readonly works: Float64Array[] = [new Float64Array(WORKS.length)];
  readonly #flushes: number[] = [0];
  readonly #byKey = new Map<string, number>([['', 0]]);
  readonly #machine: Machine;
  #before: Float64Array;
  #now: Float64Array;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#before = machine.counters.totals();
    this.#now = new Float64Array(WORKS.length);
  }

  /** The class of what the machine has done since the last call. */
  take(): number {
    const now = this.#machine.counters.totals(this.#now);
    let key = '';
    for (let w = 0; w < now.length; w++) {
      const did = now[w]! - this.#before[w]!;
      if (did !== 0) key += `${w}:${did},`;
    }
    let cls = this.#byKey.get(key);
    if (cls === undefined) {
      cls = this.works.length;
      const work = now.map((n, w) => n - this.#before[w]!);
      this.works.push(work);
      this.#flushes.push(flushesIn(work));
      this.#byKey.set(key, cls);
    }
    [this.#before, this.#now] = [now, this.#before];
    return cls;
  }

  /** How many flushes work of this class did. */
  flushesOf(cls: number): number {
    return this.#flushes[cls]!;
  }
}

/** What each class costs, and how many flushes it did. */
export interface PricedClasses {
  readonly ns: Float64Array;
  readonly flushes: Float64Array;
}

export const priceClasses = (works: readonly Float64Array[], list: PriceList): PricedClasses => ({
  ns: Float64Array.from(works, (work) => nsOf(work, list)),
  flushes: Float64Array.from(works, flushesIn),
});
