/** Recordings: random traces of one area with what this kernel answered, each twice the same. */

import { arch, cpus, release, totalmem } from 'node:os';
import { compareResults, formatTrace, type StepResult, type Trace } from '@forklab/core';
import { type Area, areaInfo } from '../random/areas.js';
import { randomTrace } from '../random-trace.js';
import type { KernelResult, KernelRunner, KernelSample } from '../run-on-kernel.js';

export interface RecordOptions {
  readonly area: Area;
  /** How many traces. */
  readonly count: number;
  /** Seed of the first one tried. */
  readonly seed: number;
  readonly kernel: KernelRunner;
  /** ISO date for the head of the recording: this package has no clock of its own. */
  readonly date: string;
  readonly onTrace?: (done: number, findings: number) => void | Promise<void>;
}

/** The first line of a recording. */
export interface RecordingHead {
  readonly forklab: 'recording';
  readonly version: 1;
  readonly area: Area;
  readonly says: string;
  readonly host: string;
  readonly kernel: string;
  readonly date: string;
  /** Traces that are not in it: the kernel could not do all of them, or did not answer twice the same. */
  readonly leftOut: number;
  /** The seeds tried, first and last. */
  readonly seeds: readonly [number, number];
}

/** Each other line. */
export interface RecordingRow {
  readonly name: string;
  readonly trace: string;
  readonly expected: { readonly steps: readonly StepResult[]; readonly samples: readonly KernelSample[] };
}

export interface Recording {
  readonly head: RecordingHead;
  readonly rows: readonly RecordingRow[];
}

/** Shorter than those that validate runs, with fewer samples, so that a hundred of them stay small. */
const OPERATIONS = 28;
const SAMPLES_PERCENT = 15;
const PROCESSES_MAX = 5;

/** What stands beside the area itself, so that each recording is about what meets in its area. */
const BESIDE: readonly Area[] = ['processes'];

/** The answers, when the kernel gives them twice; null when it does not, or could not do a part. */
const answeredTwice = async (trace: Trace, kernel: KernelRunner): Promise<KernelResult | null> => {
  const first = await kernel.run(trace);
  const second = await kernel.run(trace);
  if (first.steps.some(({ result }) => result === 'ENOSYS')) return null;
  return compareResults(trace, first, second).difference === null ? first : null;
};

/** What kind of machine, not which: a recording is published. */
const describeHost = (): string => {
  const { model = 'unknown' } = cpus()[0] ?? {};
  return `${arch()}, ${cpus().length} x ${model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
};

/** @throws ForklabError as `KernelRunner.run`. */
export const record = async (options: RecordOptions): Promise<Recording> => {
  const { area, count, seed, kernel, date } = options;
  const rows: RecordingRow[] = [];
  let tried = 0;
  for (; rows.length < count; tried++) {
    await options.onTrace?.(rows.length, 0);
    const name = `${area}-${seed + tried}`;
    const areas = [...BESIDE, area];
    const size = { operations: OPERATIONS, samples: SAMPLES_PERCENT, processes: 2 + (tried % (PROCESSES_MAX - 1)) };
    const trace = randomTrace({ seed: seed + tried, areas, name, ...size });
    const answers = await answeredTwice(trace, kernel);
    if (answers === null) continue;
    const { steps, samples } = answers;
    rows.push({ name, trace: formatTrace(trace), expected: { steps, samples } });
  }
  const head: RecordingHead = {
    ...{ forklab: 'recording', version: 1, area, says: areaInfo(area).says },
    ...{ host: describeHost(), kernel: release(), date, leftOut: tried - rows.length, seeds: [seed, seed + tried - 1] },
  };
  return { head, rows };
};
