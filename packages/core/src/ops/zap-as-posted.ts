/**
 * Removing what a range maps as a patched kernel does it: VMA by VMA, the strategy asked about every table, and whatever
 * it leaves is removed from, whoever else holds it.
 *
 * @kernel mm/memory.c unmap_single_vma(), zap_pmd_range(), releases 5.6 to 6.0
 */
import { W, type Why, Y } from '../counters.js';
import { PAGE_SIZE } from '../geometry.js';
import type { Machine } from '../machine.js';
import { hex } from '../recount.js';
import type { Space } from '../space.js';
import type { Addr } from '../strategy.js';
import { findVmaIndex, type Vma } from '../vma.js';
import { eachTable, findSlot } from '../walk.js';
import { zapEntries } from '../zap-entries.js';
import { coversSlot } from './zap.js';

/** Those that zap mappings and leave the VMAs where they are. */
const KEEPS_VMAS: readonly Why[] = ['dontneed', 'truncate'];

export const zapAsPosted = (m: Machine, space: Space, start: Addr, end: Addr, why: Why): void => {
  m.actor = space;
  const y = Y[why];
  const detached = why !== 'exit' && !KEEPS_VMAS.includes(why);
  const range = { start, end, cause: why, detached };
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  const { vmas } = space;
  for (let i = findVmaIndex(vmas, start); i < vmas.length && vmas[i]!.start < end; i++) {
    const vma = vmas[i]!;
    const from = Math.max(vma.start, start);
    const to = Math.min(vma.end, end);
    eachTable(m, space, from, to, m.at, vma, (at) => {
      m.counters.add(W.slotsVisited, y, 1);
      const covered = coversSlot(at, start, end);
      const verdict = m.strategy.zap(at, range);
      if (verdict === 'kept') {
        m.suffer('zap-takes-its-range', `${space.name}: entries at ${hex(at.start)} stay`);
        return true;
      }
      if (verdict === 'dropped') {
        if (!covered) m.suffer('zap-takes-its-range', `${space.name}: all of ${hex(at.start)} goes with a part of it`);
        return true;
      }
      const { table } = at;
      if (m.tables.refs[table]! > 1) {
        m.suffer('no-change-while-shared', `${space.name}: entries of table ${table} go under its other holders`);
      }
      const low = Math.max(from, at.start);
      const high = Math.min(to, at.end);
      if (zapEntries(m, table, (low - at.start) / PAGE_SIZE, (high - at.start) / PAGE_SIZE, y) === 0) return true;
      first = Math.min(first, low);
      last = Math.max(last, high);
      return true;
    });
  }
  if (last > first) m.flushRange(space, first, last, y);
};

/** A VMA is about to be cut: the table that the second half starts in. @kernel mm/mmap.c __split_vma() */
export const touchAtSplit = (m: Machine, space: Space, vma: Vma, addr: Addr): void => {
  m.actor = space;
  if (findSlot(m, space, addr, vma, m.to) && m.to.table !== 0) m.strategy.touch(m.to, 'split');
};

/** get_user_pages is about to look at a page, and has found it. */
export const beforeFollow = (m: Machine, space: Space, vma: Vma, addr: Addr): void => {
  m.actor = space;
  if (findSlot(m, space, addr, vma, m.to) && m.to.table !== 0) m.strategy.touch(m.to, 'gup');
};

export const afterFollow = (m: Machine, space: Space, vma: Vma, addr: Addr): void => {
  if (findSlot(m, space, addr, vma, m.to) && m.to.table !== 0) m.strategy.followed?.(m.to);
};
