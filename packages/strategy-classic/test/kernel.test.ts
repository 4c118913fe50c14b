import { kernelFixtures } from '@forklab/conformance';
import { type KernelRelease, runTrace, type TraceResult } from '@forklab/core';
import { describe, expect, it } from 'vitest';
import { classic } from '../src/index.js';

/** The fields that the kernel recorded, as the model answers them. */
const samplesLike = (result: TraceResult, recorded: ReturnType<typeof kernelFixtures>[number]['samples']) =>
  recorded.map((sample, i) => ({
    label: result.samples[i]?.label,
    procs: Object.fromEntries(
      Object.entries(sample.procs).map(([name, fields]) => {
        const found = result.samples[i]?.procs[name] as unknown as Record<string, number> | undefined;
        return [name, Object.fromEntries(Object.keys(fields).map((key) => [key, found?.[key]]))];
      }),
    ),
  }));

const KERNELS: readonly (readonly ['linux-6.18' | 'linux-6.1', KernelRelease])[] = [
  ['linux-6.18', '6.18'],
  ['linux-6.1', '6.1'],
];

describe.each(KERNELS)('classic answers as %s did', (recorded, kernel) => {
  const fixtures = kernelFixtures(recorded);

  it('has all 159 recordings', () => {
    expect(fixtures.length).toBe(159);
  });

  it.each(fixtures.map((fixture) => [fixture.name, fixture] as const))('%s', (_name, fixture) => {
    const result = runTrace(fixture.trace, { strategies: [classic()], kernel });
    expect(result.steps).toEqual(fixture.steps);
    expect(samplesLike(result, fixture.samples)).toEqual(fixture.samples);
  });
});

describe('fork of 1 GiB', () => {
  it('costs classic fork 2052 to 2080 kB of page tables', () => {
    const fixture = kernelFixtures('linux-6.18').find(({ name }) => name === 'fork-1gib')!;
    let before = 0;
    let grown = 0;
    runTrace(fixture.trace, {
      strategies: [classic()],
      onStep: ({ op, machine }) => {
        if (op.op === 'fork') grown = machine.usage().pageTablesKb - before;
        before = machine.usage().pageTablesKb;
      },
    });
    expect(grown).toBeGreaterThanOrEqual(2052);
    expect(grown).toBeLessThanOrEqual(2080);
  });
});
