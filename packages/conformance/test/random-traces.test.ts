import {
  formatTrace,
  isPageAligned,
  type Op,
  parseTrace,
  pruneOps,
  shrinkTrace,
  TINY,
  type Trace,
  X86_64,
} from '@forklab/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbTrace, createOracle, randomTrace, withClosing } from '../src/index.js';

const reread = (trace: Trace): Trace => parseTrace(formatTrace(trace), 'random.jsonl');

describe('random traces', () => {
  it.each([TINY, X86_64])('are valid traces, whatever is drawn ($name)', (geometry) => {
    fc.assert(
      fc.property(arbTrace({ geometry }), (trace) => {
        const closed = withClosing(trace, 'oldest first', geometry);
        expect(reread(closed)).toEqual(closed);
      }),
      { seed: 7, numRuns: 50 },
    );
  });

  it('are the same for the same seed, and others for another', () => {
    expect(formatTrace(randomTrace(3))).toBe(formatTrace(randomTrace(3)));
    expect(formatTrace(randomTrace(3))).not.toBe(formatTrace(randomTrace(4)));
  });

  it('mostly do something: few operations are refused', () => {
    let steps = 0;
    let refused = 0;
    for (let seed = 1; seed <= 50; seed++) {
      const oracle = createOracle();
      for (const op of randomTrace(seed).ops) {
        const answer = oracle.step(op);
        steps++;
        if (typeof answer?.result === 'string' && answer.result.startsWith('E')) refused++;
      }
    }
    expect(refused / steps).toBeGreaterThan(0.02);
    expect(refused / steps).toBeLessThan(0.25);
  });

  it('end with every process gone', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const oracle = createOracle(TINY);
      for (const op of randomTrace(seed, { geometry: TINY }).ops) oracle.step(op);
      expect(oracle.procs.size).toBe(0);
    }
  });

  it('bound their memory when starved', () => {
    expect(randomTrace(1, { geometry: TINY }).header.memory).toBeUndefined();
    const { memory } = randomTrace(1, { geometry: TINY, starved: true }).header;
    expect(memory).toBeGreaterThan(0);
    expect(isPageAligned(memory as number)).toBe(true);
  });
});

describe('shrinking', () => {
  const header = { forklab: 'trace', version: 1, name: 't' } as const;

  it('drops what names a process or a file that is not there', () => {
    const ops: Op[] = [
      { op: 'fork', proc: 'p', child: 'c' },
      { op: 'process', proc: 'p' },
      { op: 'exit', proc: 'c' },
      { op: 'truncate', file: 'f', size: 0 },
      { op: 'exit', proc: 'p' },
      { op: 'exec', proc: 'p' },
    ];
    expect(pruneOps(ops)).toEqual([ops[1], ops[4]]);
  });

  it('leaves the operations that matter, in their simplest form', () => {
    const trace = randomTrace(11);
    // Matters here: some child writes, at whatever length.
    const shows = ({ ops }: Trace): boolean => ops.some((op) => op.op === 'write' && op.proc === 'p1');
    const found = Array.from({ length: 100 }, (_, k) => randomTrace(k + 1)).find(shows) ?? trace;
    const { ops } = shrinkTrace(found, shows);
    expect(ops.map(({ op }) => op)).toEqual(['process', 'fork', 'write']);
    expect(ops[2]).toMatchObject({ proc: 'p1', length: 4096 });
  });

  it('gives only valid traces to whoever decides', () => {
    const tried: Trace[] = [];
    shrinkTrace(randomTrace(5), (trace) => {
      tried.push(trace);
      return trace.ops.length > 3;
    });
    expect(tried.length).toBeGreaterThan(5);
    for (const trace of tried) expect(reread(trace)).toEqual(trace);
  });

  it('stops after the tries that it is allowed', () => {
    let tries = 0;
    const trace: Trace = { header, ops: randomTrace(5).ops };
    shrinkTrace(trace, () => ++tries > 0 && false, { triesMax: 10 });
    expect(tries).toBeLessThanOrEqual(10);
  });
});
