/** A model's answers beside the kernel's: every field of every step and sample, in the order of the trace. */

import {
  type ComparedField,
  type Exclusion,
  type Op,
  type ProcSample,
  SAMPLE_FIELDS,
  type Sample,
  STEP_FIELDS,
  type StepResult,
  type Trace,
} from '../trace/index.js';

/** The first field in which two answers differ. `procs`: a sample shows other processes. */
export interface Difference {
  /** Line index of the operation, the header being 0. */
  readonly i: number;
  readonly op: Op['op'];
  readonly field: ComparedField | 'procs' | 'steps';
  /** The process of the sample. */
  readonly proc?: string;
  readonly model: unknown;
  readonly kernel: unknown;
}

/** Comparing ended at line `i`, since one side has nothing to answer that operation with: what follows depends on it. */
export interface Stop {
  readonly i: number;
  /** The operation, with its advice or flags where those are what is lacking. */
  readonly what: string;
  readonly who: 'model' | 'kernel';
}

export interface Comparison {
  readonly difference: Difference | null;
  readonly stop: Stop | null;
}

/** What both sides have. A model has more, and a recording may have fewer fields. */
export interface Answers {
  readonly steps: readonly StepResult[];
  readonly samples: readonly Pick<Sample, 'label' | 'procs'>[];
}

/** Answered where a side has no call for an operation, and nowhere else: no operation of a trace is an unknown call. */
const NO_CALL = 'ENOSYS';

/** Fields that are left out when they are 0. */
const stepField = (step: StepResult, field: ComparedField): unknown =>
  (step as unknown as Readonly<Record<string, unknown>>)[field] ?? 0;

const sampleField = (proc: ProcSample, field: string): number => {
  const fields = (field.startsWith('mm.') ? proc.mm : proc) as unknown as Readonly<Record<string, number>>;
  return fields[field.replace('mm.', '')] ?? 0;
};

const excluded = (trace: Trace, op: Op): ReadonlySet<string> => {
  const lists: (readonly Exclusion[])[] = [trace.header.notCompared ?? [], op.notCompared ?? []];
  return new Set(lists.flat().map(({ field }) => field));
};

const compareSteps = (trace: Trace, i: number, model: StepResult, kernel: StepResult): Difference | null => {
  const op = trace.ops[i - 1]!;
  const skipped = excluded(trace, op);
  for (const field of STEP_FIELDS) {
    if (skipped.has(field) || stepField(model, field) === stepField(kernel, field)) continue;
    // A side that refused an access counts no faults: where outcomes are not compared, nothing else can be.
    if (field !== 'result' && model.result !== kernel.result) continue;
    return { i, op: op.op, field, model: stepField(model, field), kernel: stepField(kernel, field) };
  }
  return null;
};

type Procs = Readonly<Record<string, ProcSample>>;

const compareSamples = (trace: Trace, i: number, model: Procs, kernel: Procs): Difference | null => {
  const op = trace.ops[i - 1]!;
  const skipped = excluded(trace, op);
  const [ours, theirs] = [Object.keys(model).sort(), Object.keys(kernel).sort()];
  if (ours.join('\n') !== theirs.join('\n')) return { i, op: op.op, field: 'procs', model: ours, kernel: theirs };
  for (const proc of ours) {
    for (const field of SAMPLE_FIELDS) {
      const [a, b] = [sampleField(model[proc]!, field), sampleField(kernel[proc]!, field)];
      if (a !== b && !skipped.has(field)) return { i, op: op.op, field, proc, model: a, kernel: b };
    }
  }
  return null;
};

const whatOf = (op: Op): string => {
  if (op.op === 'madvise') return `madvise ${op.advice}`;
  return op.op === 'mmap' ? `mmap ${op.flags.join(' ')}` : op.op;
};

const answersAnything = ({ op }: Op): boolean => op !== 'process' && op !== 'ptdump';

/** Walks the trace to the first difference, or to the first operation that only one side can do. */
export const compareResults = (trace: Trace, model: Answers, kernel: Answers): Comparison => {
  let [step, sample] = [0, 0];
  for (const [k, op] of trace.ops.entries()) {
    const i = k + 1;
    if (!answersAnything(op)) continue;
    if (op.op === 'sample') {
      const [ours, theirs] = [model.samples[sample]?.procs ?? {}, kernel.samples[sample++]?.procs ?? {}];
      const difference = compareSamples(trace, i, ours, theirs);
      if (difference) return { difference, stop: null };
      continue;
    }
    const [ours, theirs] = [model.steps[step], kernel.steps[step++]];
    if (ours?.i !== i || theirs?.i !== i) {
      const difference: Difference = {
        i,
        op: op.op,
        field: 'steps',
        model: ours?.i ?? null,
        kernel: theirs?.i ?? null,
      };
      return { difference, stop: null };
    }
    const [modelled, called] = [ours.result !== NO_CALL, theirs.result !== NO_CALL];
    // A kernel may have written a part of the pages out before it finds that it cannot do the rest.
    const halfDone = op.op === 'swapout' && !called;
    if (modelled !== called || halfDone) {
      return { difference: null, stop: { i, what: whatOf(op), who: called ? 'model' : 'kernel' } };
    }
    const difference = compareSteps(trace, i, ours, theirs);
    if (difference) return { difference, stop: null };
  }
  return { difference: null, stop: null };
};
