import { explore, type Finding } from '@forklab/conformance';
import { expect, it } from 'vitest';
import { hello } from '../src/index.js';
import { strategy as wrongHello } from './wrong-hello.js';

const findingsOf = (strategy: ReturnType<typeof hello>): readonly Finding[] => {
  const search = explore(strategy, { runs: 400 });
  for (let next = search.next(); ; next = search.next()) if (next.done) return next.value.findings;
};

it('finds nothing in hello', () => {
  expect(findingsOf(hello()).map(({ id }) => id)).toEqual([]);
});

it('explains each mistake of the wrong copy by a trace of a dozen operations at most', () => {
  const findings = findingsOf(wrongHello());
  const culprits = findings.map(({ invariant, culprit }) => `${invariant}: ${culprit}`);
  expect(culprits).toContain('pin-keeps-page: fork');
  expect(culprits.some((text) => text.endsWith(': dontneed'))).toBe(true);
  expect(culprits.some((text) => text.startsWith('no-change-while-shared: '))).toBe(true);
  for (const { trace } of findings) expect(trace.ops.length).toBeLessThanOrEqual(12);
});
