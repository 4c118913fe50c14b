/** Reads, writes, touches and digests. */

import { PAGE_SIZE, type TouchPattern } from '@forklab/core';
import type { Weighted } from '../draw.js';
import type { Family, Maker, Scene } from '../family.js';
import type { Layout } from '../layout.js';
import { drawAddress } from '../places.js';

const STRIDES: Weighted<number | undefined> = [
  [30, undefined],
  [3, 2 * PAGE_SIZE],
  [2, 7 * PAGE_SIZE],
  [2, 512 * PAGE_SIZE],
];

/** A range to access; now and then not of what is mapped. Of a large region never every page. */
const drawTarget = ({ world, draw }: Scene, layout: Layout) =>
  draw.chance(3)
    ? { addr: drawAddress(draw), length: PAGE_SIZE }
    : world.drawRange(layout.filter(({ large }) => !large));

export const drawWrite: Maker = (scene) => {
  const { world, draw, proc, layout } = scene;
  const range = drawTarget(scene, draw.chance(80) ? layout.filter(({ prot }) => prot[1] === 'w') : layout);
  const stride = draw.weighted(STRIDES);
  return range && { op: { op: 'write', proc, ...range, value: world.nextValue(), ...(stride ? { stride } : {}) } };
};

const drawRead: Maker = (scene) => {
  const { draw, proc, layout } = scene;
  const range = drawTarget(scene, draw.chance(80) ? layout.filter(({ prot }) => prot[0] === 'r') : layout);
  const stride = draw.weighted(STRIDES);
  return range && { op: { op: 'read', proc, ...range, ...(stride ? { stride } : {}) } };
};

const drawDigest: Maker = (scene) => {
  const { proc, layout } = scene;
  const range = drawTarget(scene, layout);
  return range && { op: { op: 'digest', proc, ...range } };
};

const drawTouch: Maker = (scene) => {
  const { world, draw, proc, layout } = scene;
  const range = drawTarget(scene, layout);
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
