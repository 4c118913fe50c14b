/** Prices of what the real machine counts, under a fork that copies tables and one that shares them. */
import {
  createRunner,
  type ForkStrategy,
  type Kernel,
  parseTrace,
  type Slot,
  type StrategyPlugin,
  type Why,
  WORKS,
} from '@forklab/core';
import { describe, expect, it } from 'vitest';
import { breakEven, hostVm, nsOf, priceFaults, rankStability, shapesBeyondTotals } from '../src/index.js';

const plugin = (name: string, sharing: boolean, setup: (k: Kernel) => ForkStrategy): StrategyPlugin => ({
  api: 1,
  name,
  models: { title: name, where: 'this test' },
  traits: {
    shares: sharing ? 'pte-tables' : 'nothing',
    charges: 'owner',
    shootdown: sharing ? 'sharers' : 'own',
    hosts: [],
    keepsPins: true,
    unmodelled: [],
  },
  setup,
});

const copying = plugin('copying', false, (k) => ({
  copyPteRange: (_fork, pair) => (k.copyPtes(pair, 'fork') === 'oom' ? 'oom' : 'copied'),
  fault: () => 'continue',
  zap: () => 'continue',
  touch: () => 'private',
}));

const sharing = plugin('sharing', true, (k) => {
  const own = (at: Slot, why: Why): 'private' | 'oom' =>
    at.table === 0 || at.writable ? 'private' : at.refs > 1 ? k.cloneTable(at, why, 'both') : k.adoptTable(at, why);
  return {
    copyPteRange(_fork, pair) {
      if (pair.dst.table !== 0) return 'already';
      k.shareTable(pair, 'fork');
      return 'shared';
    },
    fault: (at) => (own(at, 'fault') === 'oom' ? 'oom' : 'continue'),
    zap(at, { cause }) {
      if (at.writable) return 'continue';
      if (at.refs === 1) {
        k.adoptTable(at, cause);
        return 'continue';
      }
      k.dropTable(at, cause);
      return 'dropped';
    },
    touch: own,
  };
});

const MIB = 2 ** 20;
const TABLES = 16;
const AREA = TABLES * 2 * MIB;
const BASE = 2 ** 30;

/** 32 MiB are written, forked, and then one page in each of `tables` tables is written by the parent. */
const traceOf = (tables: number) => {
  const at = { proc: 'p', addr: BASE };
  const ops = [
    { forklab: 'trace', version: 1, name: 'fork-and-write' },
    { op: 'process', proc: 'p' },
    { op: 'mmap', ...at, length: AREA, prot: 'rw-', flags: ['private', 'anonymous', 'fixed'] },
    { op: 'write', ...at, length: AREA },
    { op: 'fork', proc: 'p', child: 'c' },
    ...(tables > 0 ? [{ op: 'write', ...at, length: tables * 2 * MIB, stride: 2 * MIB }] : []),
    { op: 'read', proc: 'c', addr: BASE, length: AREA },
    { op: 'exit', proc: 'c' },
    { op: 'write', ...at, length: AREA },
    { op: 'munmap', ...at, length: AREA },
    { op: 'exit', proc: 'p' },
  ];
  return parseTrace(`${ops.map((op) => JSON.stringify(op)).join('\n')}\n`);
};

const run = (strategy: StrategyPlugin, tables: number) => {
  let forkNs = Number.NaN;
  let before = new Float64Array(WORKS.length);
  const onStep = ({ op, machine }: { op: { op: string }; machine: { counters: { totals(): Float64Array } } }) => {
    const now = Float64Array.from(machine.counters.totals());
    if (op.op === 'fork')
      forkNs = nsOf(
        now.map((count, row) => count - before[row]!),
        hostVm,
      );
    before = now;
  };
  const runner = createRunner(traceOf(tables), { strategies: [strategy], check: true, onStep });
  while (runner.next());
  expect(runner.result.violations ?? []).toEqual([]);
  const { counters } = runner.machine;
  return { forkNs, totals: counters.totals(), shapes: counters.faultShapes(), ns: nsOf(counters.totals(), hostVm) };
};

describe.each([copying, sharing])('a run under $name', (strategy) => {
  it.each([0, 1, TABLES])('that writes to %d tables counts each fault alike on both paths', (tables) => {
    const { totals, shapes, ns } = run(strategy, tables);
    expect(shapesBeyondTotals(shapes, totals)).toEqual({});
    const faults = priceFaults(shapes, hostVm);
    expect(faults.count).toBe(totals[WORKS.indexOf('faults')]);
    expect(faults.sumNs).toBeLessThan(ns);
  });
});

describe('the two side by side', () => {
  it('share a fork that is cheaper, and pay for it at the worst fault', () => {
    const copied = run(copying, TABLES);
    const shared = run(sharing, TABLES);
    // fork() of the program, 16 tables of 512 entries, an mm with two upper tables, one VMA, the flush at the end.
    expect(copied.forkNs).toBeCloseTo(50_000 + 16 * (650 + 1150 + 512 * 75) + 2 * 650 + 620 + 350 + 16 * 2, 6);
    expect(shared.forkNs).toBeCloseTo(50_000 + 16 * 100 + 2 * 650 + 620 + 350 + 16 * 2, 6);
    const worst = priceFaults(shared.shapes, hostVm);
    expect(worst.worst).toMatchObject({ broken: true, ptesCopied: 512, kind: 'cow' });
    expect(worst.worstNs).toBe(600 + 640 + 850 + 650 + 1250 + 512 * 75);
    expect(priceFaults(copied.shapes, hostVm).worstNs).toBeLessThan(worst.worstNs / 10);
  });

  it('rank by the tables that are written', () => {
    const rank = (tables: number) =>
      rankStability(
        [copying, sharing].map((strategy) => ({ name: strategy.name, work: run(strategy, tables).totals })),
        hostVm,
      );
    const few = rank(1);
    expect(few.ranking[0]!.name).toBe('sharing');
    expect(few.survives).toBe(true);
  });

  it('break even where the runs on either side of the answer say so', () => {
    const { share, loses } = breakEven(
      (writtenShare) => {
        const tables = Math.round(writtenShare * TABLES);
        return { strategyNs: run(sharing, tables).ns, classicNs: run(copying, tables).ns };
      },
      { samples: 3, tolerance: 1 / TABLES },
    );
    // Only a fork whose every table is broken afterwards costs more than copying them all at once.
    expect(loses).toBe('above');
    expect(share).toBe(1);
    expect(run(sharing, TABLES).ns).toBeGreaterThan(run(copying, TABLES).ns);
    expect(run(sharing, TABLES - 1).ns).toBeLessThan(run(copying, TABLES - 1).ns);
  });
});
