/** The rows of one column, computed from what was measured. What each means stands in `row-docs.ts`. */
import { WHYS, type Why, WORKS, type Work } from '@forklab/core';
import { nsOf, type PriceList, priceFaults, type Simulation } from '@forklab/timing';
import { type ForkSeen, type Measured, tidyNs } from './measure.js';
import { requestRowsOf } from './request-rows.js';
import { ROW_KEYS, type RowKey, rowDoc } from './row-docs.js';

const at = (counts: Float64Array, work: Work): number => counts[WORKS.indexOf(work)]!;

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

const most = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.max(a, b), 0);

const lowerMedian = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.ceil(numbers.length / 2) - 1] ?? 0;

const per = (ns: number, units: number): number => (units > 0 ? ns / units : 0);

const forkRows = (forks: readonly ForkSeen[]) => {
  const ns = forks.map((fork) => fork.ns);
  const did = (...works: readonly Work[]): number => sum(forks.flatMap(({ work }) => works.map((w) => at(work, w))));
  const total = sum(ns);
  return {
    forks: forks.length,
    forkNs: lowerMedian(ns),
    forkNsMax: most(ns),
    forkNsTotal: total,
    forkNsPerVma: per(total, did('vmasDuplicated')),
    forkNsPerTable: per(total, did('tablesCopied', 'tablesShared', 'tablesLinked')),
    forkNsPerPage: per(total, sum(forks.map((fork) => fork.pages))),
    pageTablesKbAfterFork: forks.at(-1)?.pageTablesKbAfter ?? 0,
    pageTablesKbGrowthMax: most(forks.map((fork) => fork.pageTablesKbAfter - fork.pageTablesKbBefore)),
  };
};

/** Work whose causes a report tells apart. */
const WITH_CAUSES = [
  'tablesAllocated',
  'tablesCopied',
  'tablesShared',
  'tablesLinked',
  'tablesBroken',
  'tablesAdopted',
  'tablesDropped',
  'ptesCopied',
  'pagesCopied',
] as const satisfies readonly (Work & RowKey)[];

/** Counts that are rows as they are. */
const COUNTED = [
  ...WITH_CAUSES,
  'pagesAllocated',
  'faultsZero',
  'faultsAnon',
  'faultsCow',
  'faultsReuse',
  'faultsFile',
  'faultsTable',
  'faultsHuge',
  'faultsHugeZero',
  'faultsSwap',
  'pagesSwappedOut',
  'pagesSwappedIn',
  'signals',
  'ooms',
] as const satisfies readonly (Work & RowKey)[];

/** All rows of a column. */
export const rowsOf = (m: Measured, simulation: Simulation | null, prices: PriceList): Record<RowKey, number> => {
  const faults = priceFaults(m.shapesAfterFork, prices);
  const totalNs = nsOf(m.totals, prices);
  const forks = forkRows(m.forks);
  const counted = Object.fromEntries(COUNTED.map((work) => [work, at(m.totals, work)])) as Record<
    (typeof COUNTED)[number],
    number
  >;
  const sinceFork = m.forks.length > 0 ? totalNs - nsOf(m.beforeFork, prices) : 0;
  const rows: Record<RowKey, number> = {
    ...forks,
    ...counted,
    ...requestRowsOf(simulation),
    faultNsP50: faults.p50,
    faultNsP99: faults.p99,
    faultNsP999: faults.p999,
    faultNsMax: faults.worstNs,
    faultNsTotal: faults.sumNs,
    exitNsTotal: nsOf(m.exitWork, prices),
    afterForkNsTotal: sinceFork - forks.forkNsTotal,
    sinceForkNsTotal: sinceFork,
    totalNs,
    pageTablesKbMax: m.pageTablesKbMax,
    framesKbMax: m.framesKbMax,
    unchargedTablesMax: m.unchargedTablesMax,
    minorFaults: at(m.totals, 'faults'),
    tlbFlushes: sum((['tlbFlushPage', 'tlbFlushRange', 'tlbFlushFull'] as const).map((work) => at(m.totals, work))),
    tlbFlushesFull: at(m.totals, 'tlbFlushFull'),
    unmodelledSteps: sum(Object.values(m.result.unmodelled)),
    violations: m.result.violations.length,
  };
  // In the order of the documentation, whatever order they were computed in.
  return Object.fromEntries(
    ROW_KEYS.map((key) => [key, rowDoc(key).unit === 'ns' ? tidyNs(rows[key]) : rows[key]]),
  ) as Record<RowKey, number>;
};

/** Counts by cause; kinds of work that were not done are left out. */
export const byWhyOf = ({ runner }: Measured): Record<string, Record<string, number>> => {
  const out: Record<string, Record<string, number>> = {};
  for (const work of WITH_CAUSES) {
    const causes: Partial<Record<Why, number>> = runner.machine.counters.byWhy(work);
    const present = WHYS.filter((why) => causes[why] !== undefined);
    if (present.length > 0) out[work] = Object.fromEntries(present.map((why) => [why, causes[why]!]));
  }
  return out;
};
