/** Recordings of single areas: the kernel's answer in every field that the trace does not exclude. */
import { recordedAreas, recordingOf } from '@forklab/conformance';
import { describeRecordings } from '@forklab/conformance/vitest';
import { compareResults, runTrace } from '@forklab/core';
import { describe, expect, it } from 'vitest';
import { classic } from '../src/index.js';

const AREAS = recordedAreas();
const TRACES_MIN = 100;

describe.each(AREAS)('classic in recordings of %s', (area) => {
  const { source, traces } = recordingOf(area);

  it(`has at least ${TRACES_MIN} traces that its own area is in`, () => {
    expect(source.area).toBe(area);
    expect(traces.length).toBeGreaterThanOrEqual(TRACES_MIN);
    expect(new Set(traces.map(({ name }) => name)).size).toBe(traces.length);
  });

  it('answers as Linux did, in every field', () => {
    for (const { name, trace, steps, samples } of traces) {
      const compared = compareResults(trace, runTrace(trace, { strategies: [classic()] }), { steps, samples });
      expect(compared, name).toEqual({ difference: null, stop: null });
    }
  });
});

describeRecordings([classic()]);
