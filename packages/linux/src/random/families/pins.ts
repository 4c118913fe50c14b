/** Pins that stay, as io_uring's registered buffers are; unpinned, or left to the end of their process. */

import { type Op, PAGE_SIZE } from '@forklab/core';
import type { Family, Maker } from '../family.js';

const FLAGS = { write: true, longterm: true } as const;
const PAGES_MAX = 64;

const drawPin: Maker = ({ world, draw, proc, layout }) => {
  const range = world.drawRange(layout.filter(({ large, prot }) => !large && (prot[1] === 'w' || draw.chance(15))));
  if (range === undefined) return undefined;
  const length = Math.min(range.length, draw.int(1, PAGES_MAX) * PAGE_SIZE);
  const how = draw.chance(50)
    ? ({ how: 'get' } as const)
    : { ...FLAGS, ...(draw.chance(50) ? ({ how: 'fast' } as const) : {}) };
  const op: Op = { op: 'pin', proc, addr: range.addr, length, ...how };
  if (!world.pinned.some((it) => it.proc === proc && it.addr === op.addr && it.length === length)) {
    world.pinned.push({ proc, addr: op.addr, length });
  }
  return { op };
};

const drawUnpin: Maker = ({ world, draw, proc }) => {
  const pinned = draw.pickOr(world.pinned.filter((it) => it.proc === proc));
  if (pinned === undefined) return undefined;
  if (!draw.chance(5)) world.pinned.splice(world.pinned.indexOf(pinned), 1);
  return { op: { op: 'unpin', ...pinned } };
};

const drawPeek: Maker = ({ world, draw, proc }) => {
  const pinned = draw.pickOr(world.pinned.filter((it) => it.proc === proc));
  return pinned && { op: { op: 'peek', ...pinned } };
};

export const pins: Family = {
  area: 'pins',
  makers: [
    [45, drawPin],
    [20, drawUnpin],
    [40, drawPeek],
  ],
};
