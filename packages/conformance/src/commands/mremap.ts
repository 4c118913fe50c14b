/** mremap in all its forms: a move of pages, of tables, with another length, and in place. */
import { type MremapOp, PAGE_SIZE } from '@forklab/core';
import fc from 'fast-check';
import { arbTarget } from './draws.js';
import { arbPlace, placeOf } from './pool.js';
import { type Command, command, targetOf, type World } from './world.js';

const arbDraw = fc.record({
  target: arbTarget,
  to: arbPlace,
  /** `congruent`: the new place has the same offset into its table, so that whole tables can move. */
  how: fc.constantFrom('move', 'move', 'congruent', 'congruent', 'resize', 'grow', 'shrink'),
  pages: fc.nat(7),
});

type Draw = typeof arbDraw extends fc.Arbitrary<infer T> ? T : never;

const lengths = (draw: Draw, length: number): Pick<MremapOp, 'oldLength' | 'newLength'> => {
  const more = (1 + draw.pages) * PAGE_SIZE;
  const less = Math.max(PAGE_SIZE, length - more);
  switch (draw.how) {
    case 'grow':
      return { oldLength: length, newLength: length + more };
    case 'shrink':
      return { oldLength: length, newLength: less };
    case 'resize':
      return { oldLength: length, newLength: draw.pages % 2 === 0 ? length + more : less };
    default:
      return { oldLength: length, newLength: length };
  }
};

const newPlace = (world: World, draw: Draw, addr: number): { newAddr?: number } => {
  if (draw.how === 'grow' || draw.how === 'shrink') return {};
  const { slotBytes } = world.pool.geometry;
  const to = placeOf(world.pool, draw.to).addr;
  if (draw.how !== 'congruent') return { newAddr: to };
  return { newAddr: to - (to % slotBytes) + (addr % slotBytes) };
};

export const arbMremap: fc.Arbitrary<Command> = arbDraw.map((draw) =>
  command('mremap', draw, (world) => {
    const found = targetOf(world, draw.target);
    if (found === null) return null;
    const { proc, addr, length } = found;
    return { op: 'mremap', proc, addr, ...lengths(draw, length), ...newPlace(world, draw, addr) };
  }),
);
