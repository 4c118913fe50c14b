/** Huge pages: whole tables of memory that asks for them, and operations on them and on parts of them. */

import type { Op } from '@forklab/core';
import type { Weighted } from '../draw.js';
import type { Family, Maker } from '../family.js';
import { changed, isFree, type Layout, mapped, unmapped } from '../layout.js';
import { drawAddress, MIB2, type Range } from '../places.js';
import { drawAdvice } from './advice.js';

const TABLES: Weighted<number> = [
  [6, 1],
  [4, 2],
  [2, 3],
];

/** What is done first to memory that has been made ready. */
const FIRST: Weighted<'write' | 'write all' | 'read' | 'nothing'> = [
  [5, 'write'],
  [2, 'write all'],
  [3, 'read'],
  [2, 'nothing'],
];

/** A mapping of whole tables, mostly aligned, that asks for huge pages and mostly gets one at once. */
const drawWhole: Maker = ({ world, draw, proc, layout }) => {
  const addr = Math.floor(drawAddress(draw) / MIB2) * MIB2 + (draw.chance(15) ? MIB2 / 2 : 0);
  const length = draw.weighted(TABLES) * MIB2;
  const map: Op = { op: 'mmap', proc, addr, length, prot: 'rw-', flags: ['private', 'anonymous'] };
  if (!isFree(layout, addr, addr + length)) return { op: map };
  const fields = { prot: 'rw-', backing: 'anonymous', dontfork: false, wipeonfork: false } as const;
  const after = mapped(layout, { start: addr, end: addr + length, ...fields });
  const advise: Op = { op: 'madvise', proc, addr, length, advice: 'hugepage' };
  const first = draw.weighted(FIRST);
  world.ops.push(map);
  if (first === 'nothing') return { op: advise, layout: after };
  world.ops.push(advise);
  if (first === 'read') return { op: { op: 'read', proc, addr, length, stride: MIB2 }, layout: after };
  const stride = first === 'write' ? MIB2 : draw.weighted<number>(WRITE_STRIDES);
  return { op: { op: 'write', proc, addr, length, stride, value: world.nextValue() }, layout: after };
};

const WRITE_STRIDES: Weighted<number> = [
  [4, 4096],
  [2, 8192],
  // Not at the start of every page, so that some are empty but for bytes that no digest sees.
  [1, 6000],
];

const PARTS: Weighted<number> = [
  [3, 1],
  [3, 0.5],
  [2, 0.25],
  [2, 1 / 512],
];

/** A block of 2 MiB that is mapped, or an aligned part of it. */
const drawBlock = (layout: Layout, draw: Parameters<Maker>[0]['draw']): Range | undefined => {
  const region = draw.pickOr(layout.filter(({ start, end, large }) => !large && end - start >= MIB2));
  if (region === undefined) return undefined;
  const blocks = Math.floor((region.end - Math.ceil(region.start / MIB2) * MIB2) / MIB2);
  if (blocks < 1) return undefined;
  const length = MIB2 * draw.weighted(PARTS);
  const block = (Math.ceil(region.start / MIB2) + draw.int(0, blocks - 1)) * MIB2;
  return { addr: block + draw.int(0, MIB2 / length - 1) * length, length };
};

/** Something that acts on huge pages as a whole, or has to split one. */
const drawPart: Maker = ({ world, draw, proc, layout }) => {
  const range = drawBlock(layout, draw);
  if (range === undefined) return undefined;
  const end = range.addr + range.length;
  switch (draw.int(0, 6)) {
    case 0:
      return { op: { op: 'munmap', proc, ...range }, layout: unmapped(layout, range.addr, end) };
    case 1: {
      const prot = draw.pick(['r--', 'rw-', 'rw-'] as const);
      return { op: { op: 'mprotect', proc, ...range, prot }, layout: changed(layout, range.addr, end, { prot }) };
    }
    case 2:
    case 3:
      return { op: { op: 'madvise', proc, ...range, advice: 'dontneed' } };
    case 4:
      return { op: { op: 'read', proc, ...range } };
    default:
      return { op: { op: 'write', proc, ...range, value: world.nextValue() } };
  }
};

export const thp: Family = {
  area: 'thp',
  makers: [
    [30, drawWhole],
    [30, drawPart],
    [
      10,
      drawAdvice([
        [3, 'hugepage'],
        [1, 'nohugepage'],
      ]),
    ],
  ],
};
