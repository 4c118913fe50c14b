/** Huge pages: whole tables of memory that asks for them. */

import type { Op } from '@forklab/core';
import type { Weighted } from '../draw.js';
import type { Family, Maker } from '../family.js';
import { isFree, mapped, type Region } from '../layout.js';
import { drawAddress, MIB2 } from '../places.js';
import { drawAdvice } from './advice.js';

const TABLES: Weighted<number> = [
  [6, 1],
  [4, 2],
  [2, 3],
];

/** A mapping of whole tables, mostly aligned. What asks for huge pages is an advice of its own. */
const drawWhole: Maker = ({ draw, proc, layout }) => {
  const start = Math.floor(drawAddress(draw) / MIB2) * MIB2 + (draw.chance(20) ? MIB2 / 2 : 0);
  const length = draw.weighted(TABLES) * MIB2;
  const op: Op = { op: 'mmap', proc, addr: start, length, prot: 'rw-', flags: ['private', 'anonymous'] };
  const fields = { prot: 'rw-', backing: 'anonymous', dontfork: false, wipeonfork: false } as const;
  const region: Region = { start, end: start + length, ...fields };
  return isFree(layout, start, start + length) ? { op, layout: mapped(layout, region) } : { op };
};

export const thp: Family = {
  area: 'thp',
  makers: [
    [25, drawWhole],
    [
      35,
      drawAdvice([
        [5, 'hugepage'],
        [1, 'nohugepage'],
      ]),
    ],
  ],
};
