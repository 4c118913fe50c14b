/** Several VMAs in one table: what suits one of them need not suit the next. */
import { type Regression, regression } from './script.js';

export const NEIGHBOURS: readonly Regression[] = [
  regression(
    'two vmas in one table',
    'The child unmaps one of two VMAs of a shared table and keeps the other.',
    (s) => {
      s.process('p0');
      s.map('p0', s.base, s.quarter);
      s.map('p0', s.base + 2 * s.quarter, s.quarter);
      s.write('p0', s.base, s.quarter);
      s.write('p0', s.base + 2 * s.quarter, s.quarter);
      s.fork('p0', 'p1');
      s.unmap('p1', s.base, s.quarter);
      s.digest('p1', s.base + 2 * s.quarter, s.quarter);
      s.digests(['p0'], s.base, s.quarter);
      s.write('p1', s.base + 2 * s.quarter, s.page);
    },
  ),
  regression(
    'two vmas, the parent unmaps one',
    'The parent unmaps one of two VMAs of a table that it paid for.',
    (s) => {
      s.process('p0');
      s.map('p0', s.base, s.quarter);
      s.map('p0', s.base + 2 * s.quarter, s.quarter);
      s.write('p0', s.base, s.quarter);
      s.write('p0', s.base + 2 * s.quarter, s.quarter);
      s.fork('p0', 'p1');
      s.unmap('p0', s.base + 2 * s.quarter, s.quarter);
      s.digest('p1', s.base + 2 * s.quarter, s.quarter);
      s.digests(['p0', 'p1'], s.base, s.quarter);
    },
  ),
  regression('two vmas, both unmapped in turn', 'The last VMA of a table goes after its neighbour has gone.', (s) => {
    s.process('p0');
    s.map('p0', s.base, s.quarter);
    s.map('p0', s.base + 3 * s.quarter, s.quarter, { prot: 'rwx' });
    s.write('p0', s.base, s.quarter);
    s.write('p0', s.base + 3 * s.quarter, s.quarter);
    s.fork('p0', 'p1');
    s.unmap('p1', s.base, s.quarter);
    s.unmap('p1', s.base + 3 * s.quarter, s.quarter);
    s.digest('p0', s.base, s.quarter);
    s.digest('p0', s.base + 3 * s.quarter, s.quarter);
  }),
  regression('many vmas in one table', 'One fork takes one reference, however many VMAs meet in the table.', (s) => {
    s.process('p0');
    for (let k = 0; k < 4; k++) {
      s.map('p0', s.base + k * s.quarter, s.quarter, { prot: k % 2 === 0 ? 'rw-' : 'rwx' });
      s.write('p0', s.base + k * s.quarter, s.quarter);
    }
    s.fork('p0', 'p1');
    s.fork('p0', 'p2');
    s.write('p1', s.base + 3 * s.quarter, s.page);
    s.digests(['p0', 'p1', 'p2'], s.base, s.table);
  }),
  regression(
    'dontfork neighbour',
    'The child has no mapping where its parent said DONTFORK, even in a shared table.',
    (s) => {
      s.parent();
      s.advise('p0', s.base + s.quarter, s.quarter, 'dontfork');
      s.fork('p0', 'p1');
      s.digest('p1', s.base, s.quarter);
      s.read('p1', s.base + s.quarter, s.page);
      s.map('p1', s.base + s.quarter, s.quarter);
      s.digest('p1', s.base, s.table);
      s.digest('p0', s.base, s.table);
    },
  ),
  regression(
    'wipeonfork neighbour',
    'The child finds zeroes where its parent said WIPEONFORK, and so does its own child.',
    (s) => {
      s.parent();
      s.advise('p0', s.base + 2 * s.quarter, s.quarter, 'wipeonfork');
      s.fork('p0', 'p1');
      s.digest('p1', s.base, s.table);
      s.write('p1', s.base, s.table);
      s.fork('p1', 'p2');
      s.digests(['p0', 'p1', 'p2'], s.base, s.table);
    },
  ),
  regression('dontfork set while shared', 'A VMA marked after the first fork is left out of the second alone.', (s) => {
    s.parent();
    s.fork('p0', 'p1');
    s.advise('p0', s.base + s.quarter, s.quarter, 'dontfork');
    s.fork('p0', 'p2');
    s.read('p2', s.base + s.quarter, s.page);
    s.digest('p2', s.base, s.quarter);
    s.digest('p1', s.base, s.table);
    s.write('p1', s.base + s.quarter, s.page);
    s.digest('p0', s.base, s.table);
  }),
  regression(
    'dontfork covers the whole table',
    'A table that the child does not get at all stays the parent’s alone.',
    (s) => {
      s.parent(2);
      s.advise('p0', s.base + s.table, s.table, 'dontfork');
      s.fork('p0', 'p1');
      s.read('p1', s.base + s.table, s.page);
      s.write('p0', s.base, 2 * s.table);
      s.digest('p1', s.base, s.table);
    },
  ),
  regression(
    'neighbour ends at the table',
    'A VMA that ends exactly where a shared table begins is no part of it.',
    (s) => {
      s.process('p0');
      s.map('p0', s.base, s.table);
      s.map('p0', s.base + s.table, s.table, { prot: 'rwx' });
      s.write('p0', s.base, 2 * s.table);
      s.fork('p0', 'p1');
      s.write('p1', s.base + s.table, s.page);
      s.write('p0', s.base + s.table - s.page, 2 * s.page);
      s.digests(['p0', 'p1'], s.base, 2 * s.table);
    },
  ),
  regression(
    'hole in a shared table is filled',
    'The child maps and reads new memory in a hole of a table that it shares.',
    (s) => {
      s.process('p0');
      s.map('p0', s.base, s.quarter);
      s.write('p0', s.base, s.quarter);
      s.fork('p0', 'p1');
      s.map('p1', s.base + 2 * s.quarter, s.quarter);
      s.read('p1', s.base + 2 * s.quarter, s.quarter);
      s.read('p0', s.base + 2 * s.quarter, s.page);
      s.write('p1', s.base + 2 * s.quarter, s.page);
      s.digests(['p0', 'p1'], s.base, s.quarter);
    },
  ),
  regression(
    'unwritten page is read while shared',
    'The zero page goes into the reader’s table, not into everybody’s.',
    (s) => {
      s.process('p0');
      s.map('p0', s.base, s.table);
      s.write('p0', s.base, s.page);
      s.fork('p0', 'p1');
      s.read('p1', s.base, s.table);
      s.write('p0', s.base + s.quarter, s.page);
      s.digests(['p0', 'p1'], s.base, s.table);
    },
  ),
  regression(
    'unmapped, then mapped anew',
    'What was unmapped while shared does not show through a new mapping.',
    (s) => {
      s.parent();
      s.fork('p0', 'p1');
      s.unmap('p1', s.base + s.quarter, s.quarter);
      s.map('p1', s.base + s.quarter, s.quarter);
      s.digests(['p0', 'p1'], s.base, s.table);
    },
  ),
  regression('mapped over', 'MAP_FIXED replaces a part of a shared table in one process.', (s) => {
    s.parent();
    s.fork('p0', 'p1');
    s.map('p1', s.base + s.quarter, 2 * s.quarter, { flags: ['fixed', 'populate'] });
    s.digests(['p0', 'p1'], s.base, s.table);
    s.map('p0', s.base, s.table, { flags: ['fixed'], prot: 'r--' });
    s.digests(['p0', 'p1'], s.base, s.table);
  }),
  regression(
    'shared and private in one table',
    'Shared memory beside private memory in one table stays shared.',
    (s) => {
      s.process('p0');
      s.map('p0', s.base, s.quarter);
      s.map('p0', s.base + s.quarter, s.quarter, { flags: ['shared'] });
      s.write('p0', s.base, 2 * s.quarter);
      s.fork('p0', 'p1');
      s.write('p1', s.base, 2 * s.quarter);
      s.digests(['p0', 'p1'], s.base, 2 * s.quarter);
      s.write('p0', s.base, 2 * s.quarter);
      s.digests(['p0', 'p1'], s.base, 2 * s.quarter);
    },
  ),
  regression('read-only memory is shared', 'A child unmaps read-only memory, and its parent keeps it.', (s) => {
    s.parent(2);
    s.protect('p0', s.base, 2 * s.table, 'r--');
    s.fork('p0', 'p1');
    s.unmap('p1', s.base, 2 * s.table);
    s.digest('p0', s.base, 2 * s.table);
    s.fork('p0', 'p2');
    s.exit('p2');
    s.digest('p0', s.base, 2 * s.table);
  }),
  regression(
    'partly covered tables',
    'A VMA that begins and ends inside tables is copied or shared at each end alike.',
    (s) => {
      s.process('p0');
      const start = s.base + s.quarter;
      s.map('p0', start, 2 * s.table);
      s.write('p0', start, 2 * s.table);
      s.fork('p0', 'p1');
      s.write('p1', start, s.page);
      s.write('p0', start + 2 * s.table - s.page, s.page);
      s.digests(['p0', 'p1'], start, 2 * s.table);
    },
  ),
];
