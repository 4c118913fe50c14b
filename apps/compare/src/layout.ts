/**
 * The memory that the largest fork of an input met, boiled down, and traces of that layout in which a chosen share is
 * written after the fork. The break-even is measured on those.
 */
import { type Op, type Trace, WORKS, type Work } from '@forklab/core';
import type { ForkSeen } from './measure.js';

/** What is written after the fork: one page in each of some tables, or pages spread evenly over all tables. */
export type WrittenOf = 'tables' | 'pages';

export interface Layout {
  /** Private memory, or shared file memory when the fork met no private memory. */
  readonly kind: 'private' | 'shared';
  /** PTE tables and pages in each of them, as run. */
  readonly tables: number;
  readonly pagesPerTable: number;
  /** As the fork met them. */
  readonly tablesOfInput: number;
  readonly pagesOfInput: number;
}

/** More tables than this are not run: what one table costs does not depend on how many there are. */
export const TABLES_MAX = 128;

const PAGE = 4096;
const TABLE_PAGES = 512;
const TABLE_BYTES = PAGE * TABLE_PAGES;
const BASE = 2 ** 44;

const at = (counts: Float64Array, work: Work): number => counts[WORKS.indexOf(work)]!;

const tablesMet = (fork: ForkSeen): number =>
  at(fork.work, 'tablesCopied') + at(fork.work, 'tablesShared') + at(fork.work, 'tablesLinked');

/** The layout of the largest of these forks; null when none of them met any memory. */
export const layoutOf = (forks: readonly ForkSeen[]): Layout | null => {
  const largest = forks.reduce<ForkSeen | null>((a, b) => (a === null || b.pages > a.pages ? b : a), null);
  if (largest === null) return null;
  const kind = tablesMet(largest) > 0 ? 'private' : 'shared';
  const pages = kind === 'private' ? at(largest.work, 'ptesCopied') || largest.pages : largest.sharedPages;
  const tables = kind === 'private' ? tablesMet(largest) : Math.ceil(pages / TABLE_PAGES);
  if (tables === 0 || pages === 0) return null;
  return {
    kind,
    tables: Math.min(tables, TABLES_MAX),
    pagesPerTable: Math.min(TABLE_PAGES, Math.max(1, Math.round(pages / tables))),
    tablesOfInput: tables,
    pagesOfInput: pages,
  };
};

/** The layout in a sentence, for reports. */
export const sayLayout = (layout: Layout): string => {
  const { kind, tables, pagesPerTable, tablesOfInput, pagesOfInput } = layout;
  const who = kind === 'private' ? 'the parent writes while the child lives' : 'the child writes';
  const met = `the largest fork met ${pagesOfInput} pages in ${tablesOfInput} PTE tables of ${kind} memory`;
  const cut = tables < tablesOfInput ? ', fewer tables to keep it short' : '';
  return (
    `Run on a layout like that of the input: ${met}; here ${tables} tables with ${pagesPerTable} pages each${cut}. ` +
    `After the fork ${who}, then the child exits, then the parent; fork, writes and both exits are counted.`
  );
};

/** Writes to `pages` pages, from `firstPage` on, of each of the first `tables` tables. */
const writePages = (proc: string, tables: number, firstPage: number, pages: number): Op[] => {
  const start = BASE + firstPage * PAGE;
  if (tables === 0 || pages === 0) return [];
  // Full tables in a row are one range; single pages of many tables are one strided write.
  if (pages === TABLE_PAGES) return [{ op: 'write', proc, addr: start, length: tables * TABLE_BYTES }];
  if (pages < tables) {
    return Array.from({ length: pages }, (_, page) => ({
      op: 'write',
      proc,
      addr: start + page * PAGE,
      length: (tables - 1) * TABLE_BYTES + PAGE,
      stride: TABLE_BYTES,
    }));
  }
  return Array.from({ length: tables }, (_, table) => ({
    op: 'write',
    proc,
    addr: start + table * TABLE_BYTES,
    length: pages * PAGE,
  }));
};

const written = (layout: Layout, of: WrittenOf, share: number, proc: string): Op[] => {
  const { tables, pagesPerTable } = layout;
  if (of === 'tables') return writePages(proc, Math.round(share * tables), 0, 1);
  const pages = Math.round(share * tables * pagesPerTable);
  const each = Math.floor(pages / tables);
  return [...writePages(proc, tables, 0, each), ...writePages(proc, pages - each * tables, each, 1)];
};

/** A trace of this layout, with one child or several at once. Its operations from the first fork on are what is priced. */
export const layoutTrace = (layout: Layout, of: WrittenOf, share: number, children = 1): Trace => {
  const names = Array.from({ length: children }, (_, i) => (i === 0 ? 'child' : `child${i + 1}`));
  const length = layout.tables * TABLE_BYTES;
  const shared = layout.kind === 'shared';
  const map: Op[] = shared
    ? [
        { op: 'file', file: 'f', size: length },
        { op: 'mmap', proc: 'parent', addr: BASE, length, prot: 'rw-', flags: ['shared'], file: 'f', offset: 0 },
      ]
    : [{ op: 'mmap', proc: 'parent', addr: BASE, length, prot: 'rw-', flags: ['private', 'anonymous'] }];
  return {
    header: { forklab: 'trace', version: 1, name: 'break-even' },
    ops: [
      { op: 'process', proc: 'parent' },
      ...map,
      ...writePages('parent', layout.tables, 0, layout.pagesPerTable),
      ...names.map((child): Op => ({ op: 'fork', proc: 'parent', child })),
      ...written(layout, of, share, shared ? 'child' : 'parent'),
      ...[...names, 'parent'].map((proc): Op => ({ op: 'exit', proc })),
    ],
  };
};
