/** read, write and digest, of what is mapped and now and then of what may not be. */
import fc from 'fast-check';
import { arbTarget, arbWho, strideFor } from './draws.js';
import { arbPlace, placeOf } from './pool.js';
import { type Command, command, procOf, targetOf } from './world.js';

const arbAccess = fc.record({ target: arbTarget, skew: fc.nat(6) });

export const arbWrite: fc.Arbitrary<Command> = arbAccess.map((draw) =>
  command('write', draw, (world) => {
    const found = targetOf(world, draw.target);
    if (found === null) return null;
    const { proc, addr, length } = found;
    return { op: 'write', proc, addr, length, value: world.value(), ...strideFor(length, draw.skew) };
  }),
);

export const arbRead: fc.Arbitrary<Command> = arbAccess.map((draw) =>
  command('read', draw, (world) => {
    const found = targetOf(world, draw.target);
    if (found === null) return null;
    const { proc, addr, length } = found;
    return { op: 'read', proc, addr, length, ...strideFor(length, draw.skew) };
  }),
);

export const arbDigest: fc.Arbitrary<Command> = arbTarget.map((draw) =>
  command('digest', draw, (world) => {
    const found = targetOf(world, draw);
    return found && { op: 'digest', proc: found.proc, addr: found.addr, length: found.length };
  }),
);

/** Anywhere in the pool: a hole must stay one, whatever the table around it is shared with. */
export const arbStray: fc.Arbitrary<Command> = fc
  .record({ who: arbWho, place: arbPlace, write: fc.boolean() })
  .map((draw) =>
    command('stray', draw, (world) => {
      const proc = procOf(world, draw.who).name;
      const { addr, length } = placeOf(world.pool, draw.place);
      const stride = strideFor(length, 0);
      if (draw.write) return { op: 'write', proc, addr, length, value: world.value(), ...stride };
      return { op: 'read', proc, addr, length, ...stride };
    }),
  );
