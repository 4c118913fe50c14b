import { nsOf } from '@forklab/timing';
import { describe, expect, test } from 'vitest';
import { ROW_KEYS } from '../src/row-docs.js';
import { compared, planOf } from './support/comparison.js';

const lines = (...ops: readonly object[]): string =>
  `${[{ forklab: 'trace', version: 1, name: 't' }, ...ops].map((op) => JSON.stringify(op)).join('\n')}\n`;

const BASE = 2 ** 44;
const START = [
  { op: 'process', proc: 'p' },
  { op: 'mmap', proc: 'p', addr: BASE, length: '4MiB', prot: 'rw-', flags: ['private', 'anonymous'] },
  { op: 'write', proc: 'p', addr: BASE, length: '4MiB' },
];

describe('rows', async () => {
  const { comparison, runs } = compared(await planOf());
  const [classic, cow] = comparison.inputs[0]!.strategies.map(({ rows }) => rows);

  test('every documented row is there, a finite number, and in the order of the documentation', () => {
    expect(Object.keys(classic!)).toEqual(ROW_KEYS);
    for (const rows of [classic!, cow!]) for (const key of ROW_KEYS) expect(rows[key], key).toBeGreaterThanOrEqual(0);
  });

  test('two tables of 512 pages: classic copies them at fork, cow-pte shares them and breaks the one written', () => {
    expect(classic).toMatchObject({ forks: 1, tablesCopied: 2, tablesShared: 0, tablesBroken: 0, ptesCopied: 1024 });
    expect(cow).toMatchObject({ tablesCopied: 0, tablesShared: 2, tablesBroken: 1, ptesCopied: 512, violations: 0 });
    // Both write two pages while the child lives; only then is anything copied.
    expect([classic!.pagesCopied, cow!.pagesCopied]).toEqual([2, 2]);
    expect(cow!.tablesAdopted).toBeGreaterThan(0);
  });

  test('page tables grow by the two tables under classic alone; the upper tables of the child are there under both', () => {
    expect(classic!.pageTablesKbGrowthMax - cow!.pageTablesKbGrowthMax).toBe(8);
    expect(classic!.pageTablesKbAfterFork).toBe(classic!.pageTablesKbMax);
  });

  test('times add up: before the first fork, the forks, and all after them', () => {
    for (const { measured, strategy } of runs) {
      const { rows } = strategy;
      const before = nsOf(measured.beforeFork, planPrices);
      expect(before + rows.sinceForkNsTotal).toBeCloseTo(rows.totalNs, 1);
      expect(rows.forkNsTotal + rows.afterForkNsTotal).toBeCloseTo(rows.sinceForkNsTotal, 1);
      expect(rows.faultNsTotal + rows.exitNsTotal).toBeLessThanOrEqual(rows.afterForkNsTotal + 0.01);
      const work = Object.values(strategy.costs.byWork).reduce((a, b) => a + b, 0);
      expect(work / rows.totalNs).toBeCloseTo(1, 4);
    }
  });

  test('percentiles are in order, and only faults after the fork are in them', () => {
    for (const { strategy } of runs) {
      const { rows, faults } = strategy;
      const { faultNsP50, faultNsP99, faultNsP999, faultNsMax } = rows;
      const inOrder = [faultNsP50, faultNsP99, faultNsP999, faultNsMax];
      expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b));
      const counted = faults.reduce((sum, { count }) => sum + count, 0);
      // 1024 faults came before the fork.
      expect(counted).toBe(rows.minorFaults - 1024);
    }
  });

  test('causes add up to their row', () => {
    for (const { strategy } of runs) {
      for (const [key, causes] of Object.entries(strategy.byWhy)) {
        const sum = Object.values(causes).reduce((a, b) => a + b, 0);
        expect(sum, key).toBe(strategy.rows[key as 'ptesCopied']);
      }
    }
    expect(runs[1]!.strategy.byWhy.tablesBroken).toEqual({ fault: 1 });
  });

  test('a series ends with the totals and holds the point before and after the fork', () => {
    for (const { strategy } of runs) {
      const { step, ns, pageTablesKb } = strategy.series;
      expect([step.at(-1), ns.at(-1)]).toEqual([8, strategy.rows.totalNs]);
      expect(step).toEqual([...new Set(step)].sort((a, b) => a - b));
      expect(Math.max(...pageTablesKb)).toBe(strategy.rows.pageTablesKbMax);
    }
  });

  test('samples say what each mm is charged beside what it holds, and the truth', () => {
    const [sample] = comparison.inputs[0]!.strategies[1]!.samples;
    expect(sample!.procs.c!.rssAnon).toBe(4096);
    expect(sample!.procs.c!.mm.rssAnon).toBe(0);
    expect(sample!.machine.pageTables).toBe(cow!.pageTablesKbAfterFork);
  });

  test('the same plan gives the same bytes', async () => {
    expect(JSON.stringify(compared(await planOf()).comparison)).toBe(JSON.stringify(comparison));
  });
});

const planPrices = (await planOf()).prices;

describe('traces that are not the usual', () => {
  test('no fork: fork rows are 0, faults are of the whole trace, and the verdict says so', async () => {
    const { comparison } = compared(await planOf(lines(...START)));
    const input = comparison.inputs[0]!;
    expect(input.strategies[0]!.rows).toMatchObject({
      forks: 0,
      forkNs: 0,
      sinceForkNsTotal: 0,
      pageTablesKbAfterFork: 0,
    });
    expect(input.strategies[0]!.rows.faultNsMax).toBeGreaterThan(0);
    expect(input.verdict).toMatch(/^This trace does not fork\./);
    expect(input.breakEven).toEqual({ points: [], curves: [], layout: null });
  });

  test('the median of an even number of forks is the lower middle', async () => {
    const child = (name: string) => [
      { op: 'fork', proc: 'p', child: name },
      { op: 'exit', proc: name },
    ];
    const grown = {
      op: 'mmap',
      proc: 'p',
      addr: BASE + 2 ** 30,
      length: '2MiB',
      prot: 'rw-',
      flags: ['private', 'anonymous'],
    };
    const more = { op: 'write', proc: 'p', addr: BASE + 2 ** 30, length: '2MiB' };
    const { runs } = compared(await planOf(lines(...START, ...child('a'), grown, more, ...child('b')), ['classic']));
    const [first, second] = runs[0]!.measured.forks.map(({ ns }) => ns);
    expect(second).toBeGreaterThan(first!);
    expect(runs[0]!.strategy.rows.forkNs).toBeCloseTo(first!, 2);
    expect(runs[0]!.strategy.rows.forkNsMax).toBeCloseTo(second!, 2);
  });

  test('a fork that runs out of memory is no fork', async () => {
    const text = lines(...START, { op: 'fork', proc: 'p', child: 'c' });
    const plan = await planOf(text, ['classic']);
    const { runs } = compared({ ...plan, settings: { ...plan.settings, memory: 4096 * 1033 } });
    expect(runs[0]!.measured.result.steps.at(-1)!.result).toBe('ENOMEM');
    expect(runs[0]!.strategy.rows).toMatchObject({ forks: 0, forkNs: 0 });
    expect(runs[0]!.strategy.rows.ooms).toBeGreaterThan(0);
  });

  test('what is not modelled is counted, named, and in the verdict', async () => {
    const flags = ['private', 'anonymous', 'hugetlb'];
    const huge = { op: 'mmap', proc: 'p', addr: BASE + 2 ** 30, length: 2 ** 21, prot: 'rw-', flags };
    const { comparison } = compared(await planOf(lines(...START, huge)));
    const [column] = comparison.inputs[0]!.strategies;
    expect(column!.unmodelled).toEqual([{ site: 'mmap hugetlb', count: 1 }]);
    expect(column!.rows.unmodelledSteps).toBe(1);
    expect(comparison.inputs[0]!.verdict).toContain(
      'Not modelled, and so missing from these numbers: mmap hugetlb (1)',
    );
  });
});

describe('break-even', async () => {
  const { comparison } = compared(await planOf(undefined, ['classic', 'cow-pte', 'mshare'], false));
  const { breakEven } = comparison.inputs[0]!;
  const curve = (strategy: string, of: string) => breakEven.curves.find((c) => c.strategy === strategy && c.of === of)!;

  test('the layout is that of the fork', () => {
    expect(breakEven.layout).toMatchObject({ tables: 2, pagesPerTable: 512, tablesOfInput: 2, pagesOfInput: 1024 });
  });

  test('unwritten, sharing is cheaper; with every page written it is not; the crossing lies between', () => {
    const [cow, base] = [curve('cow-pte', 'pages'), curve('classic', 'pages')];
    expect(cow.y[0]).toBeLessThan(base.y[0]!);
    expect(cow.y.at(-1)).toBeGreaterThan(base.y.at(-1)!);
    const point = breakEven.points.find((p) => p.strategy === 'cow-pte' && p.of === 'pages')!;
    expect(point.share).toBeGreaterThan(0);
    expect(point.share).toBeLessThan(1);
  });

  test('private memory is classic to file-owned tables: the curves are one', () => {
    expect(curve('mshare', 'pages').y).toEqual(curve('classic', 'pages').y);
    expect(breakEven.points.find((p) => p.strategy === 'mshare')).toMatchObject({ share: null });
  });
});

describe('the verdict', async () => {
  const { comparison } = compared(await planOf(undefined, ['classic', 'cow-pte', 'mshare'], false));
  const { verdict } = comparison.inputs[0]!;

  test('never speaks of the fork alone: what follows, the worst fault, the total, memory and prices stand beside it', () => {
    for (const words of [
      'A fork is cheapest',
      'all that follows',
      'worst fault after',
      'whole trace',
      'Page tables',
      'price',
    ]) {
      expect(verdict).toContain(words);
    }
  });

  test('columns that tie are named together', () => {
    expect(verdict).toContain('under classic and mshare');
  });
});

test('one column alone is compared with nobody', async () => {
  const { comparison } = compared(await planOf(undefined, ['cow-pte'], false));
  const { verdict, breakEven } = comparison.inputs[0]!;
  expect(verdict).toMatch(/^A fork is [\d.]+ µs\. Forks and all that follows them are /);
  expect(verdict).not.toContain('under all');
  expect(breakEven.layout).not.toBeNull();
});
