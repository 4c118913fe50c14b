/** What the named traces about huge pages do not reach: little memory, other releases, planted mistakes. */
import { describe, expect, it } from 'vitest';
import { leafFolio } from '../src/huge-pmd.js';
import {
  checkInvariants,
  createRunner,
  dumpSpace,
  type Op,
  PAGE_SIZE,
  type Runner,
  type RunOptions,
  runTrace,
  type Trace,
} from '../src/index.js';
import { makeSlot } from '../src/walk.js';
import { copying, sharing } from './strategies.js';

const BASE = 0x100000000000;
const HUGE = 2 ** 21;

const traceOf = (ops: readonly Op[], more: Partial<Trace['header']> = {}): Trace => ({
  header: { forklab: 'trace', version: 1, name: 'test', thp: 'madvise', ...more },
  ops: [
    { op: 'process', proc: 'p' },
    { op: 'mmap', proc: 'p', addr: BASE, length: 2 * HUGE, prot: 'rw-', flags: ['private', 'anonymous'] },
    { op: 'madvise', proc: 'p', addr: BASE, length: 2 * HUGE, advice: 'hugepage' },
    ...ops,
  ],
});

const write = (proc: string, page: number, pages = 1): Op => ({
  op: 'write',
  proc,
  addr: BASE + page * PAGE_SIZE,
  length: pages * PAGE_SIZE,
});
const read = (proc: string, page: number): Op => ({
  op: 'read',
  proc,
  addr: BASE + page * PAGE_SIZE,
  length: PAGE_SIZE,
});
const sample: Op = { op: 'sample', label: 's' };

const run = (ops: readonly Op[], options: Partial<RunOptions> = {}, more: Partial<Trace['header']> = {}) => {
  const result = runTrace(traceOf(ops, more), { strategies: [copying()], check: true, ...options });
  expect(result.violations).toEqual([]);
  return result;
};

const ready = (ops: readonly Op[]): Runner => {
  const runner = createRunner(traceOf(ops), { strategies: [copying()] });
  while (runner.next());
  return runner;
};

describe('where huge pages are given', () => {
  const rss = (thp: 'never' | 'madvise' | 'always', advice: 'hugepage' | 'nohugepage' | 'normal') => {
    const advise: Op = { op: 'madvise', proc: 'p', addr: BASE + HUGE, length: HUGE, advice };
    const result = run(
      [
        {
          op: 'mmap',
          proc: 'p',
          addr: BASE + HUGE,
          length: HUGE,
          prot: 'rw-',
          flags: ['private', 'anonymous', 'fixed'],
        },
        advise,
        write('p', 512),
        sample,
      ],
      {},
      { thp },
    );
    return result.samples[0]!.procs.p!.rssAnon;
  };

  it('is as the host has it', () => {
    expect([rss('never', 'hugepage'), rss('madvise', 'normal'), rss('madvise', 'hugepage')]).toEqual([4, 4, 2048]);
    expect([rss('always', 'normal'), rss('always', 'nohugepage'), rss('madvise', 'nohugepage')]).toEqual([2048, 4, 4]);
  });

  it('may be said to the machine, over what the trace says', () => {
    expect(run([write('p', 0), sample], { thp: 'never' }).samples[0]!.procs.p!.rssAnon).toBe(4);
  });
});

describe('when memory is short', () => {
  it('a write falls back to a small page', () => {
    const result = run([write('p', 0), sample], {}, { memory: 100 * PAGE_SIZE });
    expect(result.samples[0]!.procs.p!.rssAnon).toBe(4);
    expect(result.events).toMatchObject({ faultsAnon: 1, faultsHuge: 0, ooms: 1 });
  });

  it('a write over the huge zero page splits it, and takes one page', () => {
    const result = run([read('p', 0), write('p', 1), read('p', 2), sample], {}, { memory: 100 * PAGE_SIZE });
    expect(result.steps.map(({ minflt }) => minflt)).toEqual([undefined, undefined, 1, 1, 0]);
    expect(result.samples[0]!.procs.p).toMatchObject({ rssAnon: 4, vmPte: 12 });
    expect(result.events).toMatchObject({ faultsHugeZero: 1, hugePmdsSplit: 1 });
  });

  it('a fork of a huge page needs memory for the table under it, and no more', () => {
    const tables = 5;
    const result = run(
      [write('p', 0), { op: 'fork', proc: 'p', child: 'c' }, sample],
      {},
      {
        memory: (512 + 2 * tables) * PAGE_SIZE,
      },
    );
    expect(result.samples[0]!.procs.c).toMatchObject({ rssAnon: 2048, vmPte: 12, shared: 2048 });
    const short = run(
      [write('p', 0), { op: 'fork', proc: 'p', child: 'c' }, sample],
      {},
      {
        memory: (512 + tables + 2) * PAGE_SIZE,
      },
    );
    expect(short.steps.at(-1)!.result).toBe('ENOMEM');
    expect(Object.keys(short.samples[0]!.procs)).toEqual(['p']);
  });
});

describe('frames', () => {
  it('of a huge page come back as one, and serve small pages when there is nothing else', () => {
    const { machine } = ready([
      write('p', 0, 512),
      { op: 'munmap', proc: 'p', addr: BASE, length: HUGE },
      write('p', 512),
    ]);
    const folio = [...machine.frames.folios.all()][0]!;
    expect(folio.head % 512).toBe(0);
    const { top } = machine.frames;
    machine.frames.folios.alloc();
    expect(machine.frames.top).toBeLessThanOrEqual(Math.max(top, folio.head + 1024));
  });

  it('stay in use until the last part of the huge page goes', () => {
    const left = (op: Op[]) => ready([write('p', 0), ...op]).machine.frames.live;
    const unmap = (page: number, pages: number): Op => ({
      op: 'munmap',
      proc: 'p',
      addr: BASE + page * PAGE_SIZE,
      length: pages * PAGE_SIZE,
    });
    expect([left([unmap(0, 511)]), left([unmap(0, 511), unmap(511, 1)])]).toEqual([512, 0]);
  });
});

describe('a small entry of a huge page that is not exclusive', () => {
  const rest: Op[] = [
    write('p', 0, 512),
    { op: 'fork', proc: 'p', child: 'c' },
    { op: 'munmap', proc: 'c', addr: BASE, length: 510 * PAGE_SIZE },
    { op: 'exit', proc: 'p' },
  ];

  it('is reused since 6.15 while another one is mapped, and copied when it is the last', () => {
    const copied = run([
      ...rest,
      write('c', 510),
      { op: 'munmap', proc: 'c', addr: BASE + 510 * PAGE_SIZE, length: PAGE_SIZE },
      write('c', 511),
    ]);
    expect(copied.events).toMatchObject({ faultsReuse: 1, faultsCow: 1 });
  });

  it('is copied in 6.1 while another one is mapped, and reused when it is the last', () => {
    const ops = [...rest, write('c', 510), write('c', 511)];
    expect(run(ops, { kernel: '6.1' }).events).toMatchObject({ faultsReuse: 1, faultsCow: 1 });
  });
});

describe('tables that are shared', () => {
  it('never hold a huge page, and a split one is broken like any other', () => {
    const result = run(
      [
        write('p', 0, 1024),
        { op: 'munmap', proc: 'p', addr: BASE, length: PAGE_SIZE },
        { op: 'fork', proc: 'p', child: 'c' },
        write('c', 1),
        write('p', 600),
        { op: 'digest', proc: 'p', addr: BASE + PAGE_SIZE, length: HUGE },
      ],
      { strategies: [sharing()] },
    );
    expect(result.events).toMatchObject({ tablesShared: 1, tablesBroken: 1, hugePmdsCopied: 1, hugePmdsSplit: 2 });
  });
});

describe('what holds of huge pages', () => {
  const planted = (spoil: (runner: Runner) => void): string[] => {
    const runner = ready([write('p', 0), { op: 'fork', proc: 'p', child: 'c' }]);
    expect(checkInvariants(runner.machine)).toEqual([]);
    spoil(runner);
    return [...new Set(checkInvariants(runner.machine).map(({ invariant }) => invariant))];
  };
  const slot = ({ machine }: Runner) => {
    makeSlot(machine, machine.proc('p'), BASE, null, machine.to, 0);
    return machine.to;
  };

  it('is missed when a table is lost from under one', () => {
    expect(planted((runner) => runner.machine.tables.deposit(slot(runner).parent, slot(runner).index, 0))).toContain(
      'deposits',
    );
  });

  it('is missed when a mapping is not counted', () => {
    expect(
      planted((runner) => {
        leafFolio(runner.machine, slot(runner))!.mapcount--;
      }),
    ).toEqual(['folio-counts']);
  });

  it('is missed when a shared one may be written', () => {
    expect(planted((runner) => slot(runner).write(slot(runner).lo | 2, slot(runner).hi))).toEqual([
      'writable-is-exclusive',
    ]);
  });
});

it('is written down in a line of its own', () => {
  const { machine } = ready([write('p', 0), read('p', 512)]);
  const lines = dumpSpace(machine, 'p').split('\n');
  expect(lines[0]).toMatch(/hugepage$/);
  expect(lines[1]).toMatch(/leaf rw huge page 512 mapped 1 {2}t\d+ under it$/);
  expect(lines[2]).toMatch(/leaf ro huge zero page {2}t\d+ under it$/);
});
