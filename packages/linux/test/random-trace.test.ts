/** The generator alone, and then its traces on the kernel. */

import { formatTrace, type MmapOp, OPERATIONS, type Op, parseTrace } from '@forklab/core';
import { describe, expect, it } from 'vitest';
import { AREA_NAMES, type Area, areaInfo } from '../src/random/areas.js';
import { randomTrace } from '../src/random-trace.js';
import { openKernelRunner } from '../src/run-on-kernel.js';
import { noLiveKernel } from './live-kernel.js';

const reason = await noLiveKernel();
const SEEDS = Array.from({ length: 12 }, (_, k) => k + 1);

const only = (ops: readonly Op[], ...names: Op['op'][]): Op[] => ops.filter(({ op }) => names.includes(op));

const kindsOf = (areas: readonly Area[], seeds = SEEDS): string[] => [
  ...new Set(seeds.flatMap((seed) => randomTrace({ seed, operations: 100, areas }).ops.map(({ op }) => op))),
];

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

  it('keeps to the number of operations and processes, and to the areas', () => {
    const areas: Area[] = ['processes', 'mremap'];
    const { header, ops } = randomTrace({ seed: 3, operations: 300, processes: 4, areas, samples: 0, name: 'n' });
    // Then all is written and read once more.
    const tail = ops.findIndex(({ op }) => op === 'sample');
    expect(header.name).toBe('n');
    expect(ops.slice(1, tail).length).toBe(300);
    expect(only(ops, 'process', 'fork').length).toBe(4);
    expect(only(ops, 'file', 'truncate', 'madvise', 'mlock', 'brk', 'pin')).toEqual([]);
    expect(only(ops, 'sample').length).toBe(2);
  });

  it('has two to twelve processes', () => {
    const counts = Array.from({ length: 60 }, (_, seed) => randomTrace({ seed }).header.source?.processes as number);
    expect([Math.min(...counts), Math.max(...counts)]).toEqual([2, 12]);
  });

  it('uses every kind of operation that the kernel has a call for', () => {
    const left: Op['op'][] = ['ptdump', 'share', 'attach', 'detach', 'protect'];
    const wanted = Object.keys(OPERATIONS).filter((op) => !left.includes(op as Op['op']));
    const seeds = Array.from({ length: 60 }, (_, k) => k);
    expect(wanted.filter((op) => !kindsOf(AREA_NAMES, seeds).includes(op))).toEqual([]);
  });

  it('sits on the borders of tables, GiB and 512 GiB', () => {
    const mmaps = SEEDS.flatMap((seed) => only(randomTrace({ seed, operations: 200 }).ops, 'mmap')) as MmapOp[];
    for (const border of [2 ** 21, 2 ** 30, 2 ** 39]) {
      const across = mmaps.filter(
        ({ addr, length }) => Math.floor(addr / border) < Math.floor((addr + length - 1) / border),
      );
      expect(across.length, `across ${border}`).toBeGreaterThan(0);
      expect(
        mmaps.some(({ addr }) => addr % border === 0),
        `at ${border}`,
      ).toBe(true);
    }
  });

  it("takes the heap that a vfork child began for its parent's, and stays near it", () => {
    for (let seed = 0; seed < 60; seed++) {
      const { ops } = randomTrace({ seed, operations: 200, areas: ['processes', 'launch', 'heap'] });
      const begins = new Map<string, number>();
      const waits = new Map<string, string>();
      for (const op of ops) {
        if (op.op === 'fork' || op.op === 'vfork') {
          const begin = begins.get(op.proc);
          if (begin !== undefined) begins.set(op.child, begin);
          if (op.op === 'vfork') waits.set(op.child, op.proc);
        } else if (op.op === 'exit' || op.op === 'exec') {
          const [parent, begin] = [waits.get(op.proc), begins.get(op.proc)];
          if (parent !== undefined && begin !== undefined) begins.set(parent, begin);
          waits.delete(op.proc);
          begins.delete(op.proc);
        } else if (op.op === 'brk') {
          const begin = begins.get(op.proc) ?? op.addr;
          begins.set(op.proc, begin);
          expect(Math.abs(op.addr - begin), `seed ${seed}`).toBeLessThan(2 ** 24);
        }
      }
    }
  });

  it.each(AREA_NAMES.filter((area) => areaInfo(area).probe))('makes what %s probes for', (area) => {
    const probed = new Set(areaInfo(area).probe!.map(({ op }) => op));
    const kinds = kindsOf([area]);
    expect([...probed].filter((op) => !kinds.includes(op))).toEqual([]);
  });
});

describe.skipIf(reason !== undefined)(`randomTrace on the kernel${reason ? ` (skipped: ${reason})` : ''}`, () => {
  it('is answered the same twice, mostly with success and now and then not', async () => {
    const runner = await openKernelRunner();
    const results: (string | 0)[] = [];
    try {
      for (const seed of SEEDS) {
        const trace = randomTrace({ seed, areas: ['processes', 'files', 'mremap', 'madvise', 'mlock'] });
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
