/** A comparison made by really running machines, for the tests of what is computed from it and of the reporters. */
import { parseTrace } from '@forklab/core';
import { hostVm } from '@forklab/timing';
import type { Comparison } from '../../src/document.js';
import type { Plan } from '../../src/plan.js';
import { resolveColumns } from '../../src/resolve.js';
import { assemble, type ColumnRun, judge, runColumn } from '../../src/run.js';
import { SMALL } from './cli.js';

/** Runs a generator to its end. */
export const finish = <T, R>(work: Generator<T, R>): R => {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
};

export const planOf = async (text = SMALL, names = ['classic', 'cow-pte'], check = true): Promise<Plan> => {
  const columns = await resolveColumns(names.map((entry) => ({ entry, dir: '.' })));
  const trace = parseTrace(text, 'small.jsonl');
  return {
    inputs: [{ name: trace.header.name, path: 'small.jsonl', trace, load: null }],
    columns,
    baseline: columns[0]!,
    settings: { kernel: '6.18', check },
    prices: hostVm,
    seed: 0,
    versions: { '@forklab/compare': '0.0.0' },
    replay: 'forklab compare small.jsonl',
  };
};

export const compared = (plan: Plan): { comparison: Comparison; runs: readonly ColumnRun[] } => {
  const runs: ColumnRun[] = [];
  const results = plan.inputs.map((input) => {
    const mine = plan.columns.map((column) => finish(runColumn(plan, input, column)));
    runs.push(...mine);
    return finish(judge(plan, input, mine));
  });
  return { comparison: assemble(plan, results), runs };
};
