/** What a difference becomes for whoever reads it: a small trace, both answers, and the state around them. */

import {
  type Difference,
  isForklabError,
  type Op,
  type ProcSample,
  type StepResult,
  shrinkTraceAsync,
  type Trace,
} from '@forklab/core';
import type { KernelRunner } from '../run-on-kernel.js';
import { judgeTrace, type Verdict } from './judge-trace.js';
import type { Model } from './model.js';

/** A trace that the model answers otherwise than the kernel, or the kernel otherwise than before. */
export interface ValidateFinding {
  readonly is: 'differs' | 'unstable' | 'broken';
  /** The name of the trace in which it was found. */
  readonly found: string;
  /** The smallest trace that shows it; the first difference is at its last operation. */
  readonly trace: Trace;
  readonly difference: Difference | null;
  /** Of a kernel that differs from itself: whether the model answers as it did one of the times. */
  readonly agrees?: boolean;
  /** What the model threw, when it broke down. */
  readonly error?: string;
  /** Both answers to the operation; null of a sample, and where it broke down. */
  readonly answers: { readonly model: StepResult | null; readonly kernel: StepResult | null };
  /** The model's VMAs and tables after it, and what /proc would print and prints of each process. */
  readonly around: { readonly tables: string; readonly model: Procs; readonly kernel: Procs };
}

type Procs = Readonly<Record<string, ProcSample>>;

const fieldOf = (verdict: Verdict): string | null =>
  verdict.is === 'differs' || verdict.is === 'unstable'
    ? `${verdict.is} ${verdict.difference.field}`
    : verdict.is === 'broken'
      ? 'broken'
      : null;

/** A trace that has lost an operation may ask for what no process can do; that shows nothing. */
const verdictOrNull = async (trace: Trace, model: Model, kernel: KernelRunner): Promise<Verdict | null> => {
  try {
    return await judgeTrace(trace, model, kernel);
  } catch (error) {
    if (isForklabError(error)) return null;
    throw error;
  }
};

const LAST: Op = { op: 'sample', label: 'here' };

/** The trace up to an operation. */
const upTo = (trace: Trace, i: number): Trace => ({ header: trace.header, ops: trace.ops.slice(0, i) });

const look = async (trace: Trace, model: Model, kernel: KernelRunner): Promise<ValidateFinding['around']> => {
  const labelled = trace.ops.filter((op) => !(op.op === 'sample' && op.label === 'here'));
  const sampled: Trace = { header: trace.header, ops: [...labelled, LAST] };
  const theirs = await kernel.run(sampled);
  const ours = model.run(sampled);
  return {
    tables: model.dump(sampled, sampled.ops.length),
    model: ours.samples.at(-1)?.procs ?? {},
    kernel: theirs.samples.at(-1)?.procs ?? {},
  };
};

const NONE = { model: null, kernel: null } as const;

/** It may not show when asked again, so the trace is only cut. */
const unstableFinding = (found: Trace, difference: Difference, agrees: boolean, model: Model): ValidateFinding => {
  const trace = upTo(found, difference.i);
  const around = { tables: model.dump(trace, difference.i), model: {}, kernel: {} };
  return { is: 'unstable', found: found.header.name, trace, difference, agrees, answers: NONE, around };
};

const brokenFinding = (found: string, trace: Trace, error: string): ValidateFinding => {
  const around = { tables: '', model: {}, kernel: {} };
  return { is: 'broken', found, trace, difference: null, error, answers: NONE, around };
};

/** Shrinks a trace with a verdict against it to a finding. */
export const findingOf = async (
  found: Trace,
  verdict: Exclude<Verdict, { is: 'same' | 'partly' }>,
  model: Model,
  kernel: KernelRunner,
): Promise<ValidateFinding> => {
  if (verdict.is === 'unstable') return unstableFinding(found, verdict.difference, verdict.agrees, model);
  const wanted = fieldOf(verdict);
  const shows = async (trace: Trace) => {
    const seen = await verdictOrNull(trace, model, kernel);
    return seen !== null && fieldOf(seen) === wanted;
  };
  const cut = verdict.is === 'differs' ? upTo(found, verdict.difference.i) : found;
  const small = await shrinkTraceAsync((await shows(cut)) ? cut : found, shows);
  const seen = await judgeTrace(small, model, kernel);
  if (seen.is === 'broken') return brokenFinding(found.header.name, small, seen.error);
  if (seen.is === 'unstable') return unstableFinding(small, seen.difference, seen.agrees, model);
  // Gone when looked at once more: the kernel answered otherwise before, if the model did not break down.
  if (seen.is !== 'differs') {
    if (verdict.is === 'broken') return brokenFinding(found.header.name, found, verdict.error);
    return unstableFinding(found, verdict.difference, true, model);
  }
  const trace = upTo(small, seen.difference.i);
  const stepAt = (steps: readonly StepResult[]) => steps.find(({ i }) => i === seen.difference.i) ?? null;
  return {
    is: 'differs',
    found: found.header.name,
    trace,
    difference: seen.difference,
    answers: { model: stepAt(model.run(trace).steps), kernel: stepAt((await kernel.run(trace)).steps) },
    around: await look(trace, model, kernel),
  };
};

/** Whether it counts against the model: a kernel that varies does so only where the model agrees with none of its answers. */
export const countsAgainstModel = ({ is, agrees }: ValidateFinding): boolean => is !== 'unstable' || agrees !== true;
