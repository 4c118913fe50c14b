/** Random traces: sequences of commands, each made into an operation where the commands before it have led. */
import { type Geometry, type Op, PAGE_SIZE, type Trace, type TraceHeader, X86_64 } from '@forklab/core';
import fc from 'fast-check';
import { createOracle } from '../flat-oracle.js';
import { arbDigest, arbRead, arbStray, arbWrite } from './access.js';
import { arbDontneed, arbForkAdvice, arbGuard, arbPinning, arbPopulate } from './advice.js';
import { arbBelowStack, arbBrk, arbLock } from './growth.js';
import { arbMmap, arbMprotect, arbMunmap, arbTruncate } from './mappings.js';
import { arbMremap } from './mremap.js';
import { type Pool, poolOf } from './pool.js';
import { arbExec, arbExit, arbFork, arbVfork } from './processes.js';
import { arbUffd } from './uffd.js';
import { type Command, createWorld } from './world.js';

export type { Pool } from './pool.js';
export type { Command } from './world.js';

/** Every command, with its weight: what breaks a shared table is drawn more often than what fills a private one. */
const WEIGHTED: readonly { readonly weight: number; readonly arbitrary: fc.Arbitrary<Command> }[] = [
  { weight: 12, arbitrary: arbMmap },
  { weight: 16, arbitrary: arbWrite },
  { weight: 5, arbitrary: arbRead },
  { weight: 4, arbitrary: arbDigest },
  { weight: 2, arbitrary: arbStray },
  { weight: 12, arbitrary: arbFork },
  { weight: 2, arbitrary: arbVfork },
  { weight: 6, arbitrary: arbExit },
  { weight: 1, arbitrary: arbExec },
  { weight: 7, arbitrary: arbMunmap },
  { weight: 6, arbitrary: arbMprotect },
  { weight: 7, arbitrary: arbMremap },
  { weight: 6, arbitrary: arbDontneed },
  { weight: 5, arbitrary: arbForkAdvice },
  { weight: 3, arbitrary: arbPopulate },
  { weight: 3, arbitrary: arbGuard },
  { weight: 8, arbitrary: arbUffd },
  { weight: 4, arbitrary: arbPinning },
  { weight: 2, arbitrary: arbTruncate },
  { weight: 2, arbitrary: arbBrk },
  { weight: 3, arbitrary: arbBelowStack },
  { weight: 2, arbitrary: arbLock },
];

/** Without these nothing is ever shared. */
const ESSENTIAL: ReadonlySet<fc.Arbitrary<Command>> = new Set([arbMmap, arbWrite, arbFork]);

export interface RandomTraceOptions {
  /** Default X86_64. */
  readonly geometry?: Geometry;
  /** Commands drawn for one trace, at most. Default 40. */
  readonly commands?: number;
  /** Draw from a random half of the kinds of commands only: fewer kinds meet each other more often. Default false. */
  readonly some?: boolean;
  /** Bound physical memory to a random number of pages, so few that allocations fail. Default false. */
  readonly starved?: boolean;
}

const COMMANDS_DEFAULT = 40;
/** Most pages of memory of a starved trace that stays inside one table's span; a few processes need a few times more. */
const STARVED_PAGES_MAX = 64;

/** Makes operations of commands, after the first process and the files that all traces begin with. */
export const traceOf = (
  pool: Pool,
  commands: readonly Command[],
  header: Pick<TraceHeader, 'name' | 'memory'>,
): Trace => {
  const oracle = createOracle(pool.geometry);
  const world = createWorld(pool, oracle);
  const ops: Op[] = [];
  const add = (op: Op): void => {
    ops.push(op);
    oracle.step(op);
  };
  add({ op: 'process', proc: 'p0' });
  for (const [i, size] of pool.fileSizes.entries()) add({ op: 'file', file: `f${i}`, size });
  for (const { toOp } of commands) {
    const op = toOp(world);
    if (op !== null) add(op);
  }
  return { header: { forklab: 'trace', version: 1, ...header }, ops };
};

/** Something to work on, so that no command of a trace goes to waste. */
const arbStart = fc.array(fc.tuple(arbMmap, arbWrite), { minLength: 1, maxLength: 3 }).map((pairs) => pairs.flat());

/** Random valid traces. Shrinking drops commands, and what is left is a valid trace again. */
export const arbTrace = (options: RandomTraceOptions = {}): fc.Arbitrary<Trace> => {
  const { geometry = X86_64, commands = COMMANDS_DEFAULT, starved = false, some = false } = options;
  const pool = poolOf(geometry);
  const length = { minLength: Math.ceil(commands / 4), maxLength: commands, size: 'max' } as const;
  const name = `random-${geometry.name}`;
  const arbHeader = fc
    .nat(STARVED_PAGES_MAX - 1)
    .map((n) => (starved ? { name, memory: (n + 1) * PAGE_SIZE } : { name }));
  const all = fc.oneof(...WEIGHTED);
  // @paper Groce et al., "Swarm testing": what is left out can no longer get in the way of what is not.
  const arbCommand = some
    ? fc
        .array(fc.boolean(), { minLength: WEIGHTED.length, maxLength: WEIGHTED.length })
        .map((kept) => fc.oneof(...WEIGHTED.filter(({ arbitrary }, k) => kept[k] || ESSENTIAL.has(arbitrary))))
    : fc.constant(all);
  // Without bias: fast-check prefers short and small, and what breaks strategies is a history.
  return fc
    .noBias(
      fc.tuple(
        arbHeader,
        arbStart,
        arbCommand.chain((one) => fc.array(one, length)),
      ),
    )
    .map(([header, start, rest]) => traceOf(pool, [...start, ...rest], header));
};
