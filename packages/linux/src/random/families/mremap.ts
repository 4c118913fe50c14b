/** mremap, in place and elsewhere. */

import { type Op, PAGE_SIZE } from '@forklab/core';
import type { Weighted } from '../draw.js';
import type { Family, Maker } from '../family.js';
import { isCovered, isFree, mapped, moved, unmapped, within } from '../layout.js';
import { drawAddress } from '../places.js';

/** In place: a shrink, or a growth that succeeds when nothing is behind. */
const drawResize: Maker = ({ draw, proc, layout }) => {
  const region = draw.pickOr(layout);
  if (!region) return undefined;
  const oldLength = region.end - region.start;
  const newLength = draw.chance(50)
    ? oldLength + draw.int(1, 600) * PAGE_SIZE
    : draw.int(1, oldLength / PAGE_SIZE) * PAGE_SIZE;
  const op: Op = { op: 'mremap', proc, addr: region.start, oldLength, newLength };
  const end = region.start + newLength;
  if (end <= region.end) return { op, layout: unmapped(layout, end, region.end) };
  return isFree(layout, region.end, end) ? { op, layout: mapped(layout, { ...region, end }) } : { op };
};

type Length = 'same' | 'grow' | 'shrink';
const LENGTHS: Weighted<Length> = [
  [13, 'same'],
  [4, 'grow'],
  [2, 'shrink'],
];

const drawMove: Maker = ({ world, draw, proc, layout }) => {
  const range = world.drawRange(layout);
  if (!range) return undefined;
  const { addr, length: oldLength } = range;
  const change = draw.int(1, 64) * PAGE_SIZE;
  const lengths = { same: oldLength, grow: oldLength + change, shrink: Math.max(PAGE_SIZE, oldLength - change) };
  const newLength = lengths[draw.weighted(LENGTHS)];
  // A place at the same page of another table lets the kernel move whole tables.
  const aligned = draw.chance(40);
  const target = draw.chance(85) ? drawAddress(draw) : (world.drawRange(layout)?.addr ?? drawAddress(draw));
  const table = 512 * PAGE_SIZE;
  const newAddr = aligned ? target - (target % table) + (addr % table) : target;
  const op: Op = { op: 'mremap', proc, addr, oldLength, newLength, newAddr };
  const overlap = newAddr < addr + oldLength && newAddr + newLength > addr;
  const several = within(layout, addr, addr + oldLength).length > 1;
  const fails = overlap || !isCovered(layout, addr, addr + oldLength) || (several && newLength !== oldLength);
  return fails ? { op } : { op, layout: moved(layout, addr, oldLength, newAddr, newLength) };
};

export const mremap: Family = {
  area: 'mremap',
  makers: [
    [56, drawMove],
    [14, drawResize],
  ],
};
