/** Mappings that span GiB and more: their borders are where upper tables begin. No page of them is reserved. */

import { type Op, PAGE_SIZE, type Prot } from '@forklab/core';
import type { Weighted } from '../draw.js';
import type { Family, Maker } from '../family.js';
import { isFree, mapped, type Region } from '../layout.js';
import { BASE, GIB, GIB512, MIB2 } from '../places.js';

const LENGTHS: Weighted<number> = [
  [4, GIB],
  [3, GIB + PAGE_SIZE],
  [2, GIB - PAGE_SIZE],
  [3, 2 * GIB],
  [2, 3 * GIB + MIB2],
  [2, GIB512],
  [1, GIB512 + GIB],
];

const BEGINS: Weighted<number> = [
  [4, 0],
  [2, PAGE_SIZE],
  [3, -PAGE_SIZE],
  [2, -MIB2],
  [2, GIB - PAGE_SIZE],
  [3, -GIB],
];

const PROTS: Weighted<Prot> = [
  [6, 'rw-'],
  [1, 'r--'],
  [1, '---'],
];

const drawLarge: Maker = ({ draw, proc, layout }) => {
  const length = draw.weighted(LENGTHS);
  // Slots of 512 GiB that small mappings use seldom, or never.
  const start = BASE + draw.int(1, 12) * GIB512 + draw.weighted(BEGINS);
  const prot = draw.weighted(PROTS);
  const shared = draw.chance(20);
  const op: Op = {
    op: 'mmap',
    proc,
    addr: start,
    length,
    prot,
    flags: [shared ? 'shared' : 'private', 'anonymous', 'noreserve'],
  };
  if (!isFree(layout, start, start + length)) return { op };
  const backing = shared ? 'shared' : 'anonymous';
  const region: Region = { start, end: start + length, prot, backing, dontfork: false, wipeonfork: false, large: true };
  return { op, layout: mapped(layout, region) };
};

const STEPS_MAX = 24;

/** A few pages far apart, one in each table or in each GiB, around a border or from the start. */
const drawHop: Maker = ({ world, draw, proc, layout }) => {
  const region = draw.pickOr(layout.filter(({ large }) => large));
  if (region === undefined) return undefined;
  const size = region.end - region.start;
  const stride = draw.pick([MIB2, GIB, MIB2 + PAGE_SIZE, GIB + MIB2, PAGE_SIZE]);
  const border = Math.ceil(region.start / GIB) * GIB;
  const from = draw.chance(50) ? region.start : border + draw.pick([-2, -1, 0]) * stride;
  const addr = Math.max(region.start, Math.min(from, region.end - PAGE_SIZE));
  const count = Math.min(draw.int(1, STEPS_MAX), Math.max(1, Math.floor(Math.min(size, region.end - addr) / stride)));
  const range = { addr, length: count * stride, stride };
  if (draw.chance(65)) return { op: { op: 'write', proc, ...range, value: world.nextValue() } };
  return { op: { op: 'read', proc, ...range } };
};

export const large: Family = {
  area: 'large',
  makers: [
    [12, drawLarge],
    [40, drawHop],
  ],
};
