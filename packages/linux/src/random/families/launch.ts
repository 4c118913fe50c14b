/** vfork, whose child borrows the memory while the parent waits, and spawn, whose child has none. */

import type { Family, Maker } from '../family.js';

const drawVfork: Maker = ({ world, proc, layout }) => {
  if (!world.mayGrow) return undefined;
  const child = world.newProc(layout);
  world.waits.set(proc, child);
  const heap = world.heaps.get(proc);
  if (heap !== undefined) world.heaps.set(child, heap);
  return { op: { op: 'vfork', proc, child } };
};

const drawSpawn: Maker = ({ world, proc }) =>
  world.mayGrow ? { op: { op: 'spawn', proc, child: world.newProc([]) } } : undefined;

export const launch: Family = {
  area: 'launch',
  makers: [
    [18, drawVfork],
    [6, drawSpawn],
  ],
};
