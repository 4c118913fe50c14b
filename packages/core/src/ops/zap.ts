/**
 * Removing what a range maps: the part that munmap, exit, MADV_DONTNEED and truncation have in common, and the question
 * to the strategy that comes before each of them.
 *
 * @kernel mm/memory.c unmap_page_range(), zap_pmd_range(), release 6.18
 */
import { W, type Why, Y } from '../counters.js';
import { assertModel } from '../errors/violation.js';
import type { Markers } from '../foreign-entries.js';
import { PAGE_SIZE } from '../geometry.js';
import { splitHugePmd, zapHugePmd } from '../huge-pmd.js';
import type { Machine } from '../machine.js';
import type { SlotCursor } from '../slot.js';
import type { Space } from '../space.js';
import type { Addr } from '../strategy.js';
import type { TouchSite } from '../touch-sites.js';
import { findVmaIndex, type Vma } from '../vma.js';
import { eachTable } from '../walk.js';
import { zapEntries, zapEntriesKeepingWp } from '../zap-entries.js';
import { zapAsPosted } from './zap-as-posted.js';

/** Would removing [start, end) leave nothing mapped in the slot? Every VMA that meets the slot ends up inside. */
export const coversSlot = (at: SlotCursor, start: Addr, end: Addr): boolean => {
  const { vmas } = at.space;
  for (let i = findVmaIndex(vmas, at.start); i < vmas.length && vmas[i]!.start < at.end; i++) {
    const vma = vmas[i]!;
    if (Math.max(vma.start, at.start) < start || Math.min(vma.end, at.end) > end) return false;
  }
  return true;
};

/** Does the table hold markers? Guards outlive a zap that leaves the mapping, so such a table is not let go of whole. */
const hasMarkers = (m: Machine, { table }: SlotCursor): boolean => m.tables.foreign[table]! > m.tables.swap[table]!;

/**
 * Asks the strategy about every table in [start, end) that a walker is about to change; 'oom' leaves the operation
 * undone. With `whole: 'skip'`, tables of which everything is about to go are left to `zap`; with 'skip unmarked', those
 * of them that hold markers are not.
 */
export const askTouch = (
  m: Machine,
  space: Space,
  start: Addr,
  end: Addr,
  site: TouchSite,
  whole: 'ask' | 'skip' | 'skip unmarked' = 'ask',
): 'ok' | 'oom' => {
  // As posted, removals ask `zap` about parts, too, and nothing before.
  if (!m.sharing || start >= end || (m.asPosted && whole !== 'ask')) return 'ok';
  const done = eachTable(m, space, start, end, m.at, null, (at) => {
    if (whole !== 'ask' && coversSlot(at, start, end) && (whole === 'skip' || !hasMarkers(m, at))) return true;
    at.vma = at.vmas[0] ?? null;
    const verdict = m.strategy.touch(at, site);
    if (verdict === 'in-place') m.inPlace.add(at.table);
    return verdict !== 'oom';
  });
  return done ? 'ok' : 'oom';
};

/** Asks about the tables in which a VMA is about to be cut at `start` or `end`, and which change in nothing else. */
export const askSplit = (m: Machine, space: Space, vma: Vma, start: Addr, end: Addr): 'ok' | 'oom' => {
  if (!m.sharing || m.asPosted) return 'ok';
  for (const cut of [start, end]) {
    if (cut <= vma.start || cut >= vma.end || cut % m.geometry.slotBytes === 0) continue;
    if (askTouch(m, space, cut, cut + PAGE_SIZE, 'split') === 'oom') return 'oom';
  }
  return 'ok';
};

/** What a zap that leaves the mapping does to markers in it. */
export const markersOf = (vma: Vma): Markers => (vma.uffd && !vma.anonymous ? 'keep all' : 'keep guards');

/** Removes everything in [start, end); the strategy has been asked about tables of which a part stays. */
export const zapRange = (
  m: Machine,
  space: Space,
  start: Addr,
  end: Addr,
  why: Why,
  markers: Markers = 'drop',
): void => {
  if (m.asPosted) {
    zapAsPosted(m, space, start, end, why);
    return;
  }
  const y = Y[why];
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  const leaf = (at: SlotCursor): boolean => {
    const whole = start <= at.start && end >= at.end;
    if (!whole) splitHugePmd(m, at, why);
    if (!whole) return table(at);
    m.counters.add(W.slotsVisited, y, 1);
    zapHugePmd(m, at, why);
    first = Math.min(first, at.start);
    last = Math.max(last, at.end);
    return true;
  };
  const table = (at: SlotCursor): boolean => {
    m.counters.add(W.slotsVisited, y, 1);
    if (m.sharing && coversSlot(at, start, end) && (markers === 'drop' || !hasMarkers(m, at))) {
      const verdict = m.strategy.zap(at, { start, end, cause: why, detached: false });
      if (verdict === 'dropped') {
        assertModel(at.table === 0, 'verdict-fits', 'zap answered "dropped" and the slot still has a table');
        return true;
      }
    }
    const from = Math.max(start, at.start);
    const to = Math.min(end, at.end);
    const { table: entries } = at;
    assertModel(
      m.tables.refs[entries] === 1 || m.inPlace.has(entries),
      'no-change-while-shared',
      'entries were about to be removed from a table that other spaces hold',
    );
    const head = (from - at.start) / PAGE_SIZE;
    const tail = (to - at.start) / PAGE_SIZE;
    const removed =
      markers === 'keep all'
        ? zapEntriesKeepingWp(m, entries, head, tail, y)
        : zapEntries(m, entries, head, tail, y, markers);
    if (removed > 0 || m.inPlace.has(entries)) {
      first = Math.min(first, from);
      last = Math.max(last, to);
    }
    return true;
  };
  eachTable(m, space, start, end, m.at, null, table, leaf);
  if (last > first) m.flushRange(space, first, last, y);
};
