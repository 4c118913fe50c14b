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
/** Kernels that really share PTE tables: COW-PTE's branch, and On-Demand Fork's final code. */
export type PatchedKernel = 'cow-pte-6.0.6' | 'odf-5.6.19';

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

/** A patched kernel's answers, with what its log said and what became of it. */
export interface PatchedFixture extends KernelFixture {
  /** Lines of the kernel log that complain. */
  readonly alarms: readonly string[];
  /** The first step that never answered, or was never reached; null: the kernel saw the trace through. */
  readonly lostAt: number | null;
  /** Two runs answered alike. */
  readonly stable: boolean;
  /** What stayed allocated when the last process was gone, kB. */
  readonly left: { readonly pageTables: number; readonly anonPages: number };
}

interface PackedRow {
  readonly name: string;
  /** JSON Lines. Only in the newest kernel's file: the others ran the same traces. */
  readonly trace?: string;
  readonly expected: { readonly steps: StepResult[]; readonly samples: RecordedSample[] } & Partial<{
    readonly alarms: readonly string[];
    readonly crashed: boolean;
    readonly stable: boolean;
    readonly left: PatchedFixture['left'];
  }>;
}

const unpack = (kernel: FixtureKernel | PatchedKernel): PackedRow[] => {
  const file = new URL(`../fixtures/${kernel}.jsonl.gz`, import.meta.url);
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as PackedRow);
};

/** Every trace with a kernel's answers, in order of name. */
export const kernelFixtures = (kernel: FixtureKernel): KernelFixture[] => rowsOf(kernel).map(([fixture]) => fixture);

const rowsOf = (kernel: FixtureKernel | PatchedKernel): [KernelFixture, PackedRow][] => {
  const newest = unpack('linux-6.18');
  const traces = new Map(newest.map(({ name, trace }) => [name, trace!]));
  const rows = kernel === 'linux-6.18' ? newest : unpack(kernel);
  return rows.map((row) => {
    const { steps, samples } = row.expected;
    return [{ name: row.name, trace: parseTrace(traces.get(row.name)!, `${row.name}.jsonl`), steps, samples }, row];
  });
};

/** No answer in 25 seconds, and what a process that is gone answers. */
const LOST: readonly string[] = ['hang', 'dead'];

/** Every trace with the answers of a kernel that shares tables. Steps that it never answered are left out. */
export const patchedFixtures = (kernel: PatchedKernel): PatchedFixture[] =>
  rowsOf(kernel).map(([fixture, { expected }]) => {
    const lost = fixture.steps.findIndex(({ result }) => LOST.includes(String(result)));
    const answered = lost < 0 ? fixture.steps : fixture.steps.slice(0, lost);
    const never = expected.crashed ? (answered.at(-1)?.i ?? 0) + 1 : null;
    return {
      ...fixture,
      steps: answered,
      alarms: expected.alarms ?? [],
      lostAt: lost < 0 ? never : fixture.steps[lost]!.i,
      stable: expected.stable ?? true,
      left: expected.left ?? { pageTables: 0, anonPages: 0 },
    };
  });
