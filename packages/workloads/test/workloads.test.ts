import { readFileSync } from 'node:fs';
import { formatTrace, isForklabError, parseTrace, runTrace, type StrategyPlugin } from '@forklab/core';
import { describe, expect, it } from 'vitest';
import { findWorkload, STANDING_DOCS, WORKLOADS } from '../src/index.js';
import { copying } from './copying.js';

const strategies: readonly StrategyPlugin[] = [copying];

/** Small, so that a test of each takes no time. */
const SMALL: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'redis-snapshot': { mib: 8, rate: 2000, pageNs: 1000, seconds: 0.05 },
  'prefork-server': { workers: 3 },
  zygote: { mib: 8, libraries: 4, apps: 3 },
  'shared-buffers': { mib: 4, backends: 3, own: 2 },
  microbench: { mib: 8, forks: 2, touched: 0.5, read: 0.5 },
  'fork-server': { mib: 8, children: 3 },
  'unit-tests': { mib: 8, children: 3 },
  'vm-clone': { mib: 8, children: 3 },
  'fork-exec': { mib: 8, children: 3 },
};

describe.each(WORKLOADS.map((each) => [each.name, each] as const))('%s', (name, workload) => {
  it('makes a trace that can be written, read, and run without a refusal', () => {
    const { trace } = workload.make(SMALL[name]);
    expect(parseTrace(formatTrace(trace))).toEqual(trace);
    const { steps, samples, unmodelled } = runTrace(trace, { strategies, check: true });
    expect(steps.filter(({ result }) => result !== 0)).toEqual([]);
    expect(unmodelled).toEqual({});
    expect(samples.length).toBeGreaterThan(1);
    // Nothing is left when everybody has gone.
    expect(trace.ops.at(-1)?.op).toBe('exit');
  });

  it('makes the same again from the same values', () => {
    expect(workload.make(SMALL[name])).toEqual(workload.make(SMALL[name]));
  });

  it('says of every parameter where its default comes from, in the header of the trace too', () => {
    const { source } = workload.make().trace.header;
    const assumed: string[] = [];
    for (const [key, parameter] of Object.entries(workload.parameters)) {
      expect(Object.keys(STANDING_DOCS)).toContain(parameter.standing);
      expect(parameter.source).not.toBe('');
      expect(source?.[key]).toContain(`${parameter.standing}: ${parameter.source}`);
      if (parameter.standing === 'assumption') assumed.push(key);
    }
    expect(source?.assumed).toBe(assumed.join(', ') || 'nothing');
  });

  it('has a load that begins with operations that succeed, if it serves requests', () => {
    const { load } = workload.make(SMALL[name]);
    if (load === null) return;
    const trace = { header: { forklab: 'trace', version: 1, name } as const, ops: load.setup };
    const { steps } = runTrace(parseTrace(formatTrace(trace)), { strategies });
    expect(steps.every(({ result }) => result === 0)).toBe(true);
    expect(load.requests).toBeGreaterThan(0);
  });
});

describe('values', () => {
  const thrown = (make: () => unknown): string => {
    try {
      make();
    } catch (error) {
      if (isForklabError(error)) return error.message;
    }
    return '';
  };
  const redis = findWorkload('redis-snapshot');

  it('are refused out of range, of the wrong type, and under unknown names', () => {
    expect(thrown(() => redis.make({ mib: 0 }))).toMatch(
      /^FL1014: redis-snapshot: "mib" is 0, expected a whole number/,
    );
    expect(thrown(() => redis.make({ mib: '512' }))).toContain('FL1014');
    expect(thrown(() => redis.make({ mib: 2.5 }))).toContain('FL1014');
    expect(thrown(() => redis.make({ pattern: 'random' }))).toContain('one of uniform, zipf, sequential');
    expect(thrown(() => redis.make({ toString: 1 }))).toContain('one of the parameters mib, rate');
    expect(thrown(() => findWorkload('redis'))).toMatch(/^FL1013/);
  });

  it('that are given stand in the name, and are no assumption any more', () => {
    const { header } = redis.make({ rate: 100 }).trace;
    expect(header.name).toBe('redis-snapshot:rate=100');
    expect(header.source?.assumed).not.toMatch(/\brate\b/);
    expect(header.source?.rate).toMatch(/; given$/);
  });
});

it('what a child of the fork server writes lies in as many tables as asked for', () => {
  const { trace } = findWorkload('fork-server').make({ mib: 64, children: 1, pages: 100, tables: 20 });
  const write = trace.ops.find((op) => op.op === 'write' && op.proc === 'child1');
  if (write?.op !== 'write') throw new TypeError('the child writes');
  const tables = new Set<number>();
  for (let at = write.addr; at < write.addr + write.length; at += write.stride ?? 4096)
    tables.add(Math.floor(at / 2 ** 21));
  expect(tables.size).toBe(20);
});

it('the README lists every workload', () => {
  const text = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  for (const { name } of WORKLOADS) expect(text).toContain(`| \`${name}\``);
});
