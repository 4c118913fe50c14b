import { describe, expect, it } from 'vitest';
import {
  checkInvariants,
  createRunner,
  type Op,
  PAGE_SIZE,
  runTrace,
  type StrategyPlugin,
  type Trace,
} from '../src/index.js';
import { copying, sharing } from './strategies.js';

const BASE = 0x100000000000;
const TABLE = 2 ** 21;

const traceOf = (ops: readonly Op[]): Trace => ({ header: { forklab: 'trace', version: 1, name: 'test' }, ops });

const map = (addr: number, length: number, more: Partial<Op & { op: 'mmap' }> = {}): Op =>
  ({ op: 'mmap', proc: 'p', addr, length, prot: 'rw-', flags: ['private', 'anonymous'], ...more }) as Op;

const forked: Op[] = [
  { op: 'process', proc: 'p' },
  map(BASE, TABLE),
  { op: 'write', proc: 'p', addr: BASE, length: TABLE },
  { op: 'fork', proc: 'p', child: 'c' },
];

/** Ids of the invariants that a run breaks. */
const broken = (ops: readonly Op[], strategy: StrategyPlugin): string[] => [
  ...new Set(runTrace(traceOf(ops), { strategies: [strategy], check: true }).violations.map((v) => v.invariant)),
];

describe('a strategy that makes a mistake is caught', () => {
  it('is sound without one', () => {
    const use: Op[] = [
      { op: 'write', proc: 'c', addr: BASE, length: PAGE_SIZE },
      { op: 'munmap', proc: 'p', addr: BASE, length: PAGE_SIZE },
      { op: 'exit', proc: 'c' },
      { op: 'write', proc: 'p', addr: BASE + PAGE_SIZE, length: PAGE_SIZE },
    ];
    expect(broken([...forked, ...use], sharing())).toEqual([]);
  });

  it('when it takes a table over that others hold', () => {
    const strategy = sharing((k) => ({
      fault: (at) => (k.adoptTable(at, 'fault') === 'private' ? 'continue' : 'oom'),
    }));
    expect(broken([...forked, { op: 'write', proc: 'c', addr: BASE, length: PAGE_SIZE }], strategy)).toEqual([
      'verb-precondition',
    ]);
  });

  it('when it leaves a table shared for a fault to change', () => {
    const strategy = sharing(() => ({ fault: () => 'continue' }));
    expect(broken([...forked, { op: 'write', proc: 'c', addr: BASE, length: PAGE_SIZE }], strategy)).toEqual([
      'no-change-while-shared',
    ]);
  });

  it('when it drops nothing and says it did', () => {
    const strategy = sharing(() => ({ zap: () => 'dropped' }));
    expect(broken([...forked, { op: 'exit', proc: 'c' }], strategy)).toEqual(['verdict-fits']);
  });

  it('when it lets a part of a table be unmapped for everybody', () => {
    const strategy = sharing(() => ({ touch: () => 'private' }));
    expect(broken([...forked, { op: 'munmap', proc: 'c', addr: BASE, length: PAGE_SIZE }], strategy)).toEqual([
      'no-change-while-shared',
    ]);
  });

  it('when rights change in place for everybody', () => {
    const strategy = sharing(() => ({ touch: () => 'in-place' }));
    const ops: Op[] = [...forked, { op: 'mprotect', proc: 'c', addr: BASE, length: TABLE, prot: '---' }];
    expect(broken([...ops, { op: 'read', proc: 'p', addr: BASE, length: PAGE_SIZE }], strategy)).toContain(
      'fault-makes-progress',
    );
  });

  it('when a child sees a part that it was not to have', () => {
    const ops: Op[] = [
      { op: 'process', proc: 'p' },
      map(BASE, 2 * PAGE_SIZE),
      { op: 'write', proc: 'p', addr: BASE, length: 2 * PAGE_SIZE },
      { op: 'madvise', proc: 'p', addr: BASE, length: PAGE_SIZE, advice: 'dontfork' },
      { op: 'fork', proc: 'p', child: 'c' },
    ];
    expect(broken(ops, sharing())).toContain('entry-in-vma');
    expect(broken(ops, copying())).toEqual([]);
  });

  it('when it shares a table that holds a pinned page', () => {
    const ops: Op[] = [...forked.slice(0, 3), { op: 'pin', proc: 'p', addr: BASE, length: PAGE_SIZE, write: true }];
    expect(broken([...ops, { op: 'fork', proc: 'p', child: 'c' }], sharing())).toContain('pin-keeps-page');
  });
});

describe('a state that is wrong is found', () => {
  const machineAfter = (ops: readonly Op[], strategy = copying()) => {
    const runner = createRunner(traceOf(ops), { strategies: [strategy], check: true });
    while (runner.next());
    expect(runner.result.violations).toEqual([]);
    return runner.machine;
  };
  const ids = (m: ReturnType<typeof machineAfter>) => [
    ...new Set(checkInvariants(m).map(({ invariant }) => invariant)),
  ];

  it('a lost reference, a lost page, a wrong charge', () => {
    const m = machineAfter(forked);
    const table = [...m.tables.level.keys()].find((t) => m.tables.level[t] === 0)!;
    m.tables.refs[table] = 2;
    expect(ids(m)).toContain('table-refs');
    m.tables.refs[table] = 1;
    m.frames.map(2);
    expect(ids(m)).toEqual(['mapcount']);
    m.frames.unmap(2);
    m.proc('c').rssAnon += 5;
    expect(ids(m)).toEqual(['rss-charged']);
    m.proc('c').rssAnon -= 5;
    m.proc('c').tables++;
    expect(ids(m)).toEqual(['pgtables-charged']);
  });

  it('a translation that nobody flushed', () => {
    const m = machineAfter([...forked, { op: 'write', proc: 'p', addr: BASE, length: PAGE_SIZE }]);
    m.tlbs!.get(m.proc('p').id)!.fill(BASE + PAGE_SIZE, 3, true, 1);
    expect(ids(m)).toEqual(['no-stale-translation']);
  });

  it('an entry whose counts were not kept', () => {
    const m = machineAfter(forked);
    const table = [...m.tables.level.keys()].find((t) => m.tables.level[t] === 0)!;
    m.tables.words(table)[0] = 0;
    expect(ids(m)).toEqual(expect.arrayContaining(['table-counts', 'mapcount']));
  });
});
