/** Comparing answers: what counts, what a trace excludes, and where comparing ends. */

import { describe, expect, it } from 'vitest';
import type { Op, ProcSample, Sample, StepResult, Trace } from '../src/index.js';
import { compareResults } from '../src/run/compare-results.js';

const range = { proc: 'p', addr: 0x100000000000, length: 4096 } as const;

const nothing = { rssAnon: 0, rssFile: 0, rssShmem: 0, swap: 0 };
const PROC: ProcSample = { vmPte: 12, ...nothing, pss: 4, private: 4, shared: 0, vmas: 1, mm: nothing };

const traceOf = (...ops: Op[]): Trace => ({
  header: { forklab: 'trace', version: 1, name: 't' },
  ops: [{ op: 'process', proc: 'p' }, ...ops],
});
const TRACE = traceOf(
  { op: 'mmap', ...range, prot: 'rw-', flags: ['private', 'anonymous'] },
  { op: 'write', ...range },
  { op: 'sample', label: 's' },
  { op: 'digest', ...range },
);

const STEPS: readonly StepResult[] = [
  { i: 2, op: 'mmap', result: 0 },
  { i: 3, op: 'write', result: 0, minflt: 1 },
  { i: 5, op: 'digest', result: 0, minflt: 0, digest: 7 },
];
const answers = (change: Partial<StepResult> = {}, at = 0, proc: Partial<ProcSample> = {}) => ({
  steps: STEPS.map((step, k) => (k === at ? { ...step, ...change } : step)),
  samples: [{ label: 's', procs: { p: { ...PROC, ...proc } } }] as unknown as Sample[],
});

const differenceOf = (trace: Trace, theirs: ReturnType<typeof answers>) =>
  compareResults(trace, answers(), theirs).difference;

const excluding = (k: number, field: 'minflt' | 'digest' | 'pss' | 'mm.swap'): Trace => ({
  ...TRACE,
  ops: TRACE.ops.map((op, at) => (at === k ? ({ ...op, notCompared: [{ field, why: 'it varies' }] } as Op) : op)),
});

describe('compareResults', () => {
  it('finds nothing where nothing differs', () => {
    expect(compareResults(TRACE, answers(), answers())).toEqual({ difference: null, stop: null });
    expect(differenceOf(TRACE, answers({ majflt: 0 }, 1))).toBeNull();
  });

  it.each<[string, Partial<StepResult>, number, number]>([
    ['result', { result: 'ENOMEM' }, 0, 2],
    ['minflt', { minflt: 2 }, 1, 3],
    ['majflt', { majflt: 1 }, 1, 3],
    ['digest', { digest: 8 }, 2, 5],
  ])('finds a step that differs in %s', (field, change, at, i) => {
    expect(differenceOf(TRACE, answers(change, at))).toMatchObject({ i, field });
  });

  it.each(['vmPte', 'pss', 'private', 'vmas'] as const)('finds a process that differs in %s', (field) => {
    expect(differenceOf(TRACE, answers({}, 0, { [field]: 99 }))).toEqual({
      ...{ i: 4, op: 'sample', field, proc: 'p', model: PROC[field], kernel: 99 },
    });
  });

  it('finds what differs in the mm alone, and a process that only one side has', () => {
    const mm = { ...nothing, swap: 4 };
    expect(differenceOf(TRACE, answers({}, 0, { mm }))).toMatchObject({ field: 'mm.swap', kernel: 4 });
    const lonely = { ...answers(), samples: [{ label: 's', procs: {} }] as unknown as Sample[] };
    expect(differenceOf(TRACE, lonely)).toMatchObject({ field: 'procs', model: ['p'], kernel: [] });
  });

  it('leaves out exactly what the trace excludes', () => {
    expect(differenceOf(excluding(2, 'minflt'), answers({ minflt: 2 }, 1))).toBeNull();
    expect(differenceOf(excluding(4, 'digest'), answers({ minflt: 2 }, 1))).toMatchObject({ field: 'minflt' });
    expect(differenceOf(excluding(3, 'pss'), answers({}, 0, { pss: 9 }))).toBeNull();
    expect(differenceOf(excluding(3, 'pss'), answers({}, 0, { vmas: 9 }))).toMatchObject({ field: 'vmas' });
    const everywhere: Trace = {
      ...TRACE,
      header: { ...TRACE.header, notCompared: [{ field: 'pss', why: 'it varies' }] },
    };
    expect(differenceOf(everywhere, answers({}, 0, { pss: 9 }))).toBeNull();
  });

  it('ends where one side has no call, and goes on where neither has', () => {
    const without = answers({ result: 'ENOSYS' }, 0);
    const later = answers({ digest: 8 }, 2);
    const stop = { i: 2, what: 'mmap private anonymous' };
    expect(compareResults(TRACE, without, later)).toEqual({ difference: null, stop: { ...stop, who: 'model' } });
    expect(compareResults(TRACE, later, without)).toEqual({ difference: null, stop: { ...stop, who: 'kernel' } });
    expect(compareResults(TRACE, without, without)).toEqual({ difference: null, stop: null });
    const out = { ...TRACE, ops: TRACE.ops.map((op, k): Op => (k === 1 ? { op: 'swapout', ...range } : op)) };
    const half = { difference: null, stop: { i: 2, what: 'swapout', who: 'kernel' } };
    expect(compareResults(out, without, without)).toEqual(half);
  });
});
