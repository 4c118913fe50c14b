/** Running a trace on the kernel of this machine, with real processes. */

import { constants, release } from 'node:os';
import { ForklabError, type Outcome, type ProcSample, type Sample, type StepResult, type Trace } from '@forklab/core';
import { type EncodedTrace, encodeTrace } from './encode-trace.js';
import { textOf } from './host/examine-host.js';
import { type RunnerOptions, type RunnerProcess, startRunner } from './kernel-runner.js';
import { ANSWER, type Answer, FATAL, FIGURES, type Figure, RESULT_SIGNAL } from './wire.js';

/** How a trace is run. */
export interface KernelRunOptions extends RunnerOptions {
  /** Time for one trace, in ms. Default 60000. */
  readonly timeoutMs?: number;
}

/** What /proc shows at a `sample`; it has no figures of the machine that are about the trace alone. */
export type KernelSample = Omit<Sample, 'machine'>;

/** What the kernel answered. It is a `TraceResult` without what only a model knows. */
export interface KernelResult {
  readonly trace: string;
  /** `uname -r`. */
  readonly kernel: string;
  readonly steps: readonly StepResult[];
  readonly samples: readonly KernelSample[];
  /** How often an operation was met that this kernel has no call for, by its name. */
  readonly unmodelled: Readonly<Record<string, number>>;
}

/** Runs traces one after the other, with one native process. Call `close` in the end. */
export interface KernelRunner {
  /** @throws ForklabError FL4006 (time), FL4007 (a process was killed), FL4008 (address), FL4009 (dead process). */
  run(trace: Trace): Promise<KernelResult>;
  close(): Promise<void>;
}

const DEFAULT_TIMEOUT_MS = 60_000;
/** Runs of one trace that khugepaged may spoil before the last one is taken as it is. */
const TRIES_MAX = 3;

const ERRNO_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno)
    .reverse()
    .map(([name, value]) => [value, name]),
);

const SIGNAL_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.signals)
    .reverse()
    .map(([name, value]) => [value, name]),
);

const outcomeOf = (result: number): Outcome => {
  if (result === 0) return 0;
  if (result >= RESULT_SIGNAL) return SIGNAL_NAMES.get(result - RESULT_SIGNAL) ?? `signal ${result - RESULT_SIGNAL}`;
  return ERRNO_NAMES.get(-result) ?? `errno ${-result}`;
};

const COUNTED: ReadonlySet<string> = new Set(['read', 'write', 'touch', 'digest']);

const stepOf = (trace: Trace, answer: Answer): StepResult => {
  const { op } = trace.ops[answer.index - 1]!;
  const [result = 0, minflt = 0, majflt = 0, digest = 0, uffd = 0] = answer.values;
  const step = { i: answer.index, op, result: outcomeOf(result), ...(uffd > 0 ? { uffd } : {}) };
  if (result === 0 && op === 'peek') return { ...step, digest };
  if (result !== 0 || !COUNTED.has(op)) return step;
  return { ...step, minflt, ...(majflt > 0 ? { majflt } : {}), ...(op === 'digest' ? { digest } : {}) };
};

const procOf = (answer: Answer): ProcSample => {
  const figures = Object.fromEntries(FIGURES.map((name, k) => [name, answer.values[k] ?? 0])) as Record<Figure, number>;
  const { mmAnon, mmFile, mmShmem, mmSwap, ...found } = figures;
  return { ...found, mm: { rssAnon: mmAnon, rssFile: mmFile, rssShmem: mmShmem, swap: mmSwap } };
};

const samplesOf = (trace: Trace, encoded: EncodedTrace, answers: readonly Answer[]): KernelSample[] => {
  const procs = new Map<number, Record<string, ProcSample>>();
  for (const answer of answers) {
    if (answer.kind !== ANSWER.proc) continue;
    const sample = procs.get(answer.index) ?? {};
    sample[encoded.procNames[answer.proc]!] = procOf(answer);
    procs.set(answer.index, sample);
  }
  return trace.ops.flatMap((op, k) => (op.op === 'sample' ? [{ label: op.label, procs: procs.get(k + 1) ?? {} }] : []));
};

const throwFatal = (trace: Trace, encoded: EncodedTrace, answer: Answer, timeoutMs: number): never => {
  const [reason, detail = 0] = answer.values;
  const place = { trace: trace.header.name, line: answer.index };
  if (reason === FATAL.timeout) throw new ForklabError('FL4006', { ...place, timeoutMs });
  if (reason === FATAL.trace)
    throw new ForklabError('FL4009', { ...place, proc: encoded.procNames[detail] ?? 'unknown' });
  if (reason === FATAL.killed) {
    const how = (detail & 0x7f) === 0 ? `status ${detail >> 8}` : (SIGNAL_NAMES.get(detail & 0x7f) ?? `${detail}`);
    throw new ForklabError('FL4007', { ...place, how });
  }
  throw new ForklabError('FL4007', { ...place, how: `${outcomeOf(-detail)} in the runner` });
};

const resultOf = (trace: Trace, encoded: EncodedTrace, answers: readonly Answer[]): KernelResult => {
  const refused = encoded.refused.map((i) => ({ i, op: trace.ops[i - 1]!.op, result: 'ENOSYS' }));
  const done = answers.filter(({ kind }) => kind === ANSWER.step).map((answer) => stepOf(trace, answer));
  const unmodelled: Record<string, number> = {};
  // A swapout may be refused when its turn comes: see native/reclaim.h.
  const impossible = done.filter(({ op, result }) => op === 'swapout' && result === 'ENOSYS');
  for (const { op } of [...refused, ...impossible]) unmodelled[op] = (unmodelled[op] ?? 0) + 1;
  return {
    trace: trace.header.name,
    kernel: release(),
    steps: refused.length === 0 ? done : [...done, ...refused].sort((a, b) => a.i - b.i),
    samples: samplesOf(trace, encoded, answers),
    unmodelled,
  };
};

const runOnce = async (
  runner: RunnerProcess,
  trace: Trace,
  encoded: EncodedTrace,
  timeoutMs: number,
): Promise<KernelResult> => {
  const { answers, ended } = await runner.converse(encoded.chunks, timeoutMs);
  const last = answers.at(-1);
  if (last?.kind === ANSWER.fatal) throwFatal(trace, encoded, last, timeoutMs);
  if (ended !== undefined)
    throw new ForklabError('FL4007', { trace: trace.header.name, line: last?.index ?? 0, how: ended });
  return resultOf(trace, encoded, answers);
};

/** How many huge pages khugepaged has made so far, as text; null when there is none to make any. */
const collapsed = (): string | null => textOf('/sys/kernel/mm/transparent_hugepage/khugepaged/pages_collapsed');

/** khugepaged comes by every few seconds and makes huge pages of small ones. A run that it took part in says nothing. */
const undisturbed = async (trace: Trace, run: (tries: number) => Promise<KernelResult>): Promise<KernelResult> => {
  for (let tries = 0; ; tries++) {
    const before = collapsed();
    const result = await run(tries);
    if (trace.header.thp === undefined || collapsed() === before || tries === TRIES_MAX) return result;
  }
};

/**
 * Starts a runner. Several traces through one runner are faster than `runOnKernel` for each. After a trace that
 * failed the next one gets a new native process.
 * @throws ForklabError FL4001 to FL4005 when this host cannot run traces.
 */
export const openKernelRunner = async (options: KernelRunOptions = {}): Promise<KernelRunner> => {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  let runner: RunnerProcess | undefined = await startRunner(options);
  const next = async (trace: Trace): Promise<KernelResult> => {
    runner ??= await startRunner(options);
    const used = runner;
    const encoded = encodeTrace(trace, timeoutMs, used.swap);
    try {
      return await undisturbed(trace, (tries) =>
        runOnce(used, trace, tries === 0 ? encoded : encodeTrace(trace, timeoutMs, used.swap), timeoutMs),
      );
    } catch (error) {
      runner = undefined;
      await used.close();
      throw error;
    }
  };
  let queue: Promise<unknown> = Promise.resolve();
  return {
    run: (trace) => {
      const result = queue.then(() => next(trace));
      queue = result.catch(() => {});
      return result;
    },
    close: async () => {
      await queue;
      await runner?.close();
    },
  };
};

/**
 * Runs one trace on the kernel of this machine. The header's `memory` and `cpus` bind a model only: the machine has what
 * it has, and all processes of the trace share one processor. @throws as `openKernelRunner` and `KernelRunner.run`. */
export const runOnKernel = async (trace: Trace, options: KernelRunOptions = {}): Promise<KernelResult> => {
  const runner = await openKernelRunner(options);
  try {
    return await runner.run(trace);
  } finally {
    await runner.close();
  }
};
