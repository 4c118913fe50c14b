/** What a command finds when its turn comes: who lives, what is mapped, which names are free. */
import type { Op } from '@forklab/core';
import type { FlatProc, FlatVma, Oracle } from '../flat-oracle.js';
import { type Part, type Pool, partOf, type Range } from './pool.js';

/** Which process, and which of its VMAs: indices that wrap around. */
export interface Target {
  readonly who: number;
  readonly vma: number;
  readonly part: Part;
}

export interface World {
  readonly pool: Pool;
  readonly oracle: Oracle;
  /** A name that no process of this trace has had. */
  childName(): string;
  /** A value that no store of this trace has stored. */
  value(): number;
}

/**
 * A drawn step that does not know yet what it will meet: `toOp` decides, and answers null when there is nothing to do.
 * It holds plain draws only, so that any subset of a sequence of commands is one, too.
 */
export interface Command {
  toOp(world: World): Op | null;
  toString(): string;
}

export const command = (name: string, draw: unknown, toOp: (world: World) => Op | null): Command => ({
  toOp,
  toString: () => `${name}${JSON.stringify(draw)}`,
});

export const createWorld = (pool: Pool, oracle: Oracle): World => {
  let names = 0;
  let values = 0;
  return { pool, oracle, childName: () => `p${++names}`, value: () => ++values };
};

const nth = <T>(all: Iterable<T>, index: number): T | undefined => {
  const list = [...all];
  return list[index % list.length];
};

/** Processes that do something: not those that wait for a vfork child. */
export const runningIn = (world: World): readonly FlatProc[] =>
  [...world.oracle.procs.values()].filter(({ waitsFor }) => waitsFor === null);

/** The running process that a draw means. There is always one: `exit` spares the last. */
export const procOf = (world: World, who: number): FlatProc => nth(runningIn(world), who) as FlatProc;

/** The process and the range that a draw means; null when the process has nothing mapped. */
export const targetOf = (
  world: World,
  { who, vma: index, part }: Target,
): ({ readonly proc: string; readonly vma: FlatVma } & Range) | null => {
  const proc = procOf(world, who);
  const vma = nth(proc.vmas, index);
  return vma === undefined ? null : { proc: proc.name, vma, ...partOf(world.pool, vma.start, vma.end, part) };
};
