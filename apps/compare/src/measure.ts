/** One trace under one column, watched: what the forks cost, what came after, and how memory went meanwhile. */
import {
  createRunner,
  type KernelRelease,
  type MachineOptions,
  type Op,
  type Runner,
  type StrategyPlugin,
  type Trace,
  type TraceResult,
  WORKS,
} from '@forklab/core';
import { nsOf, type PriceList } from '@forklab/timing';
import type { Series } from './document.js';

/** How the machine is set up, the strategies apart. */
export interface MachineSettings {
  readonly kernel: KernelRelease;
  readonly tableReclaim?: 'pt-reclaim' | 'none' | undefined;
  /** Bytes. */
  readonly memory?: number | undefined;
  readonly check: boolean;
}

/** One fork that succeeded. */
export interface ForkSeen {
  /** Line index of the operation. */
  readonly i: number;
  /** What it did, in the order of `WORKS`. */
  readonly work: Float64Array;
  readonly ns: number;
  /** Pages that the parent was charged for. */
  readonly pages: number;
  readonly sharedPages: number;
  readonly pageTablesKbBefore: number;
  readonly pageTablesKbAfter: number;
}

/** What watching one run found out. Counts are in the order of `WORKS`. */
export interface Measured {
  readonly result: TraceResult;
  readonly runner: Runner;
  readonly totals: Float64Array;
  readonly forks: readonly ForkSeen[];
  /** The work of all exit and exec operations. */
  readonly exitWork: Float64Array;
  /** Work done before the first fork; all of it when there is none. */
  readonly beforeFork: Float64Array;
  /** Faults after the first fork, by packed shape; all of them when there is none. */
  readonly shapesAfterFork: ReadonlyMap<number, number>;
  readonly pageTablesKbMax: number;
  readonly framesKbMax: number;
  readonly unchargedTablesMax: number;
  readonly series: Series;
}

/** At most this many points in a series: some evenly spread over the operations, the rest around the first forks. */
export const SERIES_POINTS = 400;
const SERIES_FORKS = 50;

/** Operations between two looks at the outside world. One may take a tenth of a second, most take microseconds. */
const SLICE = 16;

/** To a thousandth of a nanosecond, so that documents do not end in the noise of the last bit. */
export const tidyNs = (ns: number): number => Math.round(ns * 1000) / 1000;

const minus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value - b[i]!);

const addTo = (sum: Float64Array, more: Float64Array): void => {
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + more[i]!;
};

/** The state of a watch: mutable, and private to one run. */
class Watch {
  readonly forks: ForkSeen[] = [];
  readonly exitWork = new Float64Array(WORKS.length);
  readonly series = {
    step: [] as number[],
    ns: [] as number[],
    pageTablesKb: [] as number[],
    framesKb: [] as number[],
  };
  beforeFork: Float64Array | null = null;
  shapesBefore: ReadonlyMap<number, number> = new Map();
  pageTablesKbMax = 0;
  framesKbMax = 0;
  unchargedTablesMax = 0;
  readonly #every: number;
  #forkPoints = 0;

  constructor(
    readonly runner: Runner,
    readonly prices: PriceList,
    readonly steps: number,
  ) {
    // A point before and after each of the first forks, the last step, and rounding take the rest.
    this.#every = Math.max(1, Math.ceil(steps / (SERIES_POINTS - 2 * SERIES_FORKS - 2)));
  }

  /** Runs the operation at `k` (from 0) and notes what it did. */
  step(k: number, op: Op): void {
    if (op.op === 'fork') this.#fork(k, op);
    else if (op.op === 'exit' || op.op === 'exec') {
      const before = this.#totals();
      this.runner.next();
      addTo(this.exitWork, minus(this.#totals(), before));
    } else this.runner.next();
    this.#usage();
    if ((k + 1) % this.#every === 0 || k === this.steps - 1) this.#point(k + 1);
  }

  #fork(k: number, op: Op & { op: 'fork' }): void {
    const { machine } = this.runner;
    const before = this.#totals();
    const pageTablesKbBefore = machine.usage().pageTablesKb;
    const parent = machine.procs.get(op.proc);
    const [pages, sharedPages] = parent ? [parent.rssAnon + parent.rssShmem, parent.rssShmem] : [0, 0];
    const point = this.#forkPoints < SERIES_FORKS;
    if (point) this.#point(k);
    if (this.beforeFork === null) {
      this.beforeFork = before;
      this.shapesBefore = new Map(machine.counters.faultShapes());
    }
    this.runner.next();
    if (point) this.#point(k + 1);
    this.#forkPoints++;
    if (!machine.procs.has(op.child)) return;
    const work = minus(this.#totals(), before);
    const pageTablesKbAfter = machine.usage().pageTablesKb;
    this.forks.push({
      i: k + 1,
      work,
      ns: nsOf(work, this.prices),
      pages,
      sharedPages,
      pageTablesKbBefore,
      pageTablesKbAfter,
    });
  }

  #totals(): Float64Array {
    return this.runner.machine.counters.totals();
  }

  #usage(): void {
    const { pageTablesKb, framesKb, unchargedTables } = this.runner.machine.usage();
    this.pageTablesKbMax = Math.max(this.pageTablesKbMax, pageTablesKb);
    this.framesKbMax = Math.max(this.framesKbMax, framesKb);
    this.unchargedTablesMax = Math.max(this.unchargedTablesMax, unchargedTables);
  }

  #point(step: number): void {
    const { series } = this;
    if (series.step.at(-1) === step) return;
    const { pageTablesKb, framesKb } = this.runner.machine.usage();
    series.step.push(step);
    series.ns.push(tidyNs(nsOf(this.#totals(), this.prices)));
    series.pageTablesKb.push(pageTablesKb);
    series.framesKb.push(framesKb);
  }
}

const shapesSince = (
  all: ReadonlyMap<number, number>,
  before: ReadonlyMap<number, number>,
): ReadonlyMap<number, number> => {
  const since = new Map<number, number>();
  for (const [shape, count] of all) {
    const more = count - (before.get(shape) ?? 0);
    if (more > 0) since.set(shape, more);
  }
  return since;
};

/** The settings as a machine takes them. */
export const machineOptions = (
  strategies: readonly StrategyPlugin[],
  { kernel, tableReclaim, memory, check }: MachineSettings,
): MachineOptions => ({
  strategies,
  kernel,
  check,
  ...(tableReclaim === undefined ? {} : { tableReclaim }),
  ...(memory === undefined ? {} : { memory }),
});

/** A runner for a trace, with a bound on memory from the settings or else from the trace. */
export const runnerFor = (trace: Trace, strategies: readonly StrategyPlugin[], settings: MachineSettings): Runner =>
  createRunner(trace, machineOptions(strategies, settings));

/** Runs the trace. Yields the share done, from 0 to 1, often enough that the caller can draw, and can stop. */
export function* measure(
  trace: Trace,
  strategies: readonly StrategyPlugin[],
  settings: MachineSettings,
  prices: PriceList,
): Generator<number, Measured> {
  const runner = runnerFor(trace, strategies, settings);
  const { counters } = runner.machine;
  const watch = new Watch(runner, prices, trace.ops.length);
  for (const [k, op] of trace.ops.entries()) {
    if (k % SLICE === 0) yield k / trace.ops.length;
    if (runner.done) break;
    watch.step(k, op);
  }
  const totals = counters.totals();
  return {
    result: runner.result,
    runner,
    totals,
    forks: watch.forks,
    exitWork: watch.exitWork,
    beforeFork: watch.beforeFork ?? totals,
    shapesAfterFork: shapesSince(counters.faultShapes(), watch.shapesBefore),
    pageTablesKbMax: watch.pageTablesKbMax,
    framesKbMax: watch.framesKbMax,
    unchargedTablesMax: watch.unchargedTablesMax,
    series: watch.series,
  };
}
