/** Changing the rights of entries. */
import { W } from './counters.js';
import { EXCLUSIVE, KIND_ANON, KIND_MASK } from './frames.js';
import type { Machine } from './machine.js';
import { CHANGE_KEEPS_LO, entryPfn, isPresent, NX, RW } from './pte.js';
import type { TableId } from './strategy.js';

/** New rights for entries [first, last): see `protectEntries`. */
export interface NewRights {
  readonly lo: number;
  readonly hi: number;
  /** Private, writable: an exclusive anonymous page gets its write bit back at once. */
  readonly upgrade: boolean;
}

/**
 * Gives present entries [first, last) other rights. Answers how many changed.
 * @kernel mm/mprotect.c change_pte_range()
 */
export const protectEntries = (
  m: Machine,
  table: TableId,
  first: number,
  last: number,
  rights: NewRights,
  why: number,
): number => {
  const { tables, frames } = m;
  const words = tables.words(table);
  let present = 0;
  for (let i = (first * 2) | 0; i < ((last * 2) | 0); i += 2) {
    const lo = words[i]!;
    if (lo === 0 || !isPresent(lo)) continue;
    const hi = words[i + 1]!;
    const state = frames.meta[entryPfn(lo, hi)]!;
    const upgrade = rights.upgrade && (state & (KIND_MASK | EXCLUSIVE)) === (KIND_ANON | EXCLUSIVE);
    words[i] = (lo & CHANGE_KEEPS_LO) | rights.lo | (upgrade ? RW : 0);
    words[i + 1] = (hi & ~NX) | rights.hi;
    present++;
  }
  m.counters.add(W.ptesProtected, why, present);
  return present;
};
