/** madvise, and mlock, which acts on ranges alike. */

import type { Advice, Op } from '@forklab/core';
import type { Weighted } from '../draw.js';
import type { Family, Maker } from '../family.js';
import { changed, type Layout, type Region, within } from '../layout.js';

const CHANGES: { readonly [advice: string]: Partial<Region> } = {
  dontfork: { dontfork: true },
  dofork: { dontfork: false },
  wipeonfork: { wipeonfork: true },
  keeponfork: { wipeonfork: false },
};

/** These fill every entry of a range, and a large region has too many. */
const FILLS: ReadonlySet<Advice> = new Set(['populate_read', 'populate_write', 'guard_install']);

/** Linux tries for ever to put a guard over a write-protected page of a file. */
const neverEnds = (advice: Advice, parts: Layout): boolean =>
  advice === 'guard_install' && parts.some(({ watched, backing }) => watched && backing !== 'anonymous');

/** One of these advices, for a range. */
export const drawAdvice =
  (advices: Weighted<Advice>): Maker =>
  ({ world, draw, proc, layout }) => {
    const advice = draw.weighted(advices);
    const range = world.drawRange(FILLS.has(advice) ? layout.filter(({ large }) => !large) : layout);
    if (!range) return undefined;
    const op: Op = { op: 'madvise', proc, ...range, advice };
    const change = CHANGES[advice];
    const end = range.addr + range.length;
    if (neverEnds(advice, within(layout, range.addr, end))) return undefined;
    const refused = advice === 'wipeonfork' && within(layout, range.addr, end).some((r) => r.backing !== 'anonymous');
    return change === undefined || refused ? { op } : { op, layout: changed(layout, range.addr, end, change) };
  };

const ADVICES: Weighted<Advice> = [
  [8, 'dontneed'],
  [4, 'dontfork'],
  [2, 'dofork'],
  [4, 'wipeonfork'],
  [2, 'keeponfork'],
  [2, 'populate_read'],
  [2, 'populate_write'],
  [1, 'normal'],
];

export const madvise: Family = { area: 'madvise', makers: [[75, drawAdvice(ADVICES)]] };

const drawMlock: Maker = ({ world, draw, proc, layout }) => {
  const range = world.drawRange(layout.filter(({ large }) => !large));
  return range && { op: { op: draw.chance(65) ? 'mlock' : 'munlock', proc, ...range } };
};

export const mlock: Family = { area: 'mlock', makers: [[20, drawMlock]] };
