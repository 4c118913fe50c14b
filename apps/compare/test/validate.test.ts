import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRunner, dumpSpace, isForklabError, readTrace, type Trace } from '@forklab/core';
import { judgeTrace, type KernelRunner, modelOf, openKernelRunner, randomTrace, validate } from '@forklab/linux';
import { classic } from '@forklab/strategy-classic';
import { cowPte } from '@forklab/strategy-cow-pte';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forklab, PUBLISHED, SMALL, scratch } from './support/cli.js';

/** Why traces cannot run on the kernel here; undefined where they can. */
const reason = await openKernelRunner().then(
  (kernel) => kernel.close(),
  (error: unknown) => {
    if (isForklabError(error)) return error.code;
    throw error;
  },
);

const inFile = (): string => {
  const dir = scratch();
  writeFileSync(join(dir, 'small.jsonl'), SMALL);
  return dir;
};

describe.skipIf(reason !== undefined)(`forklab validate${reason ? ` (skipped: ${reason})` : ''}`, () => {
  test('finds no difference in traces and in random ones, and says what it left out', async () => {
    const dir = inFile();
    const { status, out } = await forklab(
      ['validate', 'small.jsonl', join(PUBLISHED, 'fork-exec.jsonl'), '--random', '20', '--seed', '7'],
      dir,
    );
    expect(out).toMatch(/no difference/);
    expect(out).toMatch(/22 traces, \d+ operations, on Linux /);
    expect(status).toBe(0);
    expect(readdirSync(dir)).toEqual(['small.jsonl']);
  });

  test('prints one JSON document with --json, the same for the same seed', async () => {
    const args = ['validate', '--random', '5', '--seed', '3', '--areas', 'files,mremap', '--json'];
    const [first, second] = [await forklab(args, scratch()), await forklab(args, scratch())];
    expect(JSON.parse(first.out)).toMatchObject({ forklab: 'validate', version: 1, seed: 3, traces: 5, findings: [] });
    expect(second.out).toBe(first.out);
  });

  test('says of an unknown area which there are', async () => {
    const { status, err } = await forklab(['validate', '--areas', 'fils'], scratch());
    expect(status).toBe(2);
    expect(err).toMatch(/FL1003[\s\S]*--areas[\s\S]*"files"/);
  });

  test('exits with 2 for a trace that cannot be read', async () => {
    expect((await forklab(['validate', 'missing.jsonl'], scratch())).status).toBe(2);
  });

  test('tells the older release from this kernel, and writes a small trace that shows it', async ({ skip }) => {
    const dir = scratch();
    const args = ['validate', '--random', '400', '--kernel', '6.1', '--areas', 'madvise,mremap'];
    const { status, out } = await forklab(args, dir);
    if (status === 0) skip('this kernel is like 6.1');
    const file = /written to (\S+)/.exec(out)?.[1] ?? '';
    expect(out).toMatch(/\/proc after it \(kB\):[\s\S]*p0: vmPte/);
    expect(out).toContain(`run it again: forklab validate ${file}`);
    expect((await readTrace(join(dir, file))).ops.length).toBeLessThanOrEqual(8);
    const again = await forklab(['validate', file, '--kernel', '6.1'], dir);
    expect([again.status, (await forklab(['validate', file], dir)).status]).toEqual([1, 0]);
  });
});

describe.skipIf(reason !== undefined)('judging a trace', () => {
  let kernel: KernelRunner;
  beforeAll(async () => {
    kernel = await openKernelRunner();
  });
  afterAll(() => kernel.close());

  test('a strategy that shares tables differs from the kernel, and is seen', async () => {
    const trace = await readTrace(join(PUBLISHED, 'write-all-after-fork.jsonl'));
    expect((await judgeTrace(trace, modelOf([classic()]), kernel)).is).toBe('same');
    expect(await judgeTrace(trace, modelOf([cowPte()]), kernel)).toMatchObject({ is: 'differs' });
  });

  test('a model that breaks down is a finding', async () => {
    const parts = {
      dumpSpace,
      createRunner: (...args: Parameters<typeof createRunner>) => {
        if (args[0].ops.some(({ op }) => op === 'fork')) throw new RangeError('lost');
        return createRunner(...args);
      },
    };
    const model = modelOf([classic()], '6.18', parts);
    const report = await validate({ model, kernel, traces: [randomTrace({ seed: 1, areas: ['processes'] })] });
    expect(report.findings).toMatchObject([{ is: 'broken', error: 'RangeError: lost' }]);
    expect(report.findings[0]!.trace.ops.map(({ op }) => op)).toEqual(['process', 'fork']);
  });

  test('a kernel that differs from itself is reported apart', async () => {
    const trace: Trace = randomTrace({ seed: 2, areas: [] });
    let runs = 0;
    const fickle: KernelRunner = {
      close: async () => {},
      run: async (asked) => {
        const result = await kernel.run(asked);
        const odd = runs++ === 0;
        return odd ? { ...result, steps: result.steps.map((s) => ({ ...s, minflt: (s.minflt ?? 0) + 1 })) } : result;
      },
    };
    const report = await validate({ model: modelOf([classic()]), kernel: fickle, traces: [trace] });
    expect(report.findings).toMatchObject([{ is: 'unstable', agrees: true, difference: { field: 'minflt' } }]);
    expect(existsSync('forklab-validate')).toBe(false);
  });
});
