/** Pure: a plan in, a comparison out. No clock, no file, no terminal; the caller draws and stops between the yields. */
import type { Sample, ServerLoad } from '@forklab/core';
import { type Simulation, simulate } from '@forklab/timing';
import { measureBreakEven } from './break-even.js';
import type { Comparison, InputResult, JsonObject, Stability, StrategyResult } from './document.js';
import { faultClasses } from './fault-classes.js';
import type { Input } from './inputs.js';
import { layoutOf } from './layout.js';
import { type MachineSettings, type Measured, machineOptions, measure } from './measure.js';
import { configHash, configOf, jsonOptions, type Plan } from './plan.js';
import { requestStability, saysRequests } from './request-stability.js';
import type { Column } from './resolve.js';
import { ROW_DOCS, ROW_GROUPS, ROW_KEYS } from './row-docs.js';
import { byWhyOf, rowsOf } from './rows.js';
import { stabilityOf } from './stability.js';
import { baselineOf, verdictOf } from './verdict.js';

/** One input under one column: what the reports say, and what was measured, which later steps need. */
export interface ColumnRun {
  readonly column: Column;
  readonly measured: Measured;
  /** Of an input that serves requests. */
  readonly simulation: Simulation | null;
  readonly strategy: StrategyResult;
}

/** At most this many samples of a trace go into the document: the first half and the last half of those allowed. */
const SAMPLES_MAX = 24;

const few = <T>(items: readonly T[]): T[] =>
  items.length <= SAMPLES_MAX ? [...items] : [...items.slice(0, SAMPLES_MAX / 2), ...items.slice(-SAMPLES_MAX / 2)];

const sampleOf = ({ label, procs, machine }: Sample): StrategyResult['samples'][number] => ({
  label,
  procs: Object.fromEntries(Object.entries(procs).map(([name, proc]) => [name, { ...proc, mm: { ...proc.mm } }])),
  machine: { ...machine },
});

const optionsOf = ({ parts }: Column): JsonObject =>
  parts.length === 1
    ? jsonOptions(parts[0]!.options)
    : Object.fromEntries(parts.map(({ plugin, options }) => [plugin.name, jsonOptions(options)]));

const requestsOf = (simulation: Simulation | null): StrategyResult['requests'] => {
  if (simulation === null) return null;
  const { report, window } = simulation;
  const { atNs, perSecond, worstNs } = report.series;
  return {
    window: window && [window[0], window[1]],
    spent: { ...report.spent },
    series: { atNs: [...atNs], perSecond: [...perSecond], worstNs: [...worstNs] },
  };
};

const describe = (plan: Plan, column: Column, measured: Measured, simulation: Simulation | null): StrategyResult => {
  const { result } = measured;
  const rows = rowsOf(measured, simulation, plan.prices);
  return {
    name: column.name,
    label: column.label,
    options: optionsOf(column),
    parts: column.parts.map(({ plugin, options }) => ({ name: plugin.name, options: jsonOptions(options) })),
    models: column.plugins.map(({ models }) => ({
      title: models.title,
      where: models.where,
      ...(models.url === undefined ? {} : { url: models.url }),
    })),
    traits: traitsOf(column),
    rows,
    byWhy: byWhyOf(measured),
    costs: { byWork: byWorkOf(plan, measured) },
    faults: faultClasses(measured.shapesAfterFork, plan.prices),
    series: measured.series,
    requests: requestsOf(simulation),
    samples: few(result.samples.map(sampleOf)),
    violations: result.violations.map((violation) => ({ ...violation })),
    unmodelled: Object.entries(result.unmodelled).map(([site, count]) => ({ site, count })),
  };
};

const traitsOf = ({ plugins }: Column): JsonObject => {
  const traits = (at: number): JsonObject => jsonOptions({ ...plugins[at]!.traits });
  return plugins.length === 1 ? traits(0) : Object.fromEntries(plugins.map((plugin, at) => [plugin.name, traits(at)]));
};

const byWorkOf = ({ prices }: Plan, { runner }: Measured): Record<string, number> => {
  const out: Record<string, number> = {};
  for (const [work, price] of Object.entries(prices.prices)) {
    const ns = runner.machine.counters.total(work as keyof typeof prices.prices) * price.ns;
    if (ns > 0) out[work] = Math.round(ns);
  }
  return out;
};

/** The requests of a load under one column. Invariants are checked on the trace, not once more here. */
function* simulated(plan: Plan, load: ServerLoad, column: Column): Generator<number, Simulation> {
  const settings: MachineSettings = { ...plan.settings, check: false };
  const machine = machineOptions(column.plugins, settings);
  return yield* simulate(load, { machine, prices: plan.prices, seed: plan.seed });
}

/** Runs one input under one column. Yields the share done. */
export function* runColumn(plan: Plan, input: Input, column: Column): Generator<number, ColumnRun> {
  const measured = yield* measure(input.trace, column.plugins, plan.settings, plan.prices);
  const simulation = input.load === null ? null : yield* simulated(plan, input.load, column);
  return { column, measured, simulation, strategy: describe(plan, column, measured, simulation) };
}

/** What the order of forks and of totals hangs on, and that of requests where there are any. */
function* judgeStability(plan: Plan, runs: readonly ColumnRun[]): Generator<undefined, Stability> {
  const ofTrace = stabilityOf(
    runs.map(({ column, measured }) => ({ label: column.label, measured })),
    plan.prices,
  );
  const served = runs.flatMap(({ column, simulation }) => (simulation ? [{ label: column.label, simulation }] : []));
  if (served.length === 0) return ofTrace;
  const flips = yield* requestStability(served, plan.prices);
  return {
    survives: ofTrace.survives && flips.length === 0,
    says: `${ofTrace.says} ${saysRequests(flips)}`,
    flips: [...ofTrace.flips, ...flips],
  };
}

/** Judges the columns of one input, measuring the break-even on the way. */
export function* judge(plan: Plan, input: Input, runs: readonly ColumnRun[]): Generator<undefined, InputResult> {
  const base = baselineOf(runs.map(({ column, measured }) => ({ name: column.name, measured })));
  const layout = layoutOf(base.measured.forks);
  const breakEven = yield* measureBreakEven(layout, plan.columns, plan.baseline, plan.settings, plan.prices);
  const stability = yield* judgeStability(plan, runs);
  const strategies = runs.map(({ strategy }) => strategy);
  const { header, ops } = input.trace;
  return {
    name: input.name,
    description: header.description ?? '',
    path: input.path,
    operations: ops.length,
    source: (header.source ?? {}) as JsonObject,
    strategies,
    verdict: verdictOf(strategies, breakEven, stability),
    stability,
    breakEven,
  };
}

/** Puts the judged inputs into the document. */
export const assemble = (plan: Plan, inputs: readonly InputResult[]): Comparison => {
  const config = configOf(plan);
  const { name, about, prices } = plan.prices;
  return {
    forklab: 'comparison',
    version: 1,
    inputs: [...inputs],
    rowDocs: Object.fromEntries(
      ROW_KEYS.map((key) => {
        const { group, label, unit, says } = ROW_DOCS[key];
        return [key, { group: ROW_GROUPS[group], label, unit, says }];
      }),
    ),
    prices: { name, about, prices: structuredClone(prices) },
    config,
    configHash: configHash(config),
    seed: plan.seed,
    versions: { ...plan.versions },
    replay: plan.replay,
  };
};
