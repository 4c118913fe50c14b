/** Pages given up, made cold, and written to swap. */

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

export const swap: Family = {
  area: 'swap',
  makers: [
    [35, drawSwapout],
    [15, drawAdvice([[1, 'pageout']])],
  ],
};
