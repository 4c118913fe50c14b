/** Huge pages on the kernel of this machine and in the model: every figure of every named trace about them. */
import { REGRESSIONS } from '@forklab/conformance';
import { isForklabError, runTrace, X86_64 } from '@forklab/core';
import { examineHost, type KernelRunner, openKernelRunner } from '@forklab/linux';
import { classic } from '@forklab/strategy-classic';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Why not, in a few words; undefined when traces with huge pages can be run here. */
const missing = async (): Promise<string | undefined> => {
  if (examineHost().thp !== 'madvise') return 'huge pages are not given by MADV_HUGEPAGE here';
  const mapcounts = await openKernelRunner().then(
    (runner) => runner.close(),
    (error) => error,
  );
  if (mapcounts === undefined) return undefined;
  if (isForklabError(mapcounts)) return `no traces on this kernel: ${mapcounts.code}`;
  throw mapcounts;
};

const reason = await missing();
const traces = REGRESSIONS.map(({ name, trace }) => [name, trace(X86_64)] as const).filter(
  ([, { header }]) => header.thp !== undefined,
);

describe.skipIf(reason !== undefined)(`huge pages on this kernel${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let runner: KernelRunner;
  beforeAll(async () => {
    runner = await openKernelRunner();
  });
  afterAll(() => runner.close());

  it.each(traces)('%s', async (_name, trace) => {
    const real = await runner.run(trace);
    const model = runTrace(trace, { strategies: [classic()], check: true });
    expect(model.violations).toEqual([]);
    expect(model.steps).toEqual(real.steps);
    expect(model.samples.map(({ label, procs }) => ({ label, procs }))).toEqual(real.samples);
  });
});
