/** A strategy's variant held against the kernel that really ran it: answers, charges, leftovers, and what went wrong. */
import {
  createRunner,
  type Op,
  runTrace,
  type StepResult,
  type StrategyPlugin,
  type Trace,
  type TraceResult,
  type Violation,
} from '@forklab/core';
import type { PatchedFixture, PatchedKernel } from './kernel-fixtures.js';

export interface PatchedAnswer {
  /** 'to the end': equal throughout. 'until lost': equal up to the step where that kernel, or the model of it, is lost. */
  readonly equal: 'to the end' | 'until lost' | 'no';
  /** What differs, at most a few lines. */
  readonly differences: readonly string[];
  /** Where the model of that kernel crashed, hung or strayed; null: it went through. */
  readonly lostAt: number | null;
  /** What that kernel got wrong: lost contents, wrong signals, alarms, a crash. Empty: it answered as Linux does. */
  readonly trouble: readonly string[];
  /** The first violation, wherever it was. */
  readonly noticed: Violation | null;
  /** The trouble that no violation came before or with. */
  readonly unnoticed: readonly string[];
}

const KB = 4;
const KIND_ANON = 0x4000;

/** At the end of a recording the processes leave, youngest first. */
const exits = (procs: readonly string[]): Op[] =>
  [...procs].reverse().map((proc) => ({ op: 'exit', proc }) satisfies Op);

/** Names of the processes that are there when a trace ends. */
const alive = (trace: Trace): string[] => {
  const names = new Set<string>();
  for (const op of trace.ops) {
    if (op.op === 'process') names.add(op.proc);
    else if (op.op === 'fork') names.add(op.child);
    else if (op.op === 'exit') names.delete(op.proc);
  }
  return [...names];
};

const stepDifferences = (fixture: PatchedFixture, result: TraceResult, until: number): string[] => {
  const found: string[] = [];
  const answers = new Map(result.steps.map((step) => [step.i, step]));
  for (const step of fixture.steps) {
    if (step.i >= until) break;
    const answer = answers.get(step.i);
    for (const key of ['result', 'minflt', 'digest'] as const) {
      if (step[key] === answer?.[key]) continue;
      found.push(`step ${step.i} ${step.op}: ${key} ${answer?.[key]}, that kernel ${step[key]}`);
    }
  }
  return found;
};

const flat = (fields: object, prefix = ''): [string, unknown][] =>
  Object.entries(fields).flatMap(([key, value]): [string, unknown][] =>
    typeof value === 'object' ? flat(value, `${prefix}${key}.`) : [[prefix + key, value]],
  );

const sampleDifferences = (fixture: PatchedFixture, result: TraceResult, until: number): string[] => {
  const found: string[] = [];
  const lines = fixture.trace.ops.flatMap((op, k) => (op.op === 'sample' ? [k + 1] : []));
  for (const [n, { label, procs }] of fixture.samples.entries()) {
    if (lines[n]! >= until) break;
    for (const [name, fields] of Object.entries(procs)) {
      const answers = new Map(flat(result.samples[n]?.procs[name] ?? {}));
      for (const [key, value] of flat(fields)) {
        if (answers.get(key) === value) continue;
        found.push(`sample ${label} ${name}: ${key} ${answers.get(key)}, that kernel ${value}`);
      }
    }
  }
  return found;
};

/** What the patched kernel answered otherwise than Linux, by step; alarms and a crash come last. */
const troubleOf = (fixture: PatchedFixture, linux: readonly StepResult[]): { at: number; says: string }[] => {
  const right = new Map(linux.map((step) => [step.i, step]));
  const found: { at: number; says: string }[] = [];
  for (const { i, op, result, digest } of fixture.steps) {
    const step = right.get(i);
    if (step?.result !== result) found.push({ at: i, says: `step ${i} ${op}: ${result}, Linux ${step?.result}` });
    else if (step?.digest !== digest) found.push({ at: i, says: `step ${i} ${op}: other contents than on Linux` });
  }
  if (fixture.lostAt !== null) found.push({ at: fixture.lostAt, says: `lost at step ${fixture.lostAt}` });
  for (const alarm of fixture.alarms) found.push({ at: Number.POSITIVE_INFINITY, says: alarm });
  return found;
};

/** The kernel that a patch is based on, without it: fork copies. */
const unpatched = ({ kernel, models }: StrategyPlugin): StrategyPlugin => ({
  api: 1,
  name: 'unpatched',
  models,
  traits: { shares: 'nothing', charges: 'owner', shootdown: 'own', hosts: [], keepsPins: true, unmodelled: [] },
  ...(kernel === undefined ? {} : { kernel }),
  setup: (k) => ({
    copyPteRange: (_fork, pair) => (k.copyPtes(pair, 'fork') === 'oom' ? 'oom' : 'copied'),
    fault: () => 'continue',
    zap: () => 'continue',
    touch: () => 'private',
  }),
});

/** Runs one recorded trace on a variant. */
export const comparePatched = (
  plugin: StrategyPlugin,
  kernel: PatchedKernel,
  fixture: PatchedFixture,
): PatchedAnswer => {
  const { trace } = fixture;
  const last = trace.ops.length;
  const ops = [...trace.ops, ...exits(alive(trace))];
  const runner = createRunner({ header: trace.header, ops }, { strategies: [plugin], check: true, maxViolations: 500 });
  let steps = 0;
  while (runner.next()) steps++;
  const { result, machine } = runner;
  const lostAt = steps < ops.length || result.steps.length === 0 ? steps : null;
  const until = Math.min(lostAt ?? Number.POSITIVE_INFINITY, fixture.lostAt ?? Number.POSITIVE_INFINITY);
  const differences = [...stepDifferences(fixture, result, until), ...sampleDifferences(fixture, result, until)];
  const trouble = troubleOf(fixture, runTrace(trace, { strategies: [unpatched(plugin)] }).steps);
  if (lostAt !== null && lostAt <= last && trouble.length === 0 && fixture.stable) {
    differences.push(`step ${lostAt}: the model is lost, that kernel went on`);
  }
  if (until === Number.POSITIVE_INFINITY) {
    let anon = 0;
    for (let pfn = 2; pfn < machine.frames.top; pfn++) if (machine.frames.kind(pfn) === KIND_ANON) anon += KB;
    // 6.0 counts PTE and PMD tables, 5.6 PTE tables alone.
    const pmds = kernel === 'cow-pte-6.0.6' ? machine.tables.live[1]! : 0;
    const left = { pageTables: (machine.tables.live[0]! + pmds) * KB, anonPages: anon };
    for (const key of ['pageTables', 'anonPages'] as const) {
      if (left[key] !== fixture.left[key])
        differences.push(`left: ${key} ${left[key]}, that kernel ${fixture.left[key]}`);
    }
  }
  const first = result.violations[0] ?? null;
  return {
    equal: differences.length > 0 ? 'no' : until === Number.POSITIVE_INFINITY ? 'to the end' : 'until lost',
    differences,
    lostAt: lostAt !== null && lostAt <= last ? lostAt : null,
    trouble: trouble.map(({ says }) => says),
    noticed: first,
    unnoticed: trouble.filter(({ at }) => first === null || first.step > at).map(({ says }) => says),
  };
};
