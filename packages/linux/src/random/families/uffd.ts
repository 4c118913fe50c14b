/** Write protection by userfaultfd. */

import { type Op, UFFD_MODES } from '@forklab/core';
import type { Family, Maker } from '../family.js';
import { changed, endOf } from '../layout.js';

const drawUffd: Maker = ({ world, draw, proc, layout }) => {
  const range = world.drawRange(layout.filter(({ large }) => !large));
  if (range === undefined) return undefined;
  const mode = draw.pick(UFFD_MODES);
  const protect = draw.chance(65);
  const op = draw.weighted<Op>([
    [4, { op: 'uffd_register', proc, ...range, mode }],
    [1, { op: 'uffd_unregister', proc, ...range, mode }],
    [6, { op: 'uffd_writeprotect', proc, ...range, protect }],
  ]);
  if (op.op !== 'uffd_register') return { op };
  return { op, layout: changed(layout, range.addr, endOf(range.addr, range.length), { watched: true }) };
};

export const uffd: Family = { area: 'uffd', makers: [[50, drawUffd]] };
