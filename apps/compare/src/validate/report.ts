/** What `forklab validate` prints: as text for people, and as one JSON document. */
import { formatTrace, type ProcSample, SAMPLE_FIELDS } from '@forklab/core';
import type { AreaSurvey, HostFacts, ValidateFinding, ValidateReport } from '@forklab/linux';

/** A finding with the file in which its trace lies. */
export interface Kept {
  readonly finding: ValidateFinding;
  readonly file: string;
  readonly replay: string;
}

export interface Outcome {
  readonly report: ValidateReport;
  readonly kept: readonly Kept[];
  readonly host: HostFacts;
  readonly kernel: string;
  /** null when only traces from files ran. */
  readonly seed: number | null;
  readonly areas: readonly AreaSurvey[];
  readonly seconds: number;
}

const show = (value: unknown): string => JSON.stringify(value) ?? 'nothing';

const fieldOf = (proc: ProcSample, field: string): number => {
  const fields = (field.startsWith('mm.') ? proc.mm : proc) as unknown as Readonly<Record<string, number>>;
  return fields[field.replace('mm.', '')] ?? 0;
};

/** Both views of every process, a line each; the one that differs is marked. */
const procLines = ({ around }: ValidateFinding): string[] =>
  Object.entries(around.kernel).map(([name, kernel]) => {
    const model = around.model[name];
    const fields = SAMPLE_FIELDS.map((field) => {
      const [ours, theirs] = [model ? fieldOf(model, field) : Number.NaN, fieldOf(kernel, field)];
      return ours === theirs ? `${field} ${theirs}` : `${field} kernel ${theirs}, model ${ours}`;
    });
    return `    ${name}: ${fields.join('; ')}`;
  });

const HEADS = {
  differs: 'the model answers otherwise than the kernel',
  unstable: 'not deterministic: the kernel answers otherwise than it did before',
  broken: 'the model broke down',
} as const;

const findingLines = ({ finding, file, replay }: Kept): string[] => {
  const { is, found, trace, difference, answers, around, error } = finding;
  const lines = [`${found}: ${HEADS[is]}; shrunk to ${trace.ops.length} operations`];
  if (difference !== null) {
    const { i, field, proc } = difference;
    const first = is === 'unstable' ? 'kernel, first' : 'model';
    lines.push(`  at line ${i}: ${show(trace.ops[i - 1])}`);
    lines.push(`  ${field}${proc === undefined ? '' : ` of ${proc}`}: ${first} ${show(difference.model)}`);
    lines[lines.length - 1] += `, kernel ${show(difference.kernel)}`;
  }
  if (error !== undefined) lines.push(`  ${error}`);
  if (answers.model !== null) lines.push(`  model:  ${show(answers.model)}`, `  kernel: ${show(answers.kernel)}`);
  lines.push(
    '  the trace:',
    ...formatTrace(trace)
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => `    ${line}`),
  );
  if (around.tables !== '')
    lines.push('  the model after it:', ...around.tables.split('\n').map((line) => `    ${line}`));
  const procs = procLines(finding);
  if (procs.length > 0) lines.push('  /proc after it (kB):', ...procs);
  lines.push(`  written to ${file}`, `  run it again: ${replay}`);
  return lines;
};

/** How many findings count against the model, and how many against the kernel. */
export const counts = ({ kept }: Outcome) => {
  const differ = kept.filter(({ finding: { is, agrees } }) => is !== 'unstable' || agrees !== true).length;
  return { differ, unstable: kept.length - differ };
};

export const textOf = (outcome: Outcome): string => {
  const { report, kept, host, kernel, areas, seconds } = outcome;
  const { differ, unstable } = counts(outcome);
  const lines = kept.flatMap(findingLines);
  const stops = new Map<string, number>();
  for (const { stop } of report.partly) {
    const key = `the ${stop.who} has no ${stop.what}`;
    stops.set(key, (stops.get(key) ?? 0) + 1);
  }
  for (const [why, count] of stops) lines.push(`compared in part, in ${count} traces: ${why}`);
  for (const { area, why } of areas) if (why !== null) lines.push(`left out: ${area}: ${why}`);
  const rate = seconds > 0 ? `, ${(report.traces / seconds).toFixed(1)} traces a second` : '';
  lines.push(
    `${report.traces} traces, ${report.operations} operations, on Linux ${host.kernel} and in the model of ${kernel}${rate}`,
  );
  lines.push(differ === 0 ? 'no difference' : `${differ} of them differ`);
  if (unstable > 0) {
    lines.push(
      `not deterministic: ${unstable} of them, which the kernel did not answer the same each time; the model answers as it once did`,
    );
  }
  return `${lines.join('\n')}\n`;
};

export const jsonOf = (outcome: Outcome): string => {
  const { report, kept, host, kernel, seed, areas } = outcome;
  const findings = kept.map(({ finding, file, replay }) => {
    const { is, found, trace, difference, agrees, error, answers, around } = finding;
    return { is, agrees, found, operations: trace.ops.length, difference, error, answers, around, file, replay };
  });
  const { traces, operations, partly } = report;
  const leftOut = areas.flatMap(({ area, why }) => (why === null ? [] : [{ area, why }]));
  const document = {
    forklab: 'validate',
    version: 1,
    host,
    kernel,
    seed,
    traces,
    operations,
    partly,
    leftOut,
    findings,
  };
  return `${JSON.stringify(document)}\n`;
};
