import { kernelFixtures } from '@forklab/conformance';
import { type InvariantId, runTrace, type StepResult } from '@forklab/core';
import { describe, expect, it } from 'vitest';
import { type OndemandForkVariant, ondemandFork } from '../src/index.js';

const TRACES = new Map(kernelFixtures('linux-6.18').map(({ name, trace }) => [name, trace]));

const run = (variant: OndemandForkVariant, name: string) =>
  runTrace(TRACES.get(name)!, { strategies: [ondemandFork({ variant })], check: true, maxViolations: 1000 });

/** Defects that the code is known for, by what a recorded trace breaks. */
const DEFECTS: readonly (readonly [string, string, InvariantId, readonly OndemandForkVariant[]])[] = [
  ['a table taken back with writable entries', 'break-both-sides', 'writable-is-exclusive', ['evaluated']],
  ['DONTFORK memory shows', 'dontfork-wipeonfork', 'entry-in-vma', ['evaluated']],
  ['WIPEONFORK memory shows', 'dontfork-wipeonfork', 'wiped-is-empty', ['evaluated']],
  ['MADV_DONTNEED leaves an entry that nothing expects', 'dontneed-one-page', 'entry-legal', ['evaluated']],
  ['a break forgets a younger VMA', 'hole-in-shared-table', 'copy-takes-all', ['evaluated']],
  ['MADV_DONTNEED does nothing', 'dontneed-one-page', 'advice-is-taken', ['final']],
  ['a read-only VMA shares without a mark', 'read-only-vma-shared', 'cow-slot-read-only', ['evaluated', 'final']],
  ['mprotect does not look', 'mprotect-none-in-child', 'no-change-while-shared', ['evaluated', 'final']],
  ['a reader faults for ever after it', 'mprotect-none-in-child', 'fault-makes-progress', ['evaluated', 'final']],
  ['a pin does not hold', 'pin-after-fork', 'pin-keeps-page', ['evaluated', 'final']],
  ['a break is charged twice', 'parent-breaks-first', 'payer-holds', ['evaluated', 'final']],
];

describe.each(DEFECTS)('%s: %s breaks %s', (_says, trace, breaks, of) => {
  it.each([...of])('in %s', (variant) => {
    expect(run(variant, trace).violations.map(({ invariant }) => invariant)).toContain(breaks);
  });
});

it('cannot cut a VMA at the end of an munmap once it has been shared, as first released', () => {
  const refused = ({ op, result }: StepResult) => op === 'munmap' && result === 'EINVAL';
  expect(run('evaluated', 'random-anon-010').steps.some(refused)).toBe(true);
  expect(run('final', 'random-anon-010').steps.some(refused)).toBe(false);
});

it('names the nearest variant', () => {
  expect(() => ondemandFork({ variant: 'finale' as never })).toThrow(/did you mean "final"/);
});
