/** `forklab validate`: the classic strategy against the kernel of this machine, step by step. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ForklabError, type KernelRelease, osReason, type Trace, writeTrace, writeWhole } from '@forklab/core';
import type { AreaSurvey, ValidateFinding } from '@forklab/linux';
import { type Args, oneWord, wholeNumber } from '../args.js';
import { breathe, type Io } from '../io.js';
import { counts, jsonOf, type Kept, textOf } from '../validate/report.js';
import { type Command, KERNEL_ARG } from './command.js';
import { columnOf, traceAt } from './one-column.js';

const RANDOM_DEFAULT = 200;
const SEED_MAX = 2 ** 32 - 1;
/** Time between two lines of progress, ms. */
const PROGRESS_MS = 500;

/** What is to be run, as the command line asks. */
const planOf = (args: Args) => {
  const number = (name: string, otherwise: number, min: number, max: number): number => {
    const text = args.one(name);
    return text === undefined ? otherwise : wholeNumber(`--${name}`, text, min, max);
  };
  const files = args.positionals;
  return {
    files,
    random: number('random', files.length > 0 ? 0 : RANDOM_DEFAULT, 0, 10_000_000),
    seed: number('seed', 1, 0, SEED_MAX),
    operations: number('operations', 40, 1, 100_000),
    findingsMax: number('findings', 1, 1, 1000),
    out: args.one('out') ?? 'forklab-validate',
    asked: args.all('areas').flatMap((list) => list.split(',')),
  };
};

const RECORD_USAGE = 'forklab validate --record DIR --areas A,B --random 100 --seed 1';

type Plan = ReturnType<typeof planOf>;

/** Shows how far it is, where somebody looks on. */
const progress = (io: Io, total: number) => {
  let shown = 0;
  return async (done: number, findings: number): Promise<void> => {
    await breathe(io);
    const now = performance.now();
    if (!io.errTty || now - shown < PROGRESS_MS) return;
    shown = now;
    io.err(`\r${done} of ${total} traces${findings > 0 ? `, ${findings} findings` : ''} `);
  };
};

/** Writes the trace of a finding, so that it can be run again. */
const keep = async (finding: ValidateFinding, plan: Plan, io: Io): Promise<Kept> => {
  const file = join(plan.out, `${finding.found.replace(/[^\w.-]/g, '_')}.jsonl`);
  const dir = resolve(io.cwd, plan.out);
  try {
    mkdirSync(dir, { recursive: true });
  } catch (error) {
    throw new ForklabError('FL5004', { path: plan.out, reason: osReason(error) }, { cause: error });
  }
  await writeTrace(resolve(io.cwd, file), finding.trace);
  return { finding, file, replay: `forklab validate ${file}` };
};

export const command: Command = {
  name: 'validate',
  about: 'Runs traces on the kernel of this machine and in the classic strategy, and stops at the first difference.',
  more:
    'Every field of every answer is compared: results, signals, faults, contents, page tables and memory of every process. ' +
    'A trace that differs is shrunk, printed with both answers and the state around them, and written to a file. Where they ' +
    'differ the kernel is asked again; one that differs from itself is reported apart. What this host cannot do is left out, by ' +
    'name. Without TRACE and --random, 200 random traces run. Exit status 1: the model differs.',
  args: {
    'TRACE…': { type: 'positional', description: 'traces (.jsonl or .jsonl.gz)' },
    random: { type: 'string', valueHint: 'N', description: 'run so many random traces, too' },
    seed: { type: 'string', valueHint: 'N', description: 'the seed of the first of them; default 1' },
    areas: {
      type: 'string',
      valueHint: 'A,B',
      description: 'what random traces are made of, besides memory; default everything that doctor lists',
    },
    operations: { type: 'string', valueHint: 'N', description: 'operations of a random trace; default 40' },
    findings: { type: 'string', valueHint: 'N', description: 'stop after so many traces that differ; default 1' },
    kernel: {
      ...KERNEL_ARG,
      description: 'the release that the model answers as; default: the one that fits this host',
    },
    out: { type: 'string', valueHint: 'DIR', description: 'where shrunk traces go; default forklab-validate' },
    record: {
      type: 'string',
      valueHint: 'DIR',
      description: 'instead, write what this kernel answers to N random traces of each area, to DIR/AREA.jsonl.gz',
    },
    json: { type: 'boolean', description: 'print one JSON document and nothing else' },
  },
  examples: [
    { call: 'forklab validate --random 5000 --seed 1', does: 'five thousand random traces over everything modelled' },
    { call: 'forklab validate trace.jsonl', does: 'one trace: does this kernel answer as the model does?' },
    { call: `${RECORD_USAGE.replace('A,B', 'files,mremap')}`, does: 'records this kernel, a hundred traces an area' },
    { call: 'forklab validate --random 500 --areas files,mremap --findings 5', does: 'two areas, up to five findings' },
  ],
  run: (args, io) => (args.has('record') ? recordAreas(args, io) : run(args, io)),
};

/** A day is enough to tell recordings apart, and the one thing here that is not in the seed. */
const today = (): string => new Date().toISOString().slice(0, 10);

const recordAreas = async (args: Args, io: Io): Promise<number> => {
  const { asked, random, seed, files } = planOf(args);
  const linux = await import('@forklab/linux');
  if (asked.length === 0 || files.length > 0) {
    const problem = files.length > 0 ? 'it records random traces only' : 'it needs the areas that are to be recorded';
    throw new ForklabError('FL1004', { command: 'validate', problem, usage: RECORD_USAGE });
  }
  const areas = asked.map((word) => oneWord('--areas', word, linux.AREA_NAMES));
  const dir = resolve(io.cwd, args.one('record')!);
  const kernel = await linux.openKernelRunner();
  try {
    for (const area of areas) {
      const onTrace = progress(io, random);
      const { head, rows } = await linux.record({ area, count: random, seed, kernel, date: today(), onTrace });
      mkdirSync(dir, { recursive: true });
      const lines = [head, ...rows].map((line) => `${JSON.stringify(line)}\n`);
      await writeWhole(join(dir, `${area}.jsonl.gz`), lines);
      await io.out(
        `${area}: ${rows.length} traces recorded; ${head.leftOut} that the kernel could not do, or not twice the same, are not in it\n`,
      );
    }
  } finally {
    await kernel.close();
  }
  return 0;
};

const run = async (args: Args, io: Io): Promise<number> => {
  const plan = planOf(args);
  const linux = await import('@forklab/linux');
  const asked = plan.asked.map((word) => oneWord('--areas', word, linux.AREA_NAMES));
  const host = linux.examineHost();
  const release = args.one('kernel');
  const as = release === undefined ? host.fits : oneWord<KernelRelease>('--kernel', release, ['6.18', '6.1']);
  const traces: Trace[] = [];
  for (const path of plan.files) traces.push(await traceAt(path, io));
  const model = linux.modelOf((await columnOf('classic', io)).plugins, as);
  const kernel = await linux.openKernelRunner();
  try {
    const survey: AreaSurvey[] =
      plan.random === 0
        ? []
        : await linux.surveyAreas(host, kernel, model, asked.length > 0 ? asked : linux.AREA_NAMES);
    const areas = survey.flatMap(({ area, why }) => (why === null ? [area] : []));
    const all = function* (): Generator<Trace> {
      yield* traces;
      for (let k = 0; k < plan.random; k++) {
        yield linux.randomTrace({ seed: (plan.seed + k) % (SEED_MAX + 1), operations: plan.operations, areas });
      }
    };
    const onTrace = progress(io, traces.length + plan.random);
    const started = performance.now();
    const report = await linux.validate({ model, kernel, traces: all(), findingsMax: plan.findingsMax, onTrace });
    const seconds = (performance.now() - started) / 1000;
    if (io.errTty) io.err('\r\u001b[K');
    const kept: Kept[] = [];
    for (const finding of report.findings) kept.push(await keep(finding, plan, io));
    const seed = plan.random > 0 ? plan.seed : null;
    const outcome = { report, kept, host, kernel: as, seed, areas: survey, seconds };
    await io.out(args.has('json') ? jsonOf(outcome) : textOf(outcome));
    return counts(outcome).differ > 0 ? 1 : 0;
  } finally {
    await kernel.close();
  }
};
