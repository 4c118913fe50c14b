import { type Op, runTrace, type Trace } from '@forklab/core';
import { describe, expect, it } from 'vitest';
import { mshare } from '../src/index.js';

const BASE = 0x100000000000;
const TABLE = 2 ** 21;
const PAGE = 4096;

const run = (ops: readonly Op[]) => {
  const trace: Trace = { header: { forklab: 'trace', version: 1, name: 'life' }, ops };
  return runTrace(trace, { strategies: [mshare()], check: true });
};

/** A file of four tables, mapped shared by p, every page written. */
const start = (length = 4 * TABLE, addr = BASE): Op[] => [
  { op: 'process', proc: 'p' },
  { op: 'file', proc: 'p', file: 'f', size: 4 * TABLE },
  { op: 'mmap', proc: 'p', addr, length, prot: 'rw-', flags: ['shared'], file: 'f', offset: 0 },
  { op: 'write', proc: 'p', addr, length },
];

const join = (n: number): Op[] =>
  Array.from({ length: n }, (_, i): Op[] => [
    { op: 'fork', proc: 'p', child: `c${i}` },
    { op: 'read', proc: `c${i}`, addr: BASE, length: 4 * TABLE },
  ]).flat();

describe('the life of a table that a file owns', () => {
  it('is attached to by a fault, and what one process mapped, the next one finds mapped', () => {
    const { events, steps, samples } = run([...start(), ...join(3), { op: 'sample', label: 'all' }]);
    expect(events.tablesLinked).toBe(16);
    // A child faults once a table; every page is there already.
    expect(steps.filter(({ op }) => op === 'read').map(({ minflt }) => minflt)).toEqual([4, 4, 4]);
    const [sample] = samples;
    expect(sample?.procs.c0).toMatchObject({ vmPte: 8, rssShmem: 8192, mm: { rssShmem: 0 } });
    // Four tables in all, and two upper ones for the file and for each of four processes.
    expect(sample?.machine.pageTables).toBe(4 * (4 + 2 * 5));
  });

  it('goes with the last process', () => {
    const leave: Op[] = ['c0', 'c1', 'p'].map((proc) => ({ op: 'exit', proc }));
    const { events } = run([...start(), ...join(2), ...leave]);
    expect(events.tablesFreed).toBe(events.tablesAllocated);
    expect(events.pagesFreed).toBe(events.pagesAllocated);
  });

  it('leaves nothing behind when there is no memory to attach with', () => {
    for (let frames = 3; frames < 14; frames++) {
      const ops: Op[] = [...start(TABLE), { op: 'exit', proc: 'p' }, { op: 'sample', label: 'empty' }];
      const trace: Trace = { header: { forklab: 'trace', version: 1, name: 'starved' }, ops };
      const { samples, violations } = runTrace(trace, {
        strategies: [mshare()],
        memory: frames * PAGE,
        check: true,
      });
      expect(violations).toEqual([]);
      expect(samples[0]?.machine).toEqual({ pageTables: 0, frames: 0, uncharged: 0 });
    }
  });

  it('leaves the parts that do not fill a table to classic fork', () => {
    const { events } = run(start(TABLE + 3 * PAGE));
    expect(events.tablesLinked).toBe(1);
    expect(run(start(TABLE, BASE + PAGE)).events.tablesLinked).toBe(0);
  });

  it('does not show one process what another did to its own mapping', () => {
    const { steps } = run([
      ...start(),
      ...join(1),
      { op: 'mprotect', proc: 'c0', addr: BASE, length: TABLE, prot: 'r--' },
      { op: 'write', proc: 'c0', addr: BASE, length: PAGE },
      { op: 'write', proc: 'p', addr: BASE, length: PAGE, value: 5 },
      { op: 'munmap', proc: 'c0', addr: BASE + TABLE, length: PAGE },
      { op: 'read', proc: 'p', addr: BASE + TABLE, length: PAGE },
      { op: 'madvise', proc: 'c0', addr: BASE + 2 * TABLE, length: PAGE, advice: 'dontneed' },
      { op: 'read', proc: 'p', addr: BASE + 2 * TABLE, length: PAGE },
    ]);
    const after = steps.slice(-7);
    expect(after.map(({ result }) => result)).toEqual([0, 'SIGSEGV', 0, 0, 0, 0, 0]);
    expect(after.at(-1)?.minflt).toBe(0);
  });

  it('shows truncation to everybody', () => {
    const { steps } = run([
      ...start(),
      ...join(1),
      { op: 'truncate', file: 'f', size: TABLE + PAGE },
      { op: 'read', proc: 'p', addr: BASE + TABLE, length: 2 * PAGE },
      { op: 'read', proc: 'c0', addr: BASE + TABLE, length: 2 * PAGE },
      { op: 'read', proc: 'c0', addr: BASE + 3 * TABLE, length: PAGE },
    ]);
    expect(steps.slice(-3).map(({ result }) => result)).toEqual(['SIGBUS', 'SIGBUS', 'SIGBUS']);
  });

  it('is what a share object of kind file-owned attaches to', () => {
    const { events, steps, unmodelled } = run([
      { op: 'process', proc: 'p' },
      { op: 'file', proc: 'p', file: 'f', size: TABLE },
      { op: 'share', object: 'o', kind: 'file-owned', size: TABLE, file: 'f' },
      { op: 'attach', proc: 'p', object: 'o', addr: BASE, prot: 'rw-' },
      { op: 'write', proc: 'p', addr: BASE, length: TABLE },
      { op: 'protect', object: 'o', offset: 0, length: TABLE, prot: 'r--' },
      { op: 'detach', proc: 'p', object: 'o', addr: BASE },
      { op: 'share', object: 'q', kind: 'mm-owned', size: TABLE },
    ]);
    expect(steps.map(({ result }) => result)).toEqual([0, 0, 0, 0, 'EINVAL', 0, 'ENOSYS']);
    expect(events.tablesLinked).toBe(1);
    expect(unmodelled).toEqual({ 'share mm-owned': 1 });
  });
});
