/** `forklab run`: traces under one strategy, results in the format of the trace contract. */
import { CheckedRun, relaxedBy } from '@forklab/conformance';
import { createRunner, ForklabError, type Geometry, TINY, type Trace, type TraceResult, X86_64 } from '@forklab/core';
import { oneWord } from '../args.js';
import { breathe, type Io } from '../io.js';
import type { Column } from '../resolve.js';
import { CHECK_ARG, type Command, KERNEL_ARG, STRATEGY_ARG } from './command.js';
import { columnOf, machineArgs, traceAt } from './one-column.js';

/** Operations between two looks at whether the user has had enough. */
const SLICE = 64;

/** Runs a trace in slices, so that Ctrl-C is heard. */
export const runInSlices = async (
  trace: Trace,
  column: Column,
  machine: ReturnType<typeof machineArgs> & { readonly geometry?: Geometry },
  io: Io,
): Promise<TraceResult> => {
  const relaxed = new Set<string>(relaxedBy(column.plugins.map(({ traits }) => traits)).map(({ check }) => check));
  const runner = machine.check
    ? new CheckedRun(trace, column.plugins, { ...machine, relaxed })
    : createRunner(trace, { strategies: column.plugins, ...machine });
  for (let i = 1; runner.next(); i++) if (i % SLICE === 0) await breathe(io);
  return runner.result;
};

const summary = (result: TraceResult): string => {
  const refused = result.steps.filter((step) => typeof step.result === 'string' && step.result.startsWith('E')).length;
  const signals = result.steps.filter(
    (step) => typeof step.result === 'string' && step.result.startsWith('SIG'),
  ).length;
  const unmodelled = Object.entries(result.unmodelled).map(([what, count]) => `${what} x${count}`);
  const last = result.samples.at(-1);
  const lines = [
    `${result.trace} under ${result.strategy}: ${result.steps.length} steps, ${refused} refused, ${signals} signals, ` +
      `${result.events.faults ?? 0} faults, ${result.violations.length} violations`,
  ];
  if (unmodelled.length > 0) lines.push(`  not modelled: ${unmodelled.join(', ')}`);
  if (last) {
    lines.push(
      `  at "${last.label}": ${last.machine.pageTables} kB of page tables, ${last.machine.frames} kB of frames`,
    );
    for (const [name, p] of Object.entries(last.procs)) {
      lines.push(
        `    ${name}: VmPTE ${p.vmPte} kB, RssAnon ${p.rssAnon} kB, RssShmem ${p.rssShmem} kB, ${p.vmas} VMAs`,
      );
    }
  }
  for (const v of result.violations) lines.push(`  violation at line ${v.step}: ${v.invariant}: ${v.says} ${v.detail}`);
  return `${lines.join('\n')}\n`;
};

export const command: Command = {
  name: 'run',
  about: 'Runs traces under one strategy and prints what it answered.',
  more: 'With --json, one JSON document a line and trace, in the order given. Exit status 1: invariants were violated.',
  args: {
    'TRACE…': { type: 'positional', description: 'traces (.jsonl or .jsonl.gz), or workloads (forklab workloads)' },
    strategy: STRATEGY_ARG,
    json: { type: 'boolean', description: 'print results as JSON, one document a line' },
    check: CHECK_ARG,
    kernel: KERNEL_ARG,
    geometry: {
      type: 'string',
      valueHint: 'x86-64|tiny',
      description: 'entries in a table: 512, or 4 as in some findings of check; default x86-64',
    },
  },
  examples: [
    { call: 'forklab run trace.jsonl --strategy cow-pte --check', does: 'runs one trace and checks every invariant' },
    { call: 'forklab run traces/*.jsonl --strategy classic --json', does: 'prints one result document a line' },
  ],
  async run(args, io) {
    if (args.positionals.length === 0) {
      const usage = 'forklab run TRACE… --strategy NAME';
      throw new ForklabError('FL1004', { command: 'run', problem: 'it needs a trace', usage });
    }
    const column = await columnOf(args.one('strategy') ?? 'classic', io);
    const name = args.one('geometry') ?? X86_64.name;
    const geometry = oneWord('--geometry', name, [X86_64.name, TINY.name]) === TINY.name ? TINY : X86_64;
    const machine = { ...machineArgs(args), geometry };
    let violated = false;
    for (const path of args.positionals) {
      const result = await runInSlices(await traceAt(path, io), column, machine, io);
      violated ||= result.violations.length > 0;
      await io.out(args.has('json') ? `${JSON.stringify(result)}\n` : summary(result));
    }
    return violated ? 1 : 0;
  },
};
