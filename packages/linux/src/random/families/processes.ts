/** fork, exit and exec. */

import type { Family, Maker } from '../family.js';
import { inherited } from '../layout.js';

const drawFork: Maker = ({ world, proc, layout }) => {
  if (!world.mayGrow) return undefined;
  const child = world.newProc(inherited(layout));
  const heap = world.heaps.get(proc);
  if (heap !== undefined) world.heaps.set(child, heap);
  return { op: { op: 'fork', proc, child } };
};

const drawExit: Maker = ({ world, proc }) => {
  if (world.layouts.size < 2) return undefined;
  world.forget(proc);
  world.layouts.delete(proc);
  return { op: { op: 'exit', proc } };
};

const drawExec: Maker = ({ world, proc }) => {
  if (world.layouts.size < 2) return undefined;
  world.forget(proc);
  return { op: { op: 'exec', proc }, layout: [] };
};

export const processes: Family = {
  area: 'processes',
  makers: [
    [90, drawFork],
    [22, drawExit],
    [3, drawExec],
  ],
};
