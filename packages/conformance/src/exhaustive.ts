/**
 * Every sequence of operations up to a length, in a world so small that there are not too many: two tables of four
 * entries, three processes, one pin at a time. States that differ in names alone are one state, and are left once.
 */
import { type Machine, type Op, PAGE_SIZE, type StrategyPlugin, TINY, type Trace } from '@forklab/core';
import type { Breakage } from './breakage.js';
import { canonical, hashOf } from './canonical.js';
import { CheckedRun } from './check-trace.js';
import { baseOf } from './layout.js';

const BASE = baseOf(TINY);
const TABLE = TINY.slotBytes;
const LAST_OF_FIRST = BASE + TABLE - PAGE_SIZE;
const THIRD = BASE + 2 * TABLE;
const PROCS_MAX = 3;
export const DEPTH_DEFAULT = 6;

const start = (...mapping: Op[]): readonly Op[] => [
  { op: 'process', proc: 'p0' },
  ...mapping,
  { op: 'write', proc: 'p0', addr: LAST_OF_FIRST, length: 2 * PAGE_SIZE, value: 1 },
];

const mapped = { op: 'mmap', proc: 'p0', addr: BASE, length: 2 * TABLE, prot: 'rw-' } as const;

/** One mapping over two tables; a page of each, on either side of the border between them, has been written. */
const PRIVATE: readonly Op[] = start({ ...mapped, flags: ['private', 'anonymous'] });
const OF_A_FILE: readonly Op[] = start(
  { op: 'file', file: 'f', size: 2 * TABLE },
  { ...mapped, flags: ['shared'], file: 'f', offset: 0 },
);

const page = { addr: LAST_OF_FIRST, length: PAGE_SIZE } as const;
const table = { addr: BASE, length: TABLE } as const;

/** What one process may do next. Untouched entries and further pages of a table would only repeat this. */
const opsOf = (proc: string, m: Machine, value: number): Op[] => {
  const ops: Op[] = [
    { op: 'write', proc, ...page, value },
    { op: 'read', proc, addr: BASE, length: PAGE_SIZE },
    { op: 'munmap', proc, ...page },
    { op: 'munmap', proc, ...table },
    { op: 'madvise', proc, ...page, advice: 'dontneed' },
    { op: 'mprotect', proc, ...page, prot: 'r--' },
    { op: 'mprotect', proc, ...table, prot: 'rw-' },
    { op: 'mremap', proc, addr: page.addr, oldLength: PAGE_SIZE, newLength: PAGE_SIZE, newAddr: THIRD - PAGE_SIZE },
    { op: 'mremap', proc, addr: BASE, oldLength: TABLE, newLength: TABLE, newAddr: THIRD },
  ];
  const pinned = [...m.procs.values()].find(({ pins }) => pins.length > 0);
  if (pinned === undefined) ops.push({ op: 'pin', proc, ...page, write: false });
  else if (pinned.name === proc) ops.push({ op: 'unpin', proc, ...page });
  if (m.procs.size < PROCS_MAX) ops.push({ op: 'fork', proc, child: `p${value}` });
  if (m.procs.size > 1) ops.push({ op: 'exit', proc });
  return ops;
};

export interface Enumerated {
  readonly depth: number;
  /** States, alike ones counted once. */
  readonly states: number;
  /** Operations tried in them. */
  readonly transitions: number;
}

export interface EnumerationProgress {
  readonly depth: number;
  readonly done: number;
  readonly of: number;
}

const traceOf = (ops: readonly Op[]): Trace => ({
  header: { forklab: 'trace', version: 1, name: `exhaustive-${TINY.name}` },
  ops,
});

/**
 * Tries everything, and tells what breaks. Contents are compared without loads, which would change the state. Strategies
 * with tables that a file owns are tried with a shared mapping of a file, too.
 */
export function* enumerate(
  strategies: readonly StrategyPlugin[],
  relaxed: ReadonlySet<string>,
  found: (breakage: Breakage, trace: Trace) => void,
  depth = DEPTH_DEFAULT,
): Generator<EnumerationProgress, Enumerated, void> {
  const hosts = strategies.some(({ traits }) => traits.hosts.length > 0);
  let states = 0;
  let transitions = 0;
  for (const from of hosts ? [OF_A_FILE, PRIVATE] : [PRIVATE]) {
    const search = new Search(strategies, relaxed, found);
    yield* search.from(from, depth);
    states += search.seen.size;
    transitions += search.transitions;
  }
  return { depth, states, transitions };
}

class Search {
  readonly seen = new Set<number>();
  transitions = 0;
  readonly #strategies: readonly StrategyPlugin[];
  readonly #relaxed: ReadonlySet<string>;
  readonly #found: (breakage: Breakage, trace: Trace) => void;

  constructor(
    strategies: readonly StrategyPlugin[],
    relaxed: ReadonlySet<string>,
    found: (breakage: Breakage, trace: Trace) => void,
  ) {
    this.#strategies = strategies;
    this.#relaxed = relaxed;
    this.#found = found;
  }

  #reach(ops: readonly Op[], checkFrom: number): CheckedRun {
    const options = { geometry: TINY, relaxed: this.#relaxed, checkFrom };
    const run = new CheckedRun(traceOf(ops), this.#strategies, options);
    while (run.next());
    return run;
  }

  /** A state that has not been met, after all of `ops`? What the last of them breaks is told. */
  #isNew(ops: readonly Op[]): boolean {
    const run = this.#reach(ops, ops.length);
    this.transitions++;
    const wrong = run.breakage ?? run.compareContents();
    if (wrong) {
      this.#found(wrong, traceOf(ops));
      return false;
    }
    const hash = hashOf(canonical(run.machine));
    if (this.seen.has(hash)) return false;
    this.seen.add(hash);
    return true;
  }

  *from(start: readonly Op[], depth: number): Generator<EnumerationProgress, void, void> {
    let layer: (readonly Op[])[] = this.#isNew(start) ? [start] : [];
    for (let level = 1; level <= depth; level++) {
      const next: (readonly Op[])[] = [];
      for (const [k, before] of layer.entries()) {
        const { machine } = this.#reach(before, Number.POSITIVE_INFINITY);
        const moves = [...machine.procs.keys()].flatMap((proc) => opsOf(proc, machine, level + 1));
        for (const op of moves) {
          const ops = [...before, op];
          if (this.#isNew(ops) && level < depth) next.push(ops);
        }
        yield { depth: level, done: k + 1, of: layer.length };
      }
      layer = next;
    }
  }
}
