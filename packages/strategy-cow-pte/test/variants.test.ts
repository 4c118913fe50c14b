import { kernelFixtures } from '@forklab/conformance';
import { type InvariantId, runTrace, type Trace } from '@forklab/core';
import { describe, expect, it } from 'vitest';
import { COW_PTE_VARIANTS, type CowPteVariant, cowPte } from '../src/index.js';

const TRACES = new Map(kernelFixtures('linux-6.18').map(({ name, trace }) => [name, trace]));

/** Everybody leaves, youngest first: what is wrong with counters shows then. */
const withExits = (trace: Trace): Trace => {
  const procs = new Set<string>();
  for (const op of trace.ops) {
    if (op.op === 'process') procs.add(op.proc);
    if (op.op === 'fork') procs.add(op.child);
    if (op.op === 'exit') procs.delete(op.proc);
  }
  const exits = [...procs].reverse().map((proc) => ({ op: 'exit', proc }) as const);
  return { header: trace.header, ops: [...trace.ops, ...exits] };
};

const broken = (variant: CowPteVariant, name: string): Set<string> => {
  const trace = withExits(TRACES.get(name)!);
  const { violations } = runTrace(trace, { strategies: [cowPte({ variant })], check: true, maxViolations: 1000 });
  return new Set(violations.map(({ invariant }) => invariant));
};

/** Defects that the patches are known for, by what a recorded trace breaks. */
const DEFECTS: readonly (readonly [says: string, trace: string, breaks: InvariantId, of: readonly CowPteVariant[]])[] =
  [
    ['the last holder keeps what should go', 'last-sharer-unmaps', 'freed-table-empty', ['v1-code', 'v1-coverletter']],
    ['counters do not end at zero', 'last-sharer-unmaps', 'counters-end-at-zero', ['v1-code', 'v1-coverletter']],
    [
      'a part of a table takes the whole',
      'dontneed-one-page',
      'zap-takes-its-range',
      ['v1-code', 'v2', 'v2-6.0.6', 'v5'],
    ],
    ['DONTFORK memory shows', 'dontfork-wipeonfork', 'entry-in-vma', ['v1-code', 'v1-coverletter', 'v2', 'v2-6.0.6']],
    ['WIPEONFORK memory shows', 'dontfork-wipeonfork', 'wiped-is-empty', ['v1-code', 'v2', 'v2-6.0.6']],
    ['mprotect does not look', 'mprotect-none-in-child', 'no-change-while-shared', ['v1-code', 'v2']],
    ['a reader faults for ever after it', 'mprotect-none-in-child', 'fault-makes-progress', ['v1-code', 'v2']],
    ['mremap moves pages in', 'mremap-into-shared', 'no-change-while-shared', ['v1-code', 'v2', 'v2-6.0.6', 'v5']],
    ['private entries under a shared VMA', 'shared-and-private-one-table', 'writable-is-exclusive', ['v1-code']],
    ['a pin does not hold', 'pin-after-fork', 'pin-keeps-page', ['v1-code', 'v1-coverletter', 'v2']],
    ['a shared table marked exclusive never breaks', 'mlock-after-fork', 'fault-makes-progress', ['v2']],
    ['a fourth VMA is forgotten', 'many-vmas-one-table', 'copy-takes-all', ['v2']],
    ['only one VMA is charged again', 'parent-leaves-first', 'rss-charged', ['v2']],
    ['no flush of a dropped table', 'random-all-004', 'no-stale-translation', ['v1-code', 'v2']],
    ['a read of nothing fills the shared table', 'hole-in-shared-table', 'no-change-while-shared', ['v5']],
    ['a table given up in mid-fork is shared again', 'random-all-031', 'table-refs', ['v5']],
    ['and its pages are counted twice', 'random-anon-017', 'rss-charged', ['v5']],
    ['WIPEONFORK memory shows', 'random-anon-022', 'wiped-is-empty', ['v5']],
    ['the walk runs out of its table', 'neighbour-ends-at-table', 'walk-ends-in-table', ['v2-6.0.6']],
  ];

describe.each(DEFECTS)('%s: %s breaks %s', (_says, trace, breaks, of) => {
  it.each([...of])('in %s', (variant) => {
    expect([...broken(variant, trace)]).toContain(breaks);
  });
});

it('breaks what one posting alone breaks in no other', () => {
  for (const [, trace, breaks, of] of DEFECTS) {
    if (breaks !== 'walk-ends-in-table' && breaks !== 'copy-takes-all') continue;
    for (const variant of COW_PTE_VARIANTS) expect(broken(variant, trace).has(breaks)).toBe(of.includes(variant));
  }
});

it('keeps shared memory out of shared tables where the cover letter says so', () => {
  expect([...broken('v1-coverletter', 'shared-and-private-one-table')]).not.toContain('writable-is-exclusive');
});

it('names the nearest variant', () => {
  expect(() => cowPte({ variant: 'v1-cod' as never })).toThrow(/did you mean "v1-code"/);
});
