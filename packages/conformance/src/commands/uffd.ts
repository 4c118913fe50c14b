/** userfaultfd write protection: a range is registered and protected, or loses protection, or its registration. */
import { UFFD_MODES, type UffdMode } from '@forklab/core';
import fc from 'fast-check';
import { arbTarget, strideFor } from './draws.js';
import { partOf } from './pool.js';
import { type Command, command, type Target, targetOf, type World } from './world.js';

interface Draw {
  readonly target: Target;
  readonly mode: UffdMode;
}

const arbDraw: fc.Arbitrary<Draw> = fc.record({ target: arbTarget, mode: fc.constantFrom(...UFFD_MODES) });

const register = (world: World, { target, mode }: Draw) => {
  const found = targetOf(world, target);
  if (found === null) return null;
  const { proc, addr, length } = found;
  return { op: 'uffd_register', proc, addr, length, mode } as const;
};

/** The range that a draw means, in a VMA that is registered, of any process that can act; null when none is. */
const registeredOf = (world: World, { who, vma, part }: Target) => {
  const procs = [...world.oracle.procs.values()].filter(({ waitsFor }) => waitsFor === null);
  const all = procs.flatMap(({ name, vmas }) => vmas.filter(({ uffd }) => uffd !== null).map((it) => ({ name, it })));
  const found = all[(who + vma) % all.length];
  return found === undefined ? null : { proc: found.name, ...partOf(world.pool, found.it.start, found.it.end, part) };
};

const arbRegister: fc.Arbitrary<Command> = arbDraw.map((draw) =>
  command('uffd_register', draw, (world) => register(world, draw)),
);

/** Protected more often than not. Where nothing is registered yet, it is registered instead. */
const arbWriteprotect: fc.Arbitrary<Command> = fc.tuple(arbDraw, fc.nat(4)).map(([draw, unprotect]) =>
  command('uffd_writeprotect', { ...draw, unprotect }, (world) => {
    const found = registeredOf(world, draw.target);
    if (found === null) return register(world, draw);
    const { proc, addr, length } = found;
    return { op: 'uffd_writeprotect', proc, addr, length, protect: unprotect > 0 };
  }),
);

const arbUnregister: fc.Arbitrary<Command> = arbDraw.map((draw) =>
  command('uffd_unregister', draw, (world) => {
    const found = registeredOf(world, draw.target);
    if (found === null) return null;
    const { proc, addr, length } = found;
    return { op: 'uffd_unregister', proc, addr, length, mode: draw.mode };
  }),
);

/** What all of it is about. */
const arbStore: fc.Arbitrary<Command> = arbTarget.map((target) =>
  command('write', target, (world) => {
    const found = registeredOf(world, target);
    if (found === null) return null;
    const { proc, addr, length } = found;
    return { op: 'write', proc, addr, length, value: world.value(), ...strideFor(length, 0) };
  }),
);

export const arbUffd: fc.Arbitrary<Command> = fc.oneof(
  { weight: 3, arbitrary: arbRegister },
  { weight: 8, arbitrary: arbWriteprotect },
  { weight: 4, arbitrary: arbStore },
  { weight: 1, arbitrary: arbUnregister },
);
