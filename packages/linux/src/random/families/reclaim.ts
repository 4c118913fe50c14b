/** Pages given up, made cold, and written to swap. */

import type { Op } from '@forklab/core';
import type { Family, Maker } from '../family.js';

import { drawAdvice } from './advice.js';

export const free: Family = {
  area: 'free',
  makers: [
    [
      30,
      drawAdvice([
        [3, 'free'],
        [1, 'cold'],
      ]),
    ],
  ],
};

const drawSwapout: Maker = ({ world, proc, layout }) => {
  const range = world.drawRange(layout);
  return range && { op: { op: 'swapout', proc, ...range } };
};

/** Everything that any process has: the one reclaim of pages with several mappers that every kernel can do. */
const drawSwapoutOfAll: Maker = ({ world }) => {
  const all: Op[] = [];
  for (const [proc, layout] of world.layouts) {
    const near = layout.filter(({ large }) => !large);
    // Who waits for a vfork child has the same memory as that child.
    if (near.length === 0 || world.waits.has(proc)) continue;
    const addr = Math.min(...near.map(({ start }) => start));
    all.push({ op: 'swapout', proc, addr, length: Math.max(...near.map(({ end }) => end)) - addr });
  }
  const op = all.pop();
  if (op === undefined) return undefined;
  world.ops.push(...all);
  return { op };
};

export const swap: Family = {
  area: 'swap',
  makers: [
    [10, drawSwapout],
    [15, drawSwapoutOfAll],
    [15, drawAdvice([[1, 'pageout']])],
  ],
};
