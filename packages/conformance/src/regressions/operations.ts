/** Everything but fork, fault and exit that meets a shared table. */
import { type Regression, regression } from './script.js';

export const OPERATIONS: readonly Regression[] = [
  regression(
    'partial zap',
    'Unmapping a part of a shared table removes that part, for that process, and nothing else.',
    (s) => {
      s.parent();
      s.fork('p0', 'p1');
      s.unmap('p1', s.base + s.quarter, s.quarter);
      s.digest('p1', s.base, s.quarter);
      s.digest('p1', s.base + 2 * s.quarter, 2 * s.quarter);
      s.digest('p0', s.base, s.table);
    },
  ),
  regression('unmap across tables', 'A range that cuts two tables and covers one between them.', (s) => {
    s.parent(3);
    s.fork('p0', 'p1');
    s.unmap('p1', s.base + s.quarter, 2 * s.table);
    s.digest('p1', s.base, s.quarter);
    s.digest('p1', s.base + 2 * s.table + s.quarter, 3 * s.quarter);
    s.digest('p0', s.base, 3 * s.table);
  }),
  regression('dontneed of one page', 'MADV_DONTNEED of one page in a shared, fully covered table.', (s) => {
    s.parent();
    s.fork('p0', 'p1');
    s.advise('p1', s.base + s.quarter, s.page, 'dontneed');
    s.digests(['p0', 'p1'], s.base, s.table);
  }),
  regression('dontneed in the parent', 'MADV_DONTNEED by the process that pays for the table.', (s) => {
    s.parent();
    s.fork('p0', 'p1');
    s.advise('p0', s.base + s.quarter, s.quarter, 'dontneed');
    s.digests(['p0', 'p1'], s.base, s.table);
    s.exit('p1');
    s.write('p0', s.base, s.table);
  }),
  regression(
    'dontneed of the whole table',
    'A table that MADV_DONTNEED empties is let go of by one holder alone.',
    (s) => {
      s.parent();
      s.fork('p0', 'p1');
      s.advise('p1', s.base, s.table, 'dontneed');
      s.digests(['p0', 'p1'], s.base, s.table);
      s.advise('p0', s.base, s.table, 'dontneed');
      s.digests(['p0', 'p1'], s.base, s.table);
    },
  ),
  regression('mprotect of a part in the child', 'The child takes rights from a part; its parent keeps them.', (s) => {
    s.parent();
    s.fork('p0', 'p1');
    s.protect('p1', s.base, 2 * s.quarter, 'r--');
    s.write('p1', s.base, s.page);
    s.write('p0', s.base, s.table);
    s.protect('p1', s.base, 2 * s.quarter, 'rw-');
    s.write('p1', s.base, s.page);
    s.digests(['p0', 'p1'], s.base, s.table);
  }),
  regression(
    'mprotect of the whole in the child',
    'No VMA is split, and still the parent reads and writes on.',
    (s) => {
      s.parent();
      s.fork('p0', 'p1');
      s.protect('p1', s.base, s.table, '---');
      s.read('p1', s.base, s.page);
      s.digest('p0', s.base, s.table);
      s.write('p0', s.base, s.page);
      s.protect('p1', s.base, s.table, 'rw-');
      s.digests(['p0', 'p1'], s.base, s.table);
    },
  ),
  regression('mprotect gives rights while shared', 'A table shared read-only becomes writable in one process.', (s) => {
    s.parent();
    s.protect('p0', s.base, s.table, 'r--');
    s.fork('p0', 'p1');
    s.protect('p1', s.base, s.table, 'rw-');
    s.write('p1', s.base, s.quarter);
    s.write('p0', s.base, s.page);
    s.digests(['p0', 'p1'], s.base, s.table);
  }),
  regression('mremap into a shared table', 'Pages move into a hole of a table that the parent shares.', (s) => {
    s.process('p0');
    s.map('p0', s.base, s.quarter);
    s.map('p0', s.base + s.table, s.quarter);
    s.write('p0', s.base, s.quarter);
    s.write('p0', s.base + s.table, s.quarter);
    s.fork('p0', 'p1');
    s.remap('p1', s.base, s.quarter, s.quarter, s.base + s.table + 2 * s.quarter);
    s.digest('p1', s.base + s.table + 2 * s.quarter, s.quarter);
    s.read('p0', s.base + s.table + 2 * s.quarter, s.page);
    s.write('p1', s.base + s.table + 2 * s.quarter, s.quarter);
    s.digest('p0', s.base, s.quarter);
  }),
  regression('mremap out of a shared table', 'A part of a shared table moves away in one process.', (s) => {
    s.parent();
    s.fork('p0', 'p1');
    s.remap('p1', s.base + s.quarter, s.quarter, s.quarter, s.base + 2 * s.table);
    s.digest('p1', s.base + 2 * s.table, s.quarter);
    s.read('p1', s.base + s.quarter, s.page);
    s.digest('p0', s.base, s.table);
    s.write('p1', s.base + 2 * s.table, s.page);
    s.digest('p0', s.base, s.table);
  }),
  regression(
    'mremap moves a whole shared table',
    'Source and target are aligned alike, so the table itself could move.',
    (s) => {
      s.parent(2);
      s.fork('p0', 'p1');
      s.remap('p1', s.base, 2 * s.table, 2 * s.table, s.base + s.gib);
      s.digest('p1', s.base + s.gib, 2 * s.table);
      s.digest('p0', s.base, 2 * s.table);
      s.write('p1', s.base + s.gib, s.page);
      s.write('p0', s.base + s.page, s.page);
      s.digest('p1', s.base + s.gib, 2 * s.table);
    },
  ),
  regression('mremap over a shared table', 'The target was mapped, and its table shared.', (s) => {
    s.parent(2);
    s.fork('p0', 'p1');
    s.remap('p1', s.base, s.table, s.table, s.base + s.table);
    s.digest('p1', s.base + s.table, s.table);
    s.digest('p0', s.base, 2 * s.table);
  }),
  regression('mremap grows and shrinks while shared', 'In place, at the end of a table and across it.', (s) => {
    s.process('p0');
    s.map('p0', s.base, 3 * s.quarter);
    s.write('p0', s.base, 3 * s.quarter);
    s.fork('p0', 'p1');
    s.remap('p1', s.base, 3 * s.quarter, s.table + s.quarter);
    s.write('p1', s.base + 3 * s.quarter, 2 * s.quarter);
    s.remap('p0', s.base, 3 * s.quarter, s.quarter);
    s.digest('p1', s.base, s.table + s.quarter);
    s.remap('p0', s.base, s.quarter, s.table);
    s.digest('p0', s.base, s.table);
  }),
  regression('populate in the child', 'MADV_POPULATE_WRITE breaks what is shared, page by page.', (s) => {
    s.parent();
    s.fork('p0', 'p1');
    s.advise('p1', s.base, 2 * s.quarter, 'populate_write');
    s.advise('p0', s.base, s.table, 'populate_read');
    s.write('p0', s.base, s.table);
    s.digests(['p0', 'p1'], s.base, s.table);
  }),
  regression('pin, then fork', 'A pinned page keeps its frame; the child gets a copy at once.', (s) => {
    s.parent();
    s.pin('p0', s.base + s.quarter, s.page);
    s.fork('p0', 'p1');
    s.write('p0', s.base, s.table);
    s.write('p1', s.base + s.quarter, s.page);
    s.digests(['p0', 'p1'], s.base, s.table);
    s.unpin('p0', s.base + s.quarter, s.page);
    s.fork('p0', 'p2');
    s.write('p2', s.base, s.page);
  }),
  regression('pin, then fork with two vmas', 'One VMA of the table holds the pin, the other is met first.', (s) => {
    s.process('p0');
    s.map('p0', s.base, s.quarter);
    s.map('p0', s.base + 2 * s.quarter, s.quarter, { prot: 'rwx' });
    s.write('p0', s.base, s.quarter);
    s.write('p0', s.base + 2 * s.quarter, s.quarter);
    s.pin('p0', s.base + 2 * s.quarter, s.page);
    s.fork('p0', 'p1');
    s.write('p1', s.base, s.quarter);
    s.write('p0', s.base + 2 * s.quarter, s.page);
    s.digest('p1', s.base + 2 * s.quarter, s.quarter);
  }),
  regression('fork, then pin', 'A pin in a shared table first makes the page this process’s own.', (s) => {
    s.parent();
    s.fork('p0', 'p1');
    s.pin('p1', s.base, s.page);
    s.write('p0', s.base, s.page);
    s.write('p1', s.base, s.page);
    s.fork('p1', 'p2');
    s.digests(['p0', 'p1', 'p2'], s.base, s.table);
  }),
  regression('pinned, then PROT_NONE, then fork', 'The copy of a pinned page has no more rights than its VMA.', (s) => {
    s.parent();
    s.pin('p0', s.base, s.page);
    s.protect('p0', s.base, s.table, '---');
    s.fork('p0', 'p1');
    s.read('p1', s.base, s.page);
    s.protect('p1', s.base, s.table, 'rw-');
    s.digest('p1', s.base, s.table);
  }),
];
