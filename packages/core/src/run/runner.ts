/** Runs a trace on a machine, step by step, and answers in the result format. */
import { WORKS } from '../counters.js';
import { dumpProcess } from '../dump.js';
import { InvariantViolation } from '../errors/violation.js';
import { INVARIANTS, type InvariantId } from '../invariant-list.js';
import { checkInvariants } from '../invariants.js';
import { Machine, type MachineOptions } from '../machine.js';
import { takeSample } from '../sample.js';
import type { Op, Sample, StepResult, TableDump, Trace, TraceResult, Violation } from '../trace/index.js';
import { ShareTable } from './share-objects.js';
import { type StepContext, step } from './step.js';

/** What a step did, told to whoever watches. */
export interface StepSeen {
  /** null for `process`, `sample` and `ptdump`, which have no step in the result. */
  readonly step: StepResult | null;
  /** Line index of the operation. */
  readonly i: number;
  readonly op: Op;
  readonly machine: Machine;
}

export interface RunOptions extends MachineOptions {
  readonly onStep?: (seen: StepSeen) => void;
  /** With `check`: from this line on only; before it nothing is checked. Default: all lines. */
  readonly checkFrom?: number;
  /** At most this many violations are kept; the run stops at the first that makes going on meaningless. Default 20. */
  readonly maxViolations?: number;
}

/** A run that can be stepped, so that whoever drives it may pause, draw, or stop. */
export interface Runner {
  /** Runs one operation; false when there was none left. */
  next(): boolean;
  readonly machine: Machine;
  readonly done: boolean;
  /** Invariants found broken so far; asking costs nothing, as `result` does. */
  readonly violations: readonly Violation[];
  /** What there is so far. */
  readonly result: TraceResult;
}

/** Operations that a child whose fork failed would have done: it does not exist, so they do nothing. */
const MISSING: StepResult['result'] = 'ESRCH';

class TraceRunner implements Runner {
  readonly machine: Machine;
  readonly #trace: Trace;
  readonly #options: RunOptions;
  readonly #context: StepContext;
  readonly #steps: StepResult[] = [];
  readonly #samples: Sample[] = [];
  readonly #violations: Violation[] = [];
  readonly #unmodelled = new Map<string, number>();
  readonly #dumps: TableDump[] = [];
  #next = 0;
  #broken = false;

  constructor(trace: Trace, options: RunOptions) {
    const memory = options.memory ?? trace.header.memory;
    const swap = options.swap ?? trace.header.swap;
    const thp = options.thp ?? trace.header.thp;
    this.machine = new Machine({
      ...options,
      ...(memory === undefined ? {} : { memory }),
      ...(swap === undefined ? {} : { swap }),
      ...(thp === undefined ? {} : { thp }),
    });
    this.#trace = trace;
    this.#options = options;
    const unmodelled = (what: string) => this.#unmodelled.set(what, (this.#unmodelled.get(what) ?? 0) + 1);
    this.#context = { m: this.machine, shares: new ShareTable(), unmodelled };
  }

  get done(): boolean {
    return this.#broken || this.#next >= this.#trace.ops.length;
  }

  next(): boolean {
    if (this.done) return false;
    const op = this.#trace.ops[this.#next++]!;
    const i = this.#next;
    const seen = this.#guarded(i, op);
    if (this.#options.check) {
      for (const { invariant, detail } of this.machine.suffered) this.#violate(invariant, i, detail);
    }
    this.machine.suffered.length = 0;
    if (this.#options.check && !this.#broken && i >= (this.#options.checkFrom ?? 0)) {
      for (const { invariant, detail } of checkInvariants(this.machine)) this.#violate(invariant, i, detail);
    }
    this.#options.onStep?.({ step: seen, i, op, machine: this.machine });
    return true;
  }

  /** A promise broken in mid-operation leaves a state that nothing can be said about: the run ends there. */
  #guarded(i: number, op: Op): StepResult | null {
    try {
      return this.#step(i, op);
    } catch (error) {
      if (!(error instanceof InvariantViolation)) throw error;
      this.#violate(error.invariant, i, error.message);
      this.#broken = true;
      return null;
    }
  }

  #step(i: number, op: Op): StepResult | null {
    const { machine } = this;
    if (op.op === 'sample') {
      this.#samples.push(takeSample(machine, op.label));
      return null;
    }
    const missing = 'proc' in op && op.proc !== undefined && op.op !== 'process' && !machine.procs.has(op.proc);
    if (op.op === 'ptdump') {
      const lines = missing ? [] : dumpProcess(machine, machine.proc(op.proc));
      this.#dumps.push({ i, label: op.label, proc: op.proc, lines });
      return null;
    }
    // Only a fork that ran out of memory leaves a name without a process: the reader has checked all others.
    const events = machine.counters.total('uffdEvents');
    const answer = missing ? { result: MISSING } : step(this.#context, op);
    const uffd = machine.counters.total('uffdEvents') - events;
    const seen: StepResult = { i, op: op.op, ...answer, ...(uffd > 0 ? { uffd } : {}) };
    if (op.op === 'process') return null;
    this.#steps.push(seen);
    return seen;
  }

  #violate(invariant: string, step: number, detail: string): void {
    if (this.#violations.length >= (this.#options.maxViolations ?? 20)) return;
    const says = INVARIANTS[invariant as InvariantId] ?? invariant;
    this.#violations.push({ invariant, says, step, detail });
  }

  get violations(): readonly Violation[] {
    return this.#violations;
  }

  get result(): TraceResult {
    const { counters } = this.machine;
    const events: Record<string, number> = {};
    for (const work of WORKS) events[work] = counters.total(work);
    const result: TraceResult = {
      trace: this.#trace.header.name,
      strategy: this.machine.name,
      steps: this.#steps,
      samples: this.#samples,
      events,
      time: {},
      violations: this.#violations,
      unmodelled: Object.fromEntries(this.#unmodelled),
    };
    return this.#dumps.length > 0 ? { ...result, dumps: this.#dumps } : result;
  }
}

export const createRunner = (trace: Trace, options: RunOptions): Runner => new TraceRunner(trace, options);

/** Runs a whole trace. */
export const runTrace = (trace: Trace, options: RunOptions): TraceResult => {
  const runner = createRunner(trace, options);
  while (runner.next());
  return runner.result;
};
