/** The generator alone, and then its traces on the kernel. */

import { formatTrace, type Op, parseTrace } from '@forklab/core';
import { describe, expect, it } from 'vitest';
import { randomTrace } from '../src/random-trace.js';
import { openKernelRunner } from '../src/run-on-kernel.js';
import { noLiveKernel } from './live-kernel.js';

const reason = await noLiveKernel();
const SEEDS = Array.from({ length: 12 }, (_, k) => k + 1);

const only = (ops: readonly Op[], ...names: Op['op'][]): Op[] => ops.filter(({ op }) => names.includes(op));

describe('randomTrace', () => {
  it('gives the same trace for the same options, and another for another seed', () => {
    expect(randomTrace({ seed: 5 })).toEqual(randomTrace({ seed: 5 }));
    expect(new Set(SEEDS.map((seed) => JSON.stringify(randomTrace({ seed, name: 'same' }).ops))).size).toBe(
      SEEDS.length,
    );
  });

  it('makes traces that the reader accepts and gives back', () => {
    for (const seed of SEEDS) {
      const trace = randomTrace({ seed, operations: 120, processes: 12 });
      expect(parseTrace(formatTrace(trace))).toEqual(trace);
    }
  });

  it('keeps to the number of operations, processes and files', () => {
    const { header, ops } = randomTrace({ seed: 3, operations: 300, processes: 4, files: 0, samples: 0, name: 'n' });
    const tail = ops.findLastIndex(({ op }) => op !== 'digest' && op !== 'sample');
    expect(header.name).toBe('n');
    expect(ops.slice(1, tail + 1).length).toBeGreaterThan(290);
    expect(ops.slice(1, tail + 1).length).toBeLessThanOrEqual(300);
    expect(only(ops, 'process', 'fork').length).toBe(4);
    expect(only(ops, 'file', 'truncate')).toEqual([]);
    expect(only(ops, 'sample').length).toBe(1);
  });

  it('uses every kind of operation', () => {
    const kinds = new Set(SEEDS.flatMap((seed) => randomTrace({ seed, operations: 100 }).ops.map(({ op }) => op)));
    expect([...kinds].sort()).toEqual([
      ...['digest', 'exec', 'exit', 'file', 'fork', 'madvise', 'mlock', 'mmap', 'mprotect', 'mremap', 'munlock'],
      ...['munmap', 'process', 'read', 'sample', 'touch', 'truncate', 'write'],
    ]);
  });
});

describe.skipIf(reason !== undefined)(`randomTrace on the kernel${reason ? ` (skipped: ${reason})` : ''}`, () => {
  it('is answered the same twice, mostly with success and now and then not', async () => {
    const runner = await openKernelRunner();
    const results: (string | 0)[] = [];
    try {
      for (const seed of SEEDS) {
        const trace = randomTrace({ seed });
        const first = await runner.run(trace);
        expect(await runner.run(trace), `seed ${seed}`).toEqual(first);
        results.push(...first.steps.map(({ result }) => result));
      }
    } finally {
      await runner.close();
    }
    const done = results.filter((result) => result === 0).length / results.length;
    expect(done).toBeGreaterThan(0.7);
    expect(done).toBeLessThan(0.97);
    expect(results).toEqual(expect.arrayContaining(['SIGSEGV', 'SIGBUS', 'EINVAL', 'ENOMEM', 'EEXIST']));
  });
});
