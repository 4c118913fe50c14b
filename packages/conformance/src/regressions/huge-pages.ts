/**
 * Huge pages: entries above the tables that strategies share. A split puts a private table there, and no strategy may take
 * what it holds for its own alone.
 */
import { area, huge, written } from './huge-memory.js';
import type { Regression } from './script.js';

export const HUGE_PAGES: readonly Regression[] = [
  huge(
    'huge page life',
    'Zero page, own page, a second one; fork; each side writes one page of the shared one.',
    (s) => {
      area(s, 2);
      s.read('p0', s.base, s.page);
      s.sample();
      s.write('p0', s.base, s.page);
      s.sample();
      s.write('p0', s.base + s.table, s.page);
      s.sample();
      s.fork('p0', 'p1');
      s.sample();
      s.write('p1', s.base + s.page, s.page);
      s.sample();
      s.write('p0', s.base + s.page, s.page);
      s.write('p0', s.base + 2 * s.page, s.page);
      s.sample();
      s.exit('p1');
      s.write('p0', s.base, s.table);
      s.sample();
    },
  ),
  huge('huge zero page over fork', 'It is copied, since a read of it has already made the anon_vma.', (s) => {
    area(s, 1);
    s.read('p0', s.base, s.table);
    s.fork('p0', 'p1');
    s.sample();
    s.write('p1', s.base + s.page, s.page);
    s.protect('p0', s.base, s.table, 'r--');
    s.protect('p0', s.base, s.table, 'rw-');
    s.unmap('p0', s.base, s.quarter);
    s.sample();
    s.digest('p0', s.base + s.quarter, 3 * s.quarter);
    s.digest('p1', s.base, s.table);
  }),
  huge(
    'huge zero page registered in part',
    'Whatever cuts a mapping splits the huge entry there, so fork meets small ones.',
    (s) => {
      area(s, 1);
      s.read('p0', s.base, s.page);
      s.register('p0', s.base + s.quarter, s.page, 'wp-async');
      s.fork('p0', 'p1');
      s.sample();
    },
  ),
  huge('huge page unmapped in halves', 'Half of it goes, then the rest, and the table with it.', (s) => {
    written(s, 1);
    s.fork('p0', 'p1');
    s.unmap('p0', s.base, 2 * s.quarter);
    s.sample();
    s.unmap('p0', s.base + 2 * s.quarter, 2 * s.quarter);
    s.sample();
    s.write('p1', s.base, s.table);
    s.sample();
  }),
  huge(
    'huge page dropped',
    'MADV_DONTNEED of the whole gives the next write a huge page; of a part, small ones.',
    (s) => {
      written(s, 2);
      s.advise('p0', s.base, s.table, 'dontneed');
      s.sample();
      s.write('p0', s.base, s.page);
      s.advise('p0', s.base + s.table, s.quarter, 'dontneed');
      s.sample();
      s.write('p0', s.base + s.table, s.page);
      s.sample();
      s.fork('p0', 'p1');
      s.advise('p1', s.base, 2 * s.table, 'dontneed');
      s.sample();
      s.digests(['p0', 'p1'], s.base, 2 * s.table);
    },
  ),
  huge('huge page moved', 'An aligned move takes it whole, an unaligned one page by page.', (s) => {
    written(s, 1);
    s.fork('p0', 'p1');
    s.remap('p0', s.base, s.table, s.table, s.base + s.gib);
    s.sample();
    s.write('p0', s.base + s.gib, s.page);
    s.remap('p0', s.base + s.gib, s.table, s.table, s.base + 4 * s.table + s.quarter);
    s.sample();
    s.write('p0', s.base + 4 * s.table + s.quarter, s.table);
    s.digest('p1', s.base, s.table);
  }),
  huge('huge page moved in part', 'A quarter of it moves away, before and after fork.', (s) => {
    written(s, 1);
    s.remap('p0', s.base, s.quarter, s.quarter, s.base + 2 * s.table);
    s.sample();
    s.fork('p0', 'p1');
    s.write('p1', s.base + 2 * s.table, s.page);
    s.write('p0', s.base + s.quarter, s.page);
    s.exit('p1');
    s.write('p0', s.base + 2 * s.table, s.quarter);
    s.write('p0', s.base + s.quarter, s.quarter);
    s.sample();
  }),
  huge('rights of a huge page', 'Taken from the whole and given back; from a part, which splits the entry.', (s) => {
    written(s, 1);
    s.protect('p0', s.base, s.table, 'r--');
    s.write('p0', s.base, s.page);
    s.protect('p0', s.base, s.table, 'rw-');
    s.write('p0', s.base, s.page);
    s.fork('p0', 'p1');
    s.protect('p1', s.base, s.table, '---');
    s.read('p1', s.base, s.page);
    s.protect('p1', s.base, s.quarter, 'rw-');
    s.sample();
    s.write('p1', s.base, s.quarter);
    s.write('p0', s.base, s.table);
    s.sample();
    s.protect('p1', s.base, s.table, 'r--');
  }),
  huge('huge page alone again', 'The last process that maps it reuses it whole, by one fault.', (s) => {
    written(s, 1);
    s.fork('p0', 'p1');
    s.exit('p0');
    s.write('p1', s.base, s.table);
    s.sample();
  }),
  huge('huge page read before it is reused', 'What the processor remembers of it takes no fault more.', (s) => {
    written(s, 1);
    s.fork('p0', 'p1');
    s.exit('p1');
    s.read('p0', s.base, s.table);
    s.write('p0', s.base, s.table);
    s.protect('p0', s.base, s.table, 'r--');
    s.read('p0', s.base, s.table);
    s.protect('p0', s.base, s.table, 'rw-');
    s.write('p0', s.base, s.table);
    s.sample();
  }),
  huge('huge page page by page alone again', 'Small entries of it are reused while more than one is mapped.', (s) => {
    written(s, 1);
    s.fork('p0', 'p1');
    s.write('p1', s.base, s.page);
    s.exit('p0');
    s.write('p1', s.base + s.page, s.page);
    s.advise('p1', s.base + s.page, s.table - 2 * s.page, 'dontneed');
    s.fork('p1', 'p2');
    s.exit('p1');
    s.write('p2', s.base + s.table - s.page, s.page);
    s.sample();
  }),
  huge('huge page pinned over fork', 'The child gets copies of all of it, the parent keeps its own.', (s) => {
    written(s, 1);
    s.pin('p0', s.base + s.page, s.page);
    s.fork('p0', 'p1');
    s.sample();
    s.write('p0', s.base, s.table);
    s.write('p1', s.base, s.table);
    s.unpin('p0', s.base + s.page, s.page);
    s.fork('p0', 'p2');
    s.sample();
    s.write('p2', s.base, s.page);
  }),
  huge(
    'huge page cut by a flag',
    'Advice, a lock or a guard for a part splits the entry in that process alone.',
    (s) => {
      written(s, 2);
      s.fork('p0', 'p1');
      s.advise('p0', s.base, s.quarter, 'nohugepage');
      s.sample();
      s.advise('p1', s.base + s.table + s.quarter, s.page, 'guard_install');
      s.sample();
      s.write('p1', s.base + s.table, s.quarter);
      s.read('p1', s.base + s.table + s.quarter, s.page);
      s.write('p0', s.base, 2 * s.table);
      s.sample();
    },
  ),
  huge(
    'huge page beside small ones',
    'Memory that does not fill a table gets small pages, and so does a table in use.',
    (s) => {
      s.process('p0');
      s.map('p0', s.base, s.table + s.quarter);
      s.write('p0', s.base, s.page);
      s.advise('p0', s.base, s.table + s.quarter, 'hugepage');
      s.write('p0', s.base + s.page, s.table);
      s.sample();
      s.map('p0', s.base + 2 * s.table, s.table, { flags: ['populate'] });
      s.advise('p0', s.base + 2 * s.table, s.table, 'dontneed');
      s.advise('p0', s.base + 2 * s.table, s.table, 'hugepage');
      s.advise('p0', s.base + 2 * s.table, s.table, 'populate_write');
      s.sample();
    },
  ),
];
