/** fork, vfork, spawn, exit and exec. */
import fc from 'fast-check';
import { arbWho } from './draws.js';
import { type Command, command, procOf } from './world.js';

const making = (op: 'fork' | 'vfork' | 'spawn'): fc.Arbitrary<Command> =>
  arbWho.map((who) =>
    command(op, who, (world) => {
      if (world.oracle.procs.size >= world.pool.procsMax) return null;
      return { op, proc: procOf(world, who).name, child: world.childName() };
    }),
  );

export const arbFork = making('fork');

/** A child that borrows its parent's memory, or that begins without any. */
export const arbVfork = fc.oneof({ weight: 3, arbitrary: making('vfork') }, making('spawn'));

/** Spares the last process, so that a trace goes on to its end. */
export const arbExit: fc.Arbitrary<Command> = arbWho.map((who) =>
  command('exit', who, (world) => {
    if (world.oracle.procs.size < 2) return null;
    return { op: 'exit', proc: procOf(world, who).name };
  }),
);

export const arbExec: fc.Arbitrary<Command> = arbWho.map((who) =>
  command('exec', who, (world) => ({ op: 'exec', proc: procOf(world, who).name })),
);
