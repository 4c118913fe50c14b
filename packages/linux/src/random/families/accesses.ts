/** Reads, writes, touches and digests. */

import { PAGE_SIZE, type TouchPattern } from '@forklab/core';
import type { Draw, Weighted } from '../draw.js';
import type { Family, Maker } from '../family.js';
import type { Layout } from '../layout.js';
import { drawAddress, drawRange } from '../places.js';

const STRIDES: Weighted<number | undefined> = [
  [30, undefined],
  [3, 2 * PAGE_SIZE],
  [2, 7 * PAGE_SIZE],
  [2, 512 * PAGE_SIZE],
];

/** A range to access; now and then not of what is mapped. Of a large region never every page. */
const drawTarget = (draw: Draw, layout: Layout) =>
  draw.chance(3)
    ? { addr: drawAddress(draw), length: PAGE_SIZE }
    : drawRange(
        draw,
        layout.filter(({ large }) => !large),
      );

export const drawWrite: Maker = ({ world, draw, proc, layout }) => {
  const range = drawTarget(draw, draw.chance(80) ? layout.filter(({ prot }) => prot[1] === 'w') : layout);
  const stride = draw.weighted(STRIDES);
  return range && { op: { op: 'write', proc, ...range, value: world.nextValue(), ...(stride ? { stride } : {}) } };
};

const drawRead: Maker = ({ draw, proc, layout }) => {
  const range = drawTarget(draw, draw.chance(80) ? layout.filter(({ prot }) => prot[0] === 'r') : layout);
  const stride = draw.weighted(STRIDES);
  return range && { op: { op: 'read', proc, ...range, ...(stride ? { stride } : {}) } };
};

const drawDigest: Maker = ({ draw, proc, layout }) => {
  const range = drawTarget(draw, layout);
  return range && { op: { op: 'digest', proc, ...range } };
};

const drawTouch: Maker = ({ world, draw, proc, layout }) => {
  const range = drawTarget(draw, layout);
  if (!range) return undefined;
  const pattern = draw.pick<TouchPattern>(['uniform', 'zipf', 'sequential']);
  const theta = pattern === 'zipf' ? { theta: draw.int(5, 15) / 10 } : {};
  const write = draw.chance(60) ? { write: true, value: world.nextValue() } : {};
  const count = draw.int(1, 200);
  return { op: { op: 'touch', proc, ...range, pattern, ...theta, count, seed: draw.int(0, 2 ** 31 - 1), ...write } };
};

export const accesses: Family = {
  area: 'memory',
  makers: [
    [240, drawWrite],
    [100, drawRead],
    [25, drawDigest],
    [15, drawTouch],
  ],
};
