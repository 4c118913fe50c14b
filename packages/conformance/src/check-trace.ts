/** One trace, run on the machine and on the oracle side by side, up to the first thing that is wrong. */
import {
  createRunner,
  type Geometry,
  isForklabError,
  type KernelRelease,
  type Machine,
  type Op,
  type Outcome,
  type Runner,
  type StepResult,
  type StrategyPlugin,
  type Trace,
  type Work,
  X86_64,
} from '@forklab/core';
import { createOracle, type Oracle, type OracleAnswer } from './flat-oracle.js';

/** What the kit itself holds strategies to, beside core's invariants. */
export const KIT_INVARIANTS = {
  'same-result': 'Every operation answers what it answers without any sharing.',
  'same-contents': 'Every process reads what it would read if fork had copied all of its memory.',
  'nothing-remains': 'After the last process has gone no table, page or charge is left.',
  'counters-balance': 'When nothing is left, as many pages and tables were counted as freed as were allocated.',
  'no-exception': 'The machine and the strategy throw nothing, whatever the trace.',
} as const;

/** The first thing that went wrong in a run. */
export interface Breakage {
  /** Id of an invariant of core, or of `KIT_INVARIANTS`. */
  readonly invariant: string;
  /** The invariant in a sentence. */
  readonly says: string;
  /** Line index of the operation after which it showed, the header being 0. */
  readonly step: number;
  /** What was found instead. */
  readonly detail: string;
}

export interface CheckTraceOptions {
  /** Default X86_64. */
  readonly geometry?: Geometry;
  readonly kernel?: KernelRelease;
  readonly tableReclaim?: 'pt-reclaim' | 'none';
}

export interface CheckedTrace {
  /** null: nothing is wrong. */
  readonly breakage: Breakage | null;
  /** Work done, by name, up to there; what is done to shared tables by cause, too: `tablesBroken: mprotect`. */
  readonly events: Readonly<Record<string, number>>;
}

const breakage = (invariant: keyof typeof KIT_INVARIANTS, step: number, detail: string): Breakage => ({
  invariant,
  says: KIT_INVARIANTS[invariant],
  step,
  detail,
});

/** Operations that change nothing at all when they fail for want of memory. The others may be half done. */
const ALL_OR_NOTHING: ReadonlySet<Op['op']> = new Set(['fork', 'mmap', 'munmap', 'read', 'digest', 'file', 'process']);

const nameOf = (op: Op): string => ('proc' in op && op.proc !== undefined ? `${op.op} of ${op.proc}` : op.op);

/** The oracle's side of a run: it follows what the machine could do at all, and judges that. */
class Judge {
  readonly #oracle: Oracle;
  /** What the oracle holds is no longer what the machine should hold: only core's invariants are left to check. */
  #blind = false;

  constructor(geometry: Geometry) {
    this.#oracle = createOracle(geometry);
  }

  /** `starved`: an allocation failed during the step. */
  judge(i: number, op: Op, seen: StepResult | null, starved: boolean): Breakage | null {
    if (this.#blind) return null;
    const result: Outcome | null = seen?.result ?? null;
    // A child whose fork failed does not exist, and what it would have done did not happen.
    if (result === 'ESRCH') return null;
    if (starved && (result !== 0 || op.op === 'mmap' || op.op === 'process')) {
      // A populating mmap answers 0 with some of its pages missing.
      if (result === 0 || !ALL_OR_NOTHING.has(op.op)) this.#blind = true;
      const allowed = result === null || result === 0 || result === 'ENOMEM';
      return allowed ? null : breakage('same-result', i, `${nameOf(op)} ran out of memory and answered ${result}`);
    }
    return this.#compare(i, op, seen, this.#oracle.step(op));
  }

  #compare(i: number, op: Op, seen: StepResult | null, expected: OracleAnswer | null): Breakage | null {
    if (seen === null || expected === null) return null;
    if (seen.result === 'ENOSYS' || expected.result === 'ENOSYS') {
      // One side has done something that the other does not model: from here on they differ without being wrong.
      this.#blind = seen.result !== expected.result;
      return null;
    }
    if (seen.result !== expected.result) {
      return breakage('same-result', i, `${nameOf(op)} answered ${seen.result}, the oracle says ${expected.result}`);
    }
    if (seen.digest !== expected.digest) {
      return breakage('same-contents', i, `${nameOf(op)} is ${seen.digest}, the oracle says ${expected.digest}`);
    }
    return null;
  }
}

const leftOver = (machine: Machine, i: number): Breakage | null => {
  if (machine.procs.size > 0) return null;
  const { pageTablesKb, framesKb, unchargedTables } = machine.usage();
  if (pageTablesKb !== 0 || framesKb !== 0 || unchargedTables !== 0) {
    const left = `${pageTablesKb} kB of page tables, ${framesKb} kB of frames, ${unchargedTables} tables charged to nobody`;
    return breakage('nothing-remains', i, `left after the last exit: ${left}`);
  }
  const count = (work: Work): number => machine.counters.total(work);
  for (const [made, gone] of [
    ['pagesAllocated', 'pagesFreed'],
    ['tablesAllocated', 'tablesFreed'],
  ] as const) {
    const unequal = `${made} is ${count(made)}, ${gone} is ${count(gone)}`;
    if (count(made) !== count(gone)) return breakage('counters-balance', i, unequal);
  }
  return null;
};

/** Work whose causes tell which branches of a strategy a run has been through. */
const SHARING = ['tablesShared', 'tablesLinked', 'tablesBroken', 'tablesAdopted', 'tablesDropped'] as const;

const eventsOf = ({ result, machine: { counters } }: Runner): Record<string, number> => {
  const events: Record<string, number> = { ...result.events };
  for (const work of SHARING) {
    for (const [why, count] of Object.entries(counters.byWhy(work))) events[`${work}: ${why}`] = count;
  }
  return events;
};

const drive = (trace: Trace, runner: Runner, judge: Judge, lastSeen: () => StepResult | null): Breakage | null => {
  const { machine } = runner;
  for (const [k, op] of trace.ops.entries()) {
    const i = k + 1;
    const ooms = machine.counters.total('ooms');
    try {
      runner.next();
    } catch (error) {
      // A trace that is not a valid one is its maker's mistake, and no finding.
      if (isForklabError(error)) throw error;
      const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      return breakage('no-exception', i, `${nameOf(op)} threw ${what}`);
    }
    const violation = runner.result.violations[0];
    if (violation) return { ...violation, step: i };
    const wrong = judge.judge(i, op, lastSeen(), machine.counters.total('ooms') > ooms);
    if (wrong) return wrong;
  }
  return leftOver(machine, trace.ops.length);
};

/**
 * Runs a trace with every invariant checked after each step, and compares each result and digest with the oracle's.
 * When the trace ends all of its processes, nothing may remain. In a trace that bounds `memory` operations may fail for
 * want of it; what does not fail is compared as long as it is known what should be there.
 *
 * @throws ForklabError when the trace or the strategies are not valid ones.
 */
export const checkTrace = (
  trace: Trace,
  strategies: readonly StrategyPlugin[],
  options: CheckTraceOptions = {},
): CheckedTrace => {
  let seen: StepResult | null = null;
  const runner = createRunner(trace, {
    ...options,
    strategies,
    check: true,
    maxViolations: 1,
    onStep: ({ step }) => {
      seen = step;
    },
  });
  const judge = new Judge(options.geometry ?? X86_64);
  const found = drive(trace, runner, judge, () => seen);
  return { breakage: found, events: eventsOf(runner) };
};
