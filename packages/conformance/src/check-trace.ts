/** One trace, run on the machine and on the oracle side by side, up to the first thing that is wrong. */
import {
  createRunner,
  type Geometry,
  isForklabError,
  type KernelRelease,
  type Machine,
  type Runner,
  type StepResult,
  type StrategyPlugin,
  type Trace,
  type TraceResult,
  type Work,
  X86_64,
} from '@forklab/core';
import { type Breakage, breakage } from './breakage.js';
import { Judge, nameOf } from './judge.js';

export interface CheckTraceOptions {
  /** Default X86_64. */
  readonly geometry?: Geometry;
  /** The oracle answers as 6.18 does: where another release answers otherwise, contents are no longer compared. */
  readonly kernel?: KernelRelease;
  readonly tableReclaim?: 'pt-reclaim' | 'none';
  /** Check core's invariants from this line on only. Default: all lines. */
  readonly checkFrom?: number;
  /** Invariants that the strategy's traits take back: see `relaxedBy`. Default: none. */
  readonly relaxed?: ReadonlySet<string>;
}

export interface CheckedTrace {
  /** null: nothing is wrong. */
  readonly breakage: Breakage | null;
  /** Work done, by name, up to there; what is done to shared tables by cause, too: `tablesBroken: mprotect`. */
  readonly events: Readonly<Record<string, number>>;
}

const leftOver = (machine: Machine, i: number): Breakage | null => {
  if (machine.procs.size > 0) return null;
  const { pageTablesKb, framesKb, unchargedTables } = machine.usage();
  if (pageTablesKb !== 0 || framesKb !== 0 || unchargedTables !== 0) {
    const left = `${pageTablesKb} kB of page tables, ${framesKb} kB of frames, ${unchargedTables} tables charged to nobody`;
    return breakage('nothing-remains', i, `left after the last exit: ${left}`);
  }
  const count = (work: Work): number => machine.counters.total(work);
  // A huge page that was cut up leaves as many small ones as it had.
  const split = count('foliosSplit');
  for (const [made, gone, cut] of [
    ['pagesAllocated', 'pagesFreed', split * machine.geometry.entries],
    ['hugePagesAllocated', 'hugePagesFreed', -split],
    ['tablesAllocated', 'tablesFreed', 0],
  ] as const) {
    const unequal = `${made} is ${count(made)}, ${gone} is ${count(gone)}, and ${split} huge pages were cut up`;
    if (count(made) + cut !== count(gone)) return breakage('counters-balance', i, unequal);
  }
  return null;
};

/** Work whose causes tell which branches of a strategy a run has been through. */
const SHARING = ['tablesShared', 'tablesLinked', 'tablesBroken', 'tablesAdopted', 'tablesDropped'] as const;

const eventsOf = (result: TraceResult, { counters }: Machine): Record<string, number> => {
  const events: Record<string, number> = { ...result.events };
  for (const work of SHARING) {
    for (const [why, count] of Object.entries(counters.byWhy(work))) events[`${work}: ${why}`] = count;
  }
  return events;
};

/**
 * A run that is checked as it goes: every invariant after each operation, each result and digest against the oracle's.
 * When the trace ends all of its processes, nothing may remain. In a trace that bounds `memory` operations may fail for
 * want of it; what does not fail is compared as long as it is known what should be there.
 */
export class CheckedRun implements Runner {
  readonly #trace: Trace;
  readonly #runner: Runner;
  readonly #judge: Judge;
  readonly #relaxed: ReadonlySet<string>;
  readonly #breakages: Breakage[] = [];
  #seen: StepResult | null = null;
  #step = 0;
  #ended = false;

  /** @throws ForklabError when the trace or the strategies are not valid ones. */
  constructor(trace: Trace, strategies: readonly StrategyPlugin[], options: CheckTraceOptions = {}) {
    this.#trace = trace;
    this.#runner = createRunner(trace, {
      ...options,
      strategies,
      check: true,
      onStep: ({ step }) => {
        this.#seen = step;
      },
    });
    this.#relaxed = options.relaxed ?? new Set();
    const kernels = [options.kernel, ...strategies.map(({ kernel }) => kernel)];
    const older = kernels.some((kernel) => kernel !== undefined && kernel !== '6.18');
    this.#judge = new Judge(options.geometry ?? X86_64, older);
  }

  get machine(): Machine {
    return this.#runner.machine;
  }

  /** The first thing that is wrong, as far as the run has come. */
  get breakage(): Breakage | null {
    return this.#breakages[0] ?? null;
  }

  get done(): boolean {
    return this.#ended || this.#runner.done;
  }

  /** Runs one operation; false when there was none left, or when going on makes no sense. */
  next(): boolean {
    if (this.done) return false;
    const op = this.#trace.ops[this.#step++]!;
    const i = this.#step;
    const { counters } = this.machine;
    const ooms = counters.total('ooms');
    const violations = this.#runner.violations.length;
    this.#seen = null;
    try {
      this.#runner.next();
    } catch (error) {
      // A trace that is not a valid one is its maker's mistake, and no finding.
      if (isForklabError(error)) throw error;
      const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      this.#breakages.push(breakage('no-exception', i, `${nameOf(op)} threw ${what}`));
      this.#ended = true;
      return true;
    }
    for (const violation of this.#runner.violations.slice(violations)) {
      this.#note({ ...violation, step: i });
    }
    const wrong = this.#judge.judge(i, op, this.#seen, counters.total('ooms') > ooms);
    if (wrong) this.#note(wrong);
    const left = this.done && this.#step === this.#trace.ops.length ? leftOver(this.machine, i) : null;
    if (left) this.#note(left);
    return true;
  }

  #note(found: Breakage): void {
    if (!this.#relaxed.has(found.invariant)) this.#breakages.push(found);
  }

  /** Whether every page that a process has written holds what it wrote: seen in the tables, without a load. */
  compareContents(): Breakage | null {
    return this.#judge.contents(this.#step, this.machine);
  }

  get violations(): readonly Breakage[] {
    return this.#breakages;
  }

  /** What there is so far; the oracle's findings are among the violations. */
  get result(): TraceResult {
    return { ...this.#runner.result, violations: this.#breakages };
  }
}

/**
 * Runs a trace up to the first thing that is wrong.
 *
 * @throws ForklabError when the trace or the strategies are not valid ones.
 */
export const checkTrace = (
  trace: Trace,
  strategies: readonly StrategyPlugin[],
  options: CheckTraceOptions = {},
): CheckedTrace => {
  const run = new CheckedRun(trace, strategies, options);
  while (run.breakage === null && run.next());
  return { breakage: run.breakage, events: eventsOf(run.result, run.machine) };
};
