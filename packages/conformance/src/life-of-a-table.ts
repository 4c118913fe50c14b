/** Is sharing real? Two traces on which a strategy that shares tables must be seen to do so, step by step. */
import { createRunner, type Geometry, type StrategyPlugin, type Trace, type Work, X86_64 } from '@forklab/core';
import { regression } from './regressions/script.js';

/** How much of some work the operations of one phase did. */
export interface Phase {
  readonly phase: string;
  readonly work: Work;
  /** Units counted in that phase. Sharing is real when it is above 0. */
  readonly count: number;
}

interface Expected {
  /** The phase is over after this note. */
  readonly note: string;
  readonly work: Work;
}

interface Life {
  readonly trace: (geometry: Geometry) => Trace;
  readonly expected: readonly Expected[];
}

const COPY_ON_WRITE: Life = {
  expected: [
    { note: 'shared at fork', work: 'tablesShared' },
    { note: 'broken by a write', work: 'tablesBroken' },
    { note: 'let go of at exit', work: 'tablesDropped' },
    { note: 'adopted by the last holder', work: 'tablesAdopted' },
    { note: 'freed at the last exit', work: 'tablesFreed' },
  ],
  trace: regression('life of a shared table', 'Shared, broken, let go of, adopted, freed.', (s) => {
    s.parent(2);
    s.fork('p0', 'p1');
    s.fork('p0', 'p2');
    s.note('shared at fork');
    s.write('p1', s.base, s.page);
    s.note('broken by a write');
    s.exit('p2');
    s.exit('p1');
    s.note('let go of at exit');
    s.write('p0', s.base, 2 * s.table);
    s.note('adopted by the last holder');
    s.exit('p0');
    s.note('freed at the last exit');
  }).trace,
};

const FILE_OWNED: Life = {
  expected: [
    { note: 'linked at a fault', work: 'tablesLinked' },
    { note: 'linked by another process', work: 'tablesLinked' },
    { note: 'let go of at exit', work: 'tablesDropped' },
    { note: 'freed at the last exit', work: 'tablesFreed' },
  ],
  trace: regression('life of a file’s table', 'Linked by two processes, let go of by each, freed.', (s) => {
    s.process('p0');
    s.process('p1');
    s.file('f0', s.table);
    for (const proc of ['p0', 'p1']) s.map(proc, s.base, s.table, { flags: ['shared'], file: 'f0' });
    s.write('p0', s.base, s.table);
    s.note('linked at a fault');
    s.read('p1', s.base, s.table);
    s.note('linked by another process');
    s.exit('p0');
    s.note('let go of at exit');
    s.exit('p1');
    s.note('freed at the last exit');
  }).trace,
};

const follow = ({ trace, expected }: Life, strategies: readonly StrategyPlugin[], geometry: Geometry): Phase[] => {
  const phases: Phase[] = [];
  let before = new Map<Work, number>();
  const runner = createRunner(trace(geometry), {
    strategies,
    geometry,
    onStep: ({ op, machine }) => {
      const ends = expected.find(({ note }) => note === op.note);
      if (!ends) return;
      const { work } = ends;
      phases.push({ phase: ends.note, work, count: machine.counters.total(work) - (before.get(work) ?? 0) });
      before = new Map(expected.map((other) => [other.work, machine.counters.total(other.work)]));
    },
  });
  while (runner.next());
  return phases;
};

/**
 * The phases that the traits of these strategies promise, with what was counted in each: for one that shares at fork,
 * the life of a private table; for one whose files own tables, the life of such a table.
 */
export const lifeOfATable = (strategies: readonly StrategyPlugin[], geometry: Geometry = X86_64): readonly Phase[] => [
  ...(strategies.some(({ traits }) => traits.shares !== 'nothing') ? follow(COPY_ON_WRITE, strategies, geometry) : []),
  ...(strategies.some(({ traits }) => traits.hosts.includes('file')) ? follow(FILE_OWNED, strategies, geometry) : []),
];
