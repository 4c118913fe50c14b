/** fork, exit and exec. */
import type fc from 'fast-check';
import { arbWho } from './draws.js';
import { type Command, command, procOf } from './world.js';

export const arbFork: fc.Arbitrary<Command> = arbWho.map((who) =>
  command('fork', who, (world) => {
    if (world.oracle.procs.size >= world.pool.procsMax) return null;
    return { op: 'fork', proc: procOf(world, who).name, child: world.childName() };
  }),
);

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
