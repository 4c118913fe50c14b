/** brk: a heap that begins at the first one, grows, shrinks, and now and then is asked for what cannot be. */

import { type Op, PAGE_SIZE } from '@forklab/core';
import type { Family, Maker } from '../family.js';
import { isFree, mapped, unmapped } from '../layout.js';
import { drawAddress, drawPages } from '../places.js';

const drawBrk: Maker = ({ world, draw, proc, layout }) => {
  const begin = world.heaps.get(proc);
  if (begin === undefined) {
    const addr = drawAddress(draw);
    world.heaps.set(proc, addr);
    return { op: { op: 'brk', proc, addr } };
  }
  const part = draw.chance(15) ? draw.int(0, PAGE_SIZE - 1) : 0;
  const addr = draw.chance(6) ? begin - PAGE_SIZE : begin + (draw.chance(15) ? 0 : drawPages(draw) * PAGE_SIZE) - part;
  const op: Op = { op: 'brk', proc, addr };
  const heap = layout.find(({ start, backing }) => start === begin && backing === 'anonymous');
  const end = Math.ceil(addr / PAGE_SIZE) * PAGE_SIZE;
  if (addr < begin) return { op };
  if (heap && end <= heap.end) return { op, layout: unmapped(layout, end, heap.end) };
  if (!isFree(layout, heap?.end ?? begin, end)) return { op };
  const region = { start: begin, end, prot: 'rw-', backing: 'anonymous', dontfork: false, wipeonfork: false } as const;
  return end > begin ? { op, layout: mapped(layout, region) } : { op };
};

export const heap: Family = { area: 'heap', makers: [[45, drawBrk]] };
