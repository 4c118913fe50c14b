/** What Linux answered to random traces of one area each: recorded on one host, each trace twice the same. */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parseTrace, type Sample, type StepResult, type Trace } from '@forklab/core';

// Not at once: a bundle that is loaded from memory has no folder, and need not have one.
const folder = (): URL => new URL('../recordings/', import.meta.url);
const SUFFIX = '.jsonl.gz';

/** Where and when it was recorded. */
export interface RecordingSource {
  readonly area: string;
  readonly says: string;
  readonly host: string;
  readonly kernel: string;
  readonly date: string;
}

export interface RecordedTrace {
  readonly name: string;
  readonly trace: Trace;
  readonly steps: readonly StepResult[];
  readonly samples: readonly Pick<Sample, 'label' | 'procs'>[];
}

export interface AreaRecording {
  readonly source: RecordingSource;
  readonly traces: readonly RecordedTrace[];
}

/** The areas that there are recordings of, by name. */
export const recordedAreas = (): string[] =>
  readdirSync(folder())
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length))
    .sort();

interface PackedRow {
  readonly name: string;
  readonly trace: string;
  readonly expected: Pick<RecordedTrace, 'steps' | 'samples'>;
}

/** All traces of an area, with the kernel's answers. */
export const recordingOf = (area: string): AreaRecording => {
  const lines = gunzipSync(readFileSync(new URL(area + SUFFIX, folder())))
    .toString('utf8')
    .trimEnd()
    .split('\n');
  const [source, ...rows] = lines.map((line) => JSON.parse(line) as unknown);
  return {
    source: source as RecordingSource,
    traces: (rows as PackedRow[]).map(({ name, trace, expected: { steps, samples } }) => ({
      ...{ name, steps, samples },
      trace: parseTrace(trace, `${name}.jsonl`),
    })),
  };
};
