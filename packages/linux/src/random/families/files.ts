/** Memory files: their making and truncation. What maps them is `mappings.ts`, once there are any. */

import { type Op, PAGE_SIZE } from '@forklab/core';
import type { Weighted } from '../draw.js';
import type { Family, Maker } from '../family.js';
import type { World } from '../world.js';

const FILE_SIZES: Weighted<number> = [
  [2, 1500 * PAGE_SIZE],
  [1, 3000 * PAGE_SIZE],
  [2, 16 * PAGE_SIZE],
  [1, 40 * PAGE_SIZE + 100],
  [1, 0],
];

const FILES_MAX = 4;

const newFile = (world: World): Op => {
  const file = `f${world.files.length}`;
  world.files.push(file);
  return { op: 'file', file, size: world.draw.weighted(FILE_SIZES) };
};

/** The files that a trace begins with. */
export const firstFiles = (world: World): Op[] => [newFile(world), newFile(world)];

const drawFile: Maker = ({ world }) => (world.files.length < FILES_MAX ? { op: newFile(world) } : undefined);

const drawTruncate: Maker = ({ world, draw }) => {
  const file = draw.pickOr(world.files);
  if (file === undefined) return undefined;
  const size = draw.chance(50) ? draw.weighted(FILE_SIZES) : draw.int(0, 2000) * 2048;
  return { op: { op: 'truncate', file, size } };
};

export const files: Family = {
  area: 'files',
  makers: [
    [12, drawTruncate],
    [2, drawFile],
  ],
};
