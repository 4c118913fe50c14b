/** For strategies that share tables copy-on-write and charge one owner: a table followed through its whole life. */
import { type Op, runTrace, type StrategyPlugin, type Trace } from '@forklab/core';
import { describe, expect, it } from 'vitest';

const BASE = 0x100000000000;
const TABLE = 2 ** 21;

const traceOf = (ops: readonly Op[]): Trace => ({ header: { forklab: 'trace', version: 1, name: 'life' }, ops });

const start = (length: number): Op[] => [
  { op: 'process', proc: 'p' },
  { op: 'mmap', proc: 'p', addr: BASE, length, prot: 'rw-', flags: ['private', 'anonymous'] },
  { op: 'write', proc: 'p', addr: BASE, length },
  { op: 'fork', proc: 'p', child: 'c' },
];

/** The counts that a private anonymous mapping, its fork, its writes and its exits must give. */
export const describeCowTables = (make: () => StrategyPlugin): void => {
  const run = (ops: readonly Op[]) => runTrace(traceOf(ops), { strategies: [make()], check: true });

  describe('the life of a table', () => {
    it('is shared at fork without an entry being copied, and the child is charged for none of it', () => {
      const { events, samples } = run([...start(4 * TABLE), { op: 'sample', label: 'forked' }]);
      expect(events).toMatchObject({ tablesShared: 4, tablesCopied: 0, ptesCopied: 0 });
      const [{ procs, machine }] = samples as [(typeof samples)[number]];
      // The child has a PUD and a PMD table of its own; the parent pays for the four PTE tables, too.
      expect(procs.c).toMatchObject({ vmPte: 8, rssAnon: 8192, mm: { rssAnon: 0 } });
      expect(procs.p).toMatchObject({ vmPte: 24, rssAnon: 8192, mm: { rssAnon: 8192 } });
      expect(machine).toEqual({ pageTables: 32, frames: 8192, uncharged: 0 });
    });

    it('is broken by the first write, and taken over without a copy by the last holder', () => {
      const { events, steps } = run([
        ...start(2 * TABLE),
        { op: 'write', proc: 'c', addr: BASE, length: 4096, value: 7 },
        { op: 'write', proc: 'p', addr: BASE + 4096, length: 4096, value: 8 },
        { op: 'digest', proc: 'p', addr: BASE, length: 4096 },
        { op: 'digest', proc: 'c', addr: BASE, length: 4096 },
        { op: 'exit', proc: 'c' },
        { op: 'write', proc: 'p', addr: BASE + TABLE, length: TABLE, value: 9 },
      ]);
      expect(events).toMatchObject({ tablesShared: 2, tablesBroken: 1, tablesAdopted: 2, ptesCopied: 512 });
      expect(steps.at(-4)?.digest).not.toBe(steps.at(-3)?.digest);
      // The second table was never copied, so its entries are still writable: one fault for all of it.
      expect(steps.at(-1)).toMatchObject({ result: 0, minflt: 1 });
    });

    it('belongs to nobody once its payer has left, and to the last holder in the end', () => {
      const { samples } = run([
        ...start(TABLE),
        { op: 'fork', proc: 'p', child: 'd' },
        { op: 'exit', proc: 'p' },
        { op: 'sample', label: 'homeless' },
        { op: 'exit', proc: 'd' },
        { op: 'write', proc: 'c', addr: BASE, length: 4096 },
        { op: 'sample', label: 'adopted' },
      ]);
      expect(samples[0]?.machine.uncharged).toBe(4);
      expect(samples[1]?.machine.uncharged).toBe(0);
      expect(samples[1]?.procs.c?.mm.rssAnon).toBe(2048);
    });

    it('is gone with its pages when everybody has left', () => {
      const { events } = run([...start(2 * TABLE), { op: 'exit', proc: 'p' }, { op: 'exit', proc: 'c' }]);
      expect(events.tablesFreed).toBe(events.tablesAllocated);
      expect(events.pagesFreed).toBe(events.pagesAllocated);
    });

    it('is copied, not shared, when it holds a pinned page', () => {
      const { events, samples } = run([
        ...start(2 * TABLE).slice(0, 3),
        { op: 'pin', proc: 'p', addr: BASE, length: 4096, write: true },
        { op: 'fork', proc: 'p', child: 'c' },
        { op: 'sample', label: 'forked' },
      ]);
      expect(events).toMatchObject({ tablesShared: 1, tablesCopied: 1, pagesCopied: 1 });
      expect(samples[0]?.procs.c?.rssAnon).toBe(4096);
    });

    it('costs a fork of 1 GiB less than 100 kB of page tables', () => {
      let before = 0;
      let grown = 0;
      const trace = traceOf(start(2 ** 30));
      runTrace(trace, {
        strategies: [make()],
        onStep: ({ op, machine }) => {
          if (op.op === 'fork') grown = machine.usage().pageTablesKb - before;
          before = machine.usage().pageTablesKb;
        },
      });
      expect(grown).toBeGreaterThan(0);
      expect(grown).toBeLessThan(100);
    });
  });
};
