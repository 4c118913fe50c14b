/** Pages that leave for swap and come back, through tables that others hold. */
import { type Regression, regression } from './script.js';

export const SWAP: readonly Regression[] = [
  regression('swap out, then fork', 'Both sides of a fork find what was swapped out before it.', (s) => {
    s.parent();
    s.swapout('p0', s.base, s.table);
    s.fork('p0', 'p1');
    s.read('p1', s.base, s.page);
    s.write('p1', s.base + s.page, s.page);
    s.write('p0', s.base + s.page, s.page);
    s.digests(['p0', 'p1'], s.base, s.table);
  }),
  regression('swap out of a shared table', 'Pages go out of every process, whoever holds the table.', (s) => {
    s.parent();
    s.fork('p0', 'p1');
    s.fork('p1', 'p2');
    s.swapout('p1', s.base, s.table / 2);
    s.write('p1', s.base, s.page);
    s.write('p0', s.base, s.page);
    s.digests(['p0', 'p1', 'p2'], s.base, s.table);
  }),
  regression(
    'pageout of a shared table',
    'MADV_PAGEOUT leaves pages that others map, and a page that a shared table maps is one.',
    (s) => {
      s.parent();
      s.fork('p0', 'p1');
      s.advise('p1', s.base, s.table, 'pageout');
      s.write('p1', s.base, s.page);
      s.write('p0', s.base + s.page, s.page);
      s.digests(['p0', 'p1'], s.base, s.table);
    },
  ),
  regression('the parent of swapped pages leaves', 'Its exit gives back its references and no more.', (s) => {
    s.parent();
    s.swapout('p0', s.base, s.quarter);
    s.fork('p0', 'p1');
    s.exit('p0');
    s.digest('p1', s.base, s.table);
    s.write('p1', s.base, s.table);
  }),
  regression(
    'swap in, with the parent still swapped',
    'A page read back stays read-only while others need it.',
    (s) => {
      s.parent();
      s.swapout('p0', s.base, s.table);
      s.fork('p0', 'p1');
      s.read('p1', s.base, s.table);
      s.fork('p1', 'p2');
      s.write('p2', s.base, s.table);
      s.digests(['p0', 'p1'], s.base, s.table);
    },
  ),
  regression('munmap of a part with swapped pages', 'What others have swapped out stays.', (s) => {
    s.parent();
    s.fork('p0', 'p1');
    s.swapout('p0', s.base, s.table);
    s.unmap('p1', s.base, s.quarter);
    s.advise('p1', s.base + s.quarter, s.quarter, 'dontneed');
    s.digest('p1', s.base + s.quarter, 2 * s.quarter);
    s.digest('p0', s.base, s.table);
  }),
  regression('swapped pages move', 'mremap takes swap entries along, entry by entry and with their table.', (s) => {
    s.parent();
    s.fork('p0', 'p1');
    s.swapout('p1', s.base + s.quarter, s.quarter);
    s.remap('p1', s.base, s.table, s.table, s.base + 4 * s.table + s.page);
    s.digest('p1', s.base + 4 * s.table + s.page, s.table);
    s.digest('p0', s.base, s.table);
  }),
  regression(
    'a file whose pages are swapped out',
    'A memory file finds its pages again, short of its new end.',
    (s) => {
      s.process('p0');
      s.file('f', s.table);
      s.map('p0', s.base, s.table, { flags: ['shared'], file: 'f' });
      s.map('p0', s.base + 2 * s.table, s.table, { file: 'f' });
      s.write('p0', s.base, s.table);
      s.read('p0', s.base + 2 * s.table, s.table);
      s.fork('p0', 'p1');
      s.read('p1', s.base, s.table);
      s.swapout('p0', s.base, s.table);
      s.write('p1', s.base, s.page);
      s.truncate('f', s.quarter + 2);
      s.digests(['p0', 'p1'], s.base, s.quarter);
      s.write('p1', s.base + 2 * s.table, s.quarter);
      s.digest('p0', s.base, s.quarter);
    },
  ),
  regression(
    'populated for writing, then out',
    'MADV_POPULATE_WRITE of pages that are there makes them dirty, without a fault that would.',
    (s) => {
      s.process('p0');
      s.file('f', s.table);
      s.map('p0', s.base, s.table, { flags: ['shared'], file: 'f' });
      s.advise('p0', s.base, s.quarter, 'populate_read');
      s.advise('p0', s.base, s.quarter, 'populate_write');
      s.fork('p0', 'p1');
      s.advise('p0', s.base, s.quarter, 'pageout');
      s.sample();
      s.read('p1', s.base, s.table);
    },
  ),
  regression('locked and pinned pages stay', 'Reclaim passes over locked and pinned pages.', (s) => {
    s.parent();
    s.pin('p0', s.base, s.page);
    s.fork('p0', 'p1');
    s.swapout('p0', s.base, s.table);
    s.swapout('p1', s.base, s.table);
    s.write('p0', s.base, s.page);
    s.unpin('p0', s.base, s.page);
    s.swapout('p0', s.base, s.page);
    s.digests(['p0', 'p1'], s.base, s.table);
  }),
];
