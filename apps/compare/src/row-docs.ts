/**
 * The rows of a comparison: what each is called, what it counts and in which unit. `rows.ts` computes them,
 * docs/reference/comparison.md lists them, and the reporters lay them out. Units: ns, kB of 1024 bytes, or a count.
 */

import { REQUEST_ROW_DOCS } from './request-rows.js';

export type RowUnit = 'ns' | 'kB' | 'count';

export const ROW_GROUPS = {
  fork: 'At fork',
  after: 'After fork',
  requests: 'Requests',
  whole: 'The whole trace',
  memory: 'Memory',
  tables: 'Tables',
  pages: 'Entries and pages',
  faults: 'Faults and flushes',
  wrong: 'What is wrong',
} as const;
export type RowGroup = keyof typeof ROW_GROUPS;

export interface RowDoc {
  readonly group: RowGroup;
  readonly label: string;
  readonly unit: RowUnit;
  /** The definition, in a sentence or two. */
  readonly says: string;
  /** Shown in the short table of the terminal. Every other reporter shows every row. */
  readonly short?: true;
}

const AFTER = 'after the first fork of the trace (in the whole trace when it has none)';

export const ROW_DOCS = {
  forks: { group: 'fork', label: 'forks', unit: 'count', says: 'Forks that succeeded.' },
  forkNs: {
    group: 'fork',
    label: 'fork, median',
    unit: 'ns',
    says: 'Median priced time of the fork operations of the trace; 0 when there is none. Of an even number, the lower middle.',
    short: true,
  },
  forkNsMax: { group: 'fork', label: 'fork, worst', unit: 'ns', says: 'The dearest single fork.', short: true },
  forkNsTotal: { group: 'fork', label: 'forks, sum', unit: 'ns', says: 'All forks together.' },
  forkNsPerVma: {
    group: 'fork',
    label: 'fork per VMA',
    unit: 'ns',
    says: 'forkNsTotal over the VMAs that forks duplicated.',
  },
  forkNsPerTable: {
    group: 'fork',
    label: 'fork per table',
    unit: 'ns',
    says: 'forkNsTotal over the PTE tables that forks copied, shared or linked.',
  },
  forkNsPerPage: {
    group: 'fork',
    label: 'fork per page',
    unit: 'ns',
    says: 'forkNsTotal over the resident pages that the forking processes were charged for at that moment.',
  },
  faultNsP50: { group: 'after', label: 'fault, median', unit: 'ns', says: `Median of the priced faults ${AFTER}.` },
  faultNsP99: {
    group: 'after',
    label: 'fault, 99 %',
    unit: 'ns',
    says: `99 of 100 faults ${AFTER} cost at most this.`,
  },
  faultNsP999: {
    group: 'after',
    label: 'fault, 99.9 %',
    unit: 'ns',
    says: `999 of 1000 faults ${AFTER} cost at most this.`,
  },
  faultNsMax: {
    group: 'after',
    label: 'fault, worst',
    unit: 'ns',
    says: `The dearest single fault ${AFTER}.`,
    short: true,
  },
  faultNsTotal: { group: 'after', label: 'faults, sum', unit: 'ns', says: `All faults ${AFTER}.` },
  exitNsTotal: {
    group: 'after',
    label: 'exits, sum',
    unit: 'ns',
    says: 'All exit and exec operations of the trace.',
    short: true,
  },
  afterForkNsTotal: {
    group: 'after',
    label: 'all after fork',
    unit: 'ns',
    says: 'Everything from the first fork on, without the forks themselves: what a cheap fork has only postponed is in here.',
    short: true,
  },
  ...REQUEST_ROW_DOCS,
  sinceForkNsTotal: {
    group: 'whole',
    label: 'forks and all after',
    unit: 'ns',
    says: 'forkNsTotal and afterForkNsTotal: everything from the first fork on. What came before it is alike for all.',
    short: true,
  },
  totalNs: {
    group: 'whole',
    label: 'total',
    unit: 'ns',
    says: 'The price of all work of the whole trace.',
    short: true,
  },
  pageTablesKbMax: {
    group: 'memory',
    label: 'page tables, most',
    unit: 'kB',
    says:
      'The most page-table memory that existed after any step, each table counted once however many share it. ' +
      'Roots (PGDs) are not counted, as in VmPTE.',
    short: true,
  },
  pageTablesKbAfterFork: {
    group: 'memory',
    label: 'page tables after fork',
    unit: 'kB',
    says: 'Page-table memory of the whole machine right after the last fork of the trace; 0 when it has none.',
    short: true,
  },
  pageTablesKbGrowthMax: {
    group: 'memory',
    label: 'page tables, most a fork added',
    unit: 'kB',
    says: 'The largest growth of page-table memory in one fork.',
  },
  framesKbMax: {
    group: 'memory',
    label: 'page frames, most',
    unit: 'kB',
    says: 'The most data frames in use after any step.',
    short: true,
  },
  unchargedTablesMax: {
    group: 'memory',
    label: 'tables charged to nobody, most',
    unit: 'count',
    says: 'The most PTE tables that existed after any step without any process being charged for them.',
    short: true,
  },
  tablesAllocated: { group: 'tables', label: 'allocated', unit: 'count', says: 'Tables of any level allocated.' },
  tablesCopied: {
    group: 'tables',
    label: 'copied by fork',
    unit: 'count',
    says: 'PTE tables that fork copied into, entry by entry.',
    short: true,
  },
  tablesShared: {
    group: 'tables',
    label: 'shared',
    unit: 'count',
    says: 'PTE tables shared copy-on-write with another address space.',
    short: true,
  },
  tablesLinked: {
    group: 'tables',
    label: 'linked',
    unit: 'count',
    says: 'PTE tables linked into another address space on purpose, not copy-on-write.',
  },
  tablesBroken: {
    group: 'tables',
    label: 'broken',
    unit: 'count',
    says: 'Shared PTE tables left behind by copying them.',
    short: true,
  },
  tablesAdopted: {
    group: 'tables',
    label: 'adopted',
    unit: 'count',
    says: 'PTE tables taken over by their last holder without copying.',
    short: true,
  },
  tablesDropped: {
    group: 'tables',
    label: 'dropped',
    unit: 'count',
    says: 'Shared PTE tables let go of by one holder.',
  },
  ptesCopied: {
    group: 'pages',
    label: 'entries copied',
    unit: 'count',
    says: 'Present or swapped entries copied into another table, at fork or later.',
    short: true,
  },
  pagesCopied: { group: 'pages', label: 'pages copied', unit: 'count', says: 'Pages copied.', short: true },
  pagesAllocated: { group: 'pages', label: 'frames taken', unit: 'count', says: 'Page frames taken.' },
  pagesSwappedOut: { group: 'pages', label: 'pages swapped out', unit: 'count', says: 'Pages written to swap.' },
  pagesSwappedIn: { group: 'pages', label: 'pages swapped in', unit: 'count', says: 'Pages read from swap.' },
  minorFaults: {
    group: 'faults',
    label: 'minor faults',
    unit: 'count',
    says: 'Page faults that completed, of all kinds, in the whole trace.',
    short: true,
  },
  faultsZero: {
    group: 'faults',
    label: 'of these, zero page',
    unit: 'count',
    says: 'Faults that mapped the shared zero page.',
  },
  faultsAnon: {
    group: 'faults',
    label: 'of these, fresh page',
    unit: 'count',
    says: 'Faults that mapped a fresh anonymous page.',
  },
  faultsCow: { group: 'faults', label: 'of these, page copied', unit: 'count', says: 'Faults that copied a page.' },
  faultsReuse: {
    group: 'faults',
    label: 'of these, page reused',
    unit: 'count',
    says: 'Faults that made a page writable again without copying it.',
  },
  faultsFile: {
    group: 'faults',
    label: 'of these, file pages',
    unit: 'count',
    says: 'Faults that mapped pages of a file.',
  },
  faultsTable: {
    group: 'faults',
    label: 'of these, table only',
    unit: 'count',
    says: 'Faults that only had a table to put in order.',
  },
  faultsHuge: {
    group: 'faults',
    label: 'of these, fresh huge pages',
    unit: 'count',
    says: 'Faults that mapped a fresh huge page.',
  },
  faultsHugeZero: {
    group: 'faults',
    label: 'of these, huge zero page',
    unit: 'count',
    says: 'Faults that mapped the huge zero page.',
  },
  faultsSwap: { group: 'faults', label: 'of these, from swap', unit: 'count', says: 'Faults on swapped pages.' },
  tlbFlushes: {
    group: 'faults',
    label: 'TLB flushes',
    unit: 'count',
    says: 'Flushes of one page, of a range, and of whole address spaces.',
    short: true,
  },
  tlbFlushesFull: {
    group: 'faults',
    label: 'of these, full',
    unit: 'count',
    says: 'Flushes of a whole address space.',
  },
  signals: {
    group: 'wrong',
    label: 'signals',
    unit: 'count',
    says: 'Accesses that ended in SIGSEGV or SIGBUS. A trace may mean them.',
  },
  ooms: {
    group: 'wrong',
    label: 'allocations refused',
    unit: 'count',
    says: 'Allocations refused for want of memory. A trace may mean them.',
  },
  unmodelledSteps: {
    group: 'wrong',
    label: 'unmodelled',
    unit: 'count',
    says: 'How often an operation or a site was met that the machine does not model; named under "unmodelled".',
  },
  violations: {
    group: 'wrong',
    label: 'violations',
    unit: 'count',
    says: 'Invariants found broken. Only looked for with --check; without it, 0 means not checked.',
    short: true,
  },
} as const satisfies Record<string, RowDoc>;

export type RowKey = keyof typeof ROW_DOCS;
export const ROW_KEYS = Object.keys(ROW_DOCS) as readonly RowKey[];

/** The same list, each entry with the general type. */
export const rowDoc = (key: RowKey): RowDoc => ROW_DOCS[key];
