/** `forklab diff`: steps two strategies through one trace, or lines up two result files, to the first difference. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  createRunner,
  dumpSpace,
  ForklabError,
  type Machine,
  osReason,
  type Sample,
  type StepResult,
  type Trace,
  type TraceResult,
} from '@forklab/core';
import type { Args } from '../args.js';
import { breathe, type Io } from '../io.js';
import { type Command, KERNEL_ARG } from './command.js';
import { columnOf, machineArgs, traceAt } from './one-column.js';

const usage = 'forklab diff A B TRACE, or forklab diff A.json B.json';

/** What must agree: outcomes and contents. Faults and charges are where strategies are meant to differ. */
const sameStep = (a: StepResult | undefined, b: StepResult | undefined, all: boolean): boolean =>
  a?.op === b?.op && a?.result === b?.result && a?.digest === b?.digest && (!all || a?.minflt === b?.minflt);

const sameSample = (a: Sample | undefined, b: Sample | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);

const show = (value: unknown): string => JSON.stringify(value) ?? 'nothing';

const surroundings = (label: string, machine: Machine): string => {
  const dumps = [...machine.procs.keys()].map((name) => dumpSpace(machine, name));
  return `--- ${label}\n${dumps.join('\n')}\n`;
};

const diffStrategies = async (a: string, b: string, trace: Trace, args: Args, io: Io): Promise<number> => {
  const columns = [await columnOf(a, io), await columnOf(b, io)] as const;
  const [left, right] = columns.map((c) => createRunner(trace, { strategies: c.plugins, ...machineArgs(args) }));
  const all = args.has('all');
  for (let i = 1; left!.next(); i++) {
    right!.next();
    if (i % 64 === 0) await breathe(io);
    const steps = [left!.result.steps.at(-1), right!.result.steps.at(-1)] as const;
    const samples = [left!.result.samples.at(-1), right!.result.samples.at(-1)] as const;
    const sampled = all && trace.ops[i - 1]!.op === 'sample' && !sameSample(...samples);
    if (sameStep(...steps, all) && !sampled) continue;
    const found = sampled ? samples : steps;
    await io.out(`first difference at line ${i}: ${show(trace.ops[i - 1])}\n`);
    await io.out(`  ${a}: ${show(found[0])}\n  ${b}: ${show(found[1])}\n`);
    await io.out(surroundings(a, left!.machine) + surroundings(b, right!.machine));
    return 1;
  }
  await io.out(`${a} and ${b} answer the same in all ${trace.ops.length} operations\n`);
  return 0;
};

/** The first document of a result file. */
const resultAt = (path: string, io: Io): TraceResult => {
  let text: string;
  try {
    text = readFileSync(resolve(io.cwd, path), 'utf8');
  } catch (error) {
    throw new ForklabError('FL1012', { file: path, problem: osReason(error) });
  }
  let value: unknown;
  try {
    value = JSON.parse(text.split('\n', 1)[0]!.trim() === '{' ? text : text.split('\n', 1)[0]!);
  } catch {
    throw new ForklabError('FL1012', { file: path, problem: 'its first line is not JSON' });
  }
  const steps = typeof value === 'object' && value !== null && 'steps' in value ? value.steps : undefined;
  if (!Array.isArray(steps)) throw new ForklabError('FL1012', { file: path, problem: 'it has no list "steps"' });
  return { samples: [], ...(value as object) } as unknown as TraceResult;
};

const diffResults = async (a: string, b: string, args: Args, io: Io): Promise<number> => {
  const left = resultAt(a, io);
  const right = resultAt(b, io);
  const count = Math.max(left.steps.length, right.steps.length);
  for (let k = 0; k < count; k++) {
    if (sameStep(left.steps[k], right.steps[k], args.has('all'))) continue;
    await io.out(`first difference at step ${k}\n  ${a}: ${show(left.steps[k])}\n  ${b}: ${show(right.steps[k])}\n`);
    return 1;
  }
  await io.out(`${a} and ${b} agree in all ${count} steps\n`);
  return 0;
};

export const command: Command = {
  name: 'diff',
  about: 'Stops at the first step at which two strategies, or two results, differ, and shows both sides.',
  more: 'Compared are outcomes and contents; with --all also minor faults and samples. Exit status 1: they differ.',
  args: {
    'A B [TRACE]…': {
      type: 'positional',
      description: 'two strategies and a trace or workload, or two result files (.json)',
    },
    all: { type: 'boolean', description: 'compare minor faults and samples, too' },
    kernel: KERNEL_ARG,
  },
  examples: [
    { call: 'forklab diff classic cow-pte trace.jsonl', does: 'must find nothing: a strategy may not change results' },
    { call: 'forklab diff classic cow-pte trace.jsonl --all', does: 'shows where the first fault is saved or added' },
  ],
  async run(args, io) {
    const [a, b, path, ...more] = args.positionals;
    if (a === undefined || b === undefined || more.length > 0) {
      throw new ForklabError('FL1004', { command: 'diff', problem: 'it compares two things', usage });
    }
    return path === undefined ? diffResults(a, b, args, io) : diffStrategies(a, b, await traceAt(path, io), args, io);
  },
};
