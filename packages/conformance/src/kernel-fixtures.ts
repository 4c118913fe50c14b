/**
 * What real kernels answered: traces with the steps and samples that they recorded, packed one gzip a kernel.
 *
 * Recorded on x86-64 with four levels and 4 KiB pages, without transparent huge pages and without swap, twice each, the
 * same both times.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parseTrace, type StepResult, type Trace } from '@forklab/core';

export type FixtureKernel = 'linux-6.1' | 'linux-6.18';

/** What one process was, in kB and counts; fewer fields than a model's sample has. */
export type RecordedProcess = Readonly<Record<string, number>>;

export interface RecordedSample {
  readonly label: string;
  readonly procs: Readonly<Record<string, RecordedProcess>>;
}

export interface KernelFixture {
  readonly name: string;
  readonly trace: Trace;
  readonly steps: readonly StepResult[];
  readonly samples: readonly RecordedSample[];
}

interface PackedRow {
  readonly name: string;
  /** JSON Lines. Only in the newest kernel's file: the others ran the same traces. */
  readonly trace?: string;
  readonly expected: { readonly steps: StepResult[]; readonly samples: RecordedSample[] };
}

const unpack = (kernel: FixtureKernel): PackedRow[] => {
  const file = new URL(`../fixtures/${kernel}.jsonl.gz`, import.meta.url);
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as PackedRow);
};

/** Every trace with a kernel's answers, in order of name. */
export const kernelFixtures = (kernel: FixtureKernel): KernelFixture[] => {
  const newest = unpack('linux-6.18');
  const traces = new Map(newest.map(({ name, trace }) => [name, trace!]));
  const rows = kernel === 'linux-6.18' ? newest : unpack(kernel);
  return rows.map(({ name, expected }) => ({
    name,
    trace: parseTrace(traces.get(name)!, `${name}.jsonl`),
    steps: expected.steps,
    samples: expected.samples,
  }));
};
