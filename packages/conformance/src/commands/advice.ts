/** madvise, and pins. */
import type { Advice, PinHow } from '@forklab/core';
import fc from 'fast-check';
import { arbTarget } from './draws.js';
import { type Command, command, procOf, targetOf } from './world.js';

const advise = (arbAdvice: fc.Arbitrary<Advice>): fc.Arbitrary<Command> =>
  fc.record({ target: arbTarget, advice: arbAdvice }).map((draw) =>
    command('madvise', draw, (world) => {
      const found = targetOf(world, draw.target);
      return found && { op: 'madvise', proc: found.proc, addr: found.addr, length: found.length, advice: draw.advice };
    }),
  );

export const arbDontneed = advise(fc.constant('dontneed'));
/** What the child does not get, or gets empty, beside what it shares. */
export const arbForkAdvice = advise(
  fc.constantFrom('dontfork', 'dontfork', 'dofork', 'wipeonfork', 'wipeonfork', 'keeponfork'),
);
export const arbPopulate = advise(
  fc.constantFrom('populate_read', 'populate_write', 'normal', 'hugepage', 'nohugepage'),
);

/** Guards are put in more often than they are taken out, since taking out what is not there is nothing. */
export const arbGuard = advise(fc.constantFrom('guard_install', 'guard_install', 'guard_remove'));

const arbPin: fc.Arbitrary<Command> = fc
  .record({
    target: arbTarget,
    write: fc.boolean(),
    longterm: fc.boolean(),
    how: fc.constantFrom<PinHow>('slow', 'fast', 'get', 'get'),
  })
  .map((draw) =>
    command('pin', draw, (world) => {
      const found = targetOf(world, draw.target);
      if (found === null) return null;
      const { proc, addr, length } = found;
      return { op: 'pin', proc, addr, length, how: draw.how, write: draw.write, longterm: draw.longterm };
    }),
  );

const arbUnpin: fc.Arbitrary<Command> = fc.record({ who: fc.nat(5), which: fc.nat(5) }).map((draw) =>
  command('unpin', draw, (world) => {
    const { name, pins } = procOf(world, draw.who);
    const held = pins[draw.which % pins.length];
    return held === undefined ? null : { op: 'unpin', proc: name, addr: held.addr, length: held.length };
  }),
);

const arbPeek: fc.Arbitrary<Command> = fc.record({ who: fc.nat(5), which: fc.nat(5) }).map((draw) =>
  command('peek', draw, (world) => {
    const { name, pins } = procOf(world, draw.who);
    const held = pins[draw.which % pins.length];
    return held === undefined ? null : { op: 'peek', proc: name, addr: held.addr, length: held.length };
  }),
);

export const arbPinning: fc.Arbitrary<Command> = fc.oneof({ weight: 3, arbitrary: arbPin }, arbUnpin, {
  weight: 3,
  arbitrary: arbPeek,
});
