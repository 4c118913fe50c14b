/** What stands in docs/fidelity.md: every operation and every field, and how many recorded traces are behind it. */
import {
  ADVICES,
  type Exclusion,
  MMAP_FLAGS,
  OPERATIONS,
  type Op,
  type OpName,
  SAMPLE_FIELDS,
  STEP_FIELDS,
  type StepField,
  type StepResult,
  type Trace,
} from '@forklab/core';
import { kernelFixtures, recordedAreas, recordingOf } from '../src/index.js';

interface Recorded {
  readonly trace: Trace;
  readonly steps: readonly StepResult[];
  readonly samples: readonly { readonly procs: Readonly<Record<string, object>> }[];
}

/** Why an operation has no answer to compare. */
const NO_ANSWER: { readonly [op in OpName]?: string } = {
  process: 'makes a process for the trace; no kernel is asked',
  ptdump: 'shows the tables of the model; no kernel shows its own',
  sample: 'answers with the fields of the second table',
  share: 'Linux has no such call',
  attach: 'Linux has no such call',
  detach: 'Linux has no such call',
  protect: 'Linux has no such call',
};

const COUNTED: ReadonlySet<OpName> = new Set(['read', 'write', 'touch', 'digest']);

const applies = (op: OpName, field: StepField): boolean =>
  field === 'result' || (field === 'digest' ? op === 'digest' : COUNTED.has(op));

/** The names under which an operation is counted: its own, and those of its advice or flags. */
const keysOf = (op: Op): string[] => {
  if (op.op === 'madvise') return ['madvise', `madvise ${op.advice}`];
  return op.op === 'mmap' ? ['mmap', ...op.flags.map((flag) => `mmap ${flag}`)] : [op.op];
};

const KEYS: readonly string[] = Object.keys(OPERATIONS).flatMap((op) => {
  if (op === 'madvise') return [op, ...ADVICES.map((advice) => `madvise ${advice}`)];
  return op === 'mmap' ? [op, ...MMAP_FLAGS.map((flag) => `mmap ${flag}`)] : [op];
});

interface Count {
  traces: number;
  steps: number;
  /** Steps that did not end with 0. */
  refused: number;
  readonly excluded: Map<string, number>;
}

const countOps = (recorded: readonly Recorded[]): ReadonlyMap<string, Count> => {
  const counts = new Map<string, Count>(
    KEYS.map((key) => [key, { traces: 0, steps: 0, refused: 0, excluded: new Map() }]),
  );
  for (const { trace, steps } of recorded) {
    const results = new Map(steps.map(({ i, result }) => [i, result]));
    const seen = new Set<string>();
    for (const [k, op] of trace.ops.entries()) {
      for (const key of keysOf(op)) {
        const count = counts.get(key)!;
        count.steps++;
        if ((results.get(k + 1) ?? 0) !== 0) count.refused++;
        const exclusions: readonly Exclusion[] = [...(op.notCompared ?? []), ...(trace.header.notCompared ?? [])];
        for (const { field, why } of exclusions) {
          if (op.op === 'sample' || !applies(op.op, field as StepField)) continue;
          const reason = `${field}: ${why}`;
          count.excluded.set(reason, (count.excluded.get(reason) ?? 0) + 1);
        }
        seen.add(key);
      }
    }
    for (const key of seen) counts.get(key)!.traces++;
  }
  return counts;
};

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

const operationRows = (recorded: readonly Recorded[]): string[] =>
  [...countOps(recorded)].map(([key, { traces, steps, refused, excluded }]) => {
    const op = key.split(' ', 1)[0] as OpName;
    const why = NO_ANSWER[op];
    if (steps === 0 && why === undefined) return row([`\`${key}\``, 0, 0, 0, 'none', 'no recording has it']);
    const compared = why === undefined ? STEP_FIELDS.filter((field) => applies(op, field)).join(', ') : 'none';
    const left = why ?? ([...excluded].map(([reason, count]) => `${count} times ${reason}`).join('; ') || '-');
    return row([`\`${key}\``, traces, steps, refused, compared, left]);
  });

const figureOf = (proc: object, field: string): number | undefined => {
  const values = proc as { readonly [field: string]: number } & { readonly mm?: { readonly [field: string]: number } };
  return field.startsWith('mm.') ? values.mm?.[field.slice(3)] : values[field];
};

const fieldRows = (recorded: readonly Recorded[]): string[] =>
  SAMPLE_FIELDS.map((field) => {
    let [traces, processes, above] = [0, 0, 0];
    const reasons = new Set<string>();
    for (const { trace, samples } of recorded) {
      const values = samples.flatMap(({ procs }) => Object.values(procs).map((proc) => figureOf(proc, field)));
      const there = values.filter((value) => value !== undefined);
      if (there.length > 0) traces++;
      processes += there.length;
      above += there.filter((value) => value > 0).length;
      const ops = trace.ops.filter(({ op }) => op === 'sample');
      const exclusions = [...(trace.header.notCompared ?? []), ...ops.flatMap((op) => op.notCompared ?? [])];
      for (const exclusion of exclusions) if (exclusion.field === field) reasons.add(exclusion.why);
    }
    return row([`\`${field}\``, traces, processes, above, reasons.size === 0 ? '-' : [...reasons].join('; ')]);
  });

/** Where the traces come from, a line each. */
const sourceRows = (): string[] => [
  row(['`fixtures`', kernelFixtures('linux-6.18').length, '6.18.44', 'written and random traces, chosen by hand']),
  ...recordedAreas().map((area) => {
    const { source, traces } = recordingOf(area);
    return row([`\`${area}\``, traces.length, source.kernel, source.says]);
  }),
];

const table = (head: readonly string[], rows: readonly string[]): string =>
  [row(head), row(head.map(() => '---')), ...rows].join('\n');

/** The generated parts of the page, by name. */
export const fidelityParts = (): Readonly<Record<'sources' | 'operations' | 'fields', string>> => {
  const recorded: Recorded[] = [
    ...kernelFixtures('linux-6.18'),
    ...recordedAreas().flatMap((area) => recordingOf(area).traces),
  ];
  return {
    sources: table(['recording', 'traces', 'kernel', 'what'], sourceRows()),
    operations: table(['operation', 'traces', 'steps', 'not 0', 'compared', 'not compared'], operationRows(recorded)),
    fields: table(['field', 'traces', 'processes', 'not 0', 'not compared'], fieldRows(recorded)),
  };
};
