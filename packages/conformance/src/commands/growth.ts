/** Heaps and stacks: what grows at one end. And locked memory, which is populated at once. */
import { PAGE_SIZE } from '@forklab/core';
import fc from 'fast-check';
import { FLAG } from '../oracle/types.js';
import { arbTarget, arbWho } from './draws.js';
import { arbPlace, placeOf } from './pool.js';
import { type Command, command, procOf, targetOf } from './world.js';

/** A heap begins anywhere, and then ends a few pages from where it ended, or begins. */
export const arbBrk: fc.Arbitrary<Command> = fc
  .record({ who: arbWho, place: arbPlace, pages: fc.integer({ min: -4, max: 9 }), odd: fc.constantFrom(0, 0, 0, 100) })
  .map((draw) =>
    command('brk', draw, (world) => {
      const { name, heap } = procOf(world, draw.who);
      if (heap.range === null) return { op: 'brk', proc: name, addr: placeOf(world.pool, draw.place).addr + draw.odd };
      const addr = (draw.pages < 0 ? heap.range.end : heap.range.start) + draw.pages * PAGE_SIZE + draw.odd;
      return { op: 'brk', proc: name, addr: Math.max(0, addr) };
    }),
  );

/** An access below memory that grows downwards, near enough or not. */
export const arbBelowStack: fc.Arbitrary<Command> = fc
  .record({ who: arbWho, which: fc.nat(3), pages: fc.integer({ min: 1, max: 7 }), write: fc.boolean() })
  .map((draw) =>
    command('below stack', draw, (world) => {
      const { name, vmas } = procOf(world, draw.who);
      const stacks = vmas.filter(({ flags }) => (flags & FLAG.growsdown) !== 0);
      const stack = stacks[draw.which % stacks.length];
      if (stack === undefined || stack.start < draw.pages * PAGE_SIZE) return null;
      const range = { proc: name, addr: stack.start - draw.pages * PAGE_SIZE, length: PAGE_SIZE };
      return draw.write ? { op: 'write', ...range, value: world.value() } : { op: 'read', ...range };
    }),
  );

export const arbLock: fc.Arbitrary<Command> = fc
  .record({ target: arbTarget, unlock: fc.constantFrom(false, true) })
  .map((draw) =>
    command('mlock', draw, (world) => {
      const found = targetOf(world, draw.target);
      if (found === null) return null;
      const { proc, addr, length } = found;
      return { op: draw.unlock ? 'munlock' : 'mlock', proc, addr, length };
    }),
  );
