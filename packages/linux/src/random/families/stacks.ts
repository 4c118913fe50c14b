/** Mappings with MAP_GROWSDOWN, and accesses below them. */

import { type Op, PAGE_SIZE } from '@forklab/core';
import type { Family, Maker } from '../family.js';
import { isFree, mapped, type Region } from '../layout.js';
import { drawAddress, drawBeside } from '../places.js';

/** @kernel mm/mmap.c stack_guard_gap, pages */
const GUARD_GAP = 256;

const drawStack: Maker = ({ draw, proc, layout }) => {
  const pages = draw.pick([1, 2, 8, 16]);
  const length = pages * PAGE_SIZE;
  const beside = draw.chance(30) ? drawBeside(draw, layout, length) : undefined;
  const start = beside ?? drawAddress(draw);
  const op: Op = { op: 'mmap', proc, addr: start, length, prot: 'rw-', flags: ['private', 'anonymous', 'growsdown'] };
  const fields = { prot: 'rw-', backing: 'anonymous', dontfork: false, wipeonfork: false, stack: true } as const;
  const region: Region = { start, end: start + length, ...fields };
  return isFree(layout, start, start + length) ? { op, layout: mapped(layout, region) } : { op };
};

/** Just below, further below, and as far as the gap that other mappings keep. */
const drawPush: Maker = ({ world, draw, proc, layout }) => {
  const region = draw.pickOr(layout.filter(({ stack }) => stack));
  if (region === undefined) return undefined;
  const pages = draw.weighted<number>([
    [6, 1],
    [4, draw.int(1, 16)],
    [2, GUARD_GAP],
    [1, GUARD_GAP + 1],
    [2, draw.int(16, 700)],
  ]);
  const addr = region.start - pages * PAGE_SIZE;
  const length = draw.chance(50) ? PAGE_SIZE : Math.min(pages, 16) * PAGE_SIZE;
  const op: Op = draw.chance(75)
    ? { op: 'write', proc, addr, length, value: world.nextValue() }
    : { op: 'read', proc, addr, length };
  return isFree(layout, addr, region.start) ? { op, layout: mapped(layout, { ...region, start: addr }) } : { op };
};

export const stacks: Family = {
  area: 'stacks',
  makers: [
    [12, drawStack],
    [35, drawPush],
  ],
};
