/**
 * Changing the rights of entries under a VMA that a userfaultfd write-protects, one entry at a time: every kind of entry
 * has the protection bit, and what maps nothing may have to get a marker that carries it.
 *
 * @kernel mm/mprotect.c change_pte_range(), release 6.18
 */
import { W } from './counters.js';
import { EXCLUSIVE, KIND_ANON, KIND_MASK } from './frames.js';
import type { Machine } from './machine.js';
import type { NewRights } from './protect-entries.js';
import { CHANGE_KEEPS_LO, entryPfn, isGuard, isMarker, isPresent, MARKER, NX, PROTNONE, RW, UFFD_WP } from './pte.js';
import type { TableId } from './strategy.js';

export interface WpChange extends NewRights {
  /** 'keep' is mprotect, the others are UFFDIO_WRITEPROTECT. @kernel MM_CP_UFFD_WP, MM_CP_UFFD_WP_RESOLVE */
  readonly wp: 'set' | 'clear' | 'keep';
  /** 'set' puts markers where nothing is. @kernel userfaultfd_wp_use_markers() */
  readonly markers: boolean;
}

/** The bits of a present entry after the change. */
const presentLo = (m: Machine, lo: number, hi: number, change: WpChange): number => {
  const kept = (lo & CHANGE_KEEPS_LO) | change.lo;
  const next = change.wp === 'set' ? (kept | UFFD_WP) & ~RW : change.wp === 'clear' ? kept & ~UFFD_WP : kept;
  if ((next & (RW | PROTNONE | UFFD_WP)) !== 0) return next;
  const state = m.frames.meta[entryPfn(lo, hi)]!;
  return change.upgrade && (state & (KIND_MASK | EXCLUSIVE)) === (KIND_ANON | EXCLUSIVE) ? next | RW : next;
};

/** The low word of an entry that is not present after the change; 0: it goes. */
const foreignLo = (lo: number, change: WpChange): number => {
  if (isGuard(lo) || change.wp === 'keep') return lo;
  if (change.wp === 'set') return lo | UFFD_WP;
  return isMarker(lo) ? 0 : lo & ~UFFD_WP;
};

/** Changes entries [first, last). Answers how many it met that were present, changed, or are new. */
export const changeEntries = (
  m: Machine,
  table: TableId,
  first: number,
  last: number,
  change: WpChange,
  why: number,
): number => {
  const words = m.tables.words(table);
  const fresh = change.wp === 'set' && change.markers;
  let present = 0;
  let markers = 0;
  let gone = 0;
  for (let i = (first * 2) | 0; i < ((last * 2) | 0); i += 2) {
    const lo = words[i]!;
    if (lo === 0) {
      if (!fresh) continue;
      words[i] = MARKER | UFFD_WP;
      words[i + 1] = 0;
      markers++;
    } else if (isPresent(lo)) {
      const hi = words[i + 1]!;
      words[i] = presentLo(m, lo, hi, change);
      words[i + 1] = (hi & ~NX) | change.hi;
      present++;
    } else {
      words[i] = foreignLo(lo, change);
      if (words[i] === 0) gone++;
    }
  }
  if (markers !== gone) {
    m.book(table, 0, 0, markers - gone);
    m.bookForeign(table, 0, markers - gone);
  }
  m.counters.add(W.ptesProtected, why, present);
  m.counters.add(W.markersChanged, why, markers + gone);
  return present + markers + gone;
};
