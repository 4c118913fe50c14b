/** Guards and write protection by userfaultfd: what entries say besides what they map, and for whom. */
import { type Regression, regression } from './script.js';

export const MARKERS: readonly Regression[] = [
  regression('guards go along with fork', 'A child has the guards of its parent, and each takes out its own.', (s) => {
    s.parent();
    s.advise('p0', s.base + s.quarter, 2 * s.page, 'guard_install');
    s.fork('p0', 'p1');
    s.read('p1', s.base + s.quarter, s.page);
    s.advise('p1', s.base, s.table, 'guard_remove');
    s.digest('p1', s.base, s.table);
    s.write('p0', s.base, s.table);
  }),
  regression('guards in a shared table', 'Guards put in after fork are for that process alone.', (s) => {
    s.parent();
    s.fork('p0', 'p1');
    s.advise('p1', s.base + s.quarter, s.page, 'guard_install');
    s.read('p1', s.base + s.quarter, s.page);
    s.digest('p0', s.base, s.table);
  }),
  regression(
    'dontneed of a shared table with guards',
    'MADV_DONTNEED of everything in a table leaves its guards, so the table cannot be let go of whole.',
    (s) => {
      s.parent();
      s.advise('p0', s.base + s.quarter, s.page, 'guard_install');
      s.fork('p0', 'p1');
      s.advise('p1', s.base, s.table, 'dontneed');
      s.write('p1', s.base, s.table);
      s.digest('p0', s.base, s.quarter);
    },
  ),
  regression('munmap of a shared table with guards', 'munmap takes guards out, for one process alone.', (s) => {
    s.parent();
    s.advise('p0', s.base + s.quarter, s.page, 'guard_install');
    s.fork('p0', 'p1');
    s.unmap('p1', s.base, s.table);
    s.map('p1', s.base, s.table);
    s.write('p1', s.base, s.table);
    s.read('p0', s.base + s.quarter, s.page);
  }),
  regression('guards move', 'mremap moves guards with the mapping, entry by entry and with their table.', (s) => {
    s.parent();
    s.advise('p0', s.base + s.quarter, s.page, 'guard_install');
    s.fork('p0', 'p1');
    s.remap('p1', s.base, s.table, s.table, s.base + 4 * s.table);
    s.read('p1', s.base + 4 * s.table + s.quarter, s.page);
    s.remap('p1', s.base + 4 * s.table, s.table, s.table, s.base + 8 * s.table + s.page);
    s.read('p1', s.base + 8 * s.table + s.page + s.quarter, s.page);
    s.read('p0', s.base + s.quarter, s.page);
  }),
  regression('guards outlive truncation', 'A guard in a mapping of a file is met before the end of the file.', (s) => {
    s.process('p0');
    s.file('f', s.table);
    s.map('p0', s.base, s.table, { flags: ['shared'], file: 'f' });
    s.write('p0', s.base, s.table);
    s.advise('p0', s.base + s.quarter, s.page, 'guard_install');
    s.fork('p0', 'p1');
    s.truncate('f', s.page);
    s.read('p1', s.base + s.quarter, s.page);
    s.read('p1', s.base + s.quarter + s.page, s.page);
    s.truncate('f', s.table);
    s.read('p0', s.base + s.quarter, s.page);
    s.advise('p0', s.base, s.table, 'guard_remove');
    s.digest('p0', s.base, s.table);
  }),
  regression(
    'a new neighbour of a mapping with guards',
    'What merges with a mapping that has, or had, guards is copied by fork like it, in grandchildren, too.',
    (s) => {
      s.process('p0');
      s.file('f', s.table);
      s.map('p0', s.base, s.quarter, { file: 'f' });
      s.read('p0', s.base, s.quarter);
      s.advise('p0', s.base, s.page, 'guard_install');
      s.fork('p0', 'p1');
      s.map('p1', s.base + s.quarter, s.quarter, { file: 'f', offset: s.quarter });
      s.fork('p1', 'p2');
      s.read('p2', s.base, s.page);
      s.digest('p2', s.base + s.page, 2 * s.quarter - s.page);
    },
  ),
  regression('protected before fork', 'A child knows nothing of write protection, and its parent keeps it.', (s) => {
    s.parent();
    s.watch('p0', s.base, s.table, 'wp');
    s.fork('p0', 'p1');
    // Registered itself, a child still has nothing under protection until it asks for that.
    s.register('p1', s.base, s.table, 'wp');
    s.write('p1', s.base, s.quarter);
    s.write('p0', s.base, s.table);
    s.write('p1', s.base, s.table);
  }),
  regression('protected after fork', 'Write protection of a shared table is for that process alone.', (s) => {
    s.parent();
    s.fork('p0', 'p1');
    s.watch('p1', s.base, 2 * s.quarter, 'wp-unpopulated');
    s.write('p0', s.base, s.table);
    s.write('p1', s.base, s.table);
  }),
  regression('a protected neighbour', 'One table, two mappings, one of them write-protected: both stay right.', (s) => {
    s.process('p0');
    s.map('p0', s.base, s.quarter);
    s.map('p0', s.base + s.quarter, s.quarter, { prot: 'r--' });
    s.map('p0', s.base + 2 * s.quarter, s.quarter);
    s.write('p0', s.base, s.quarter);
    s.watch('p0', s.base + 2 * s.quarter, s.quarter, 'wp-unpopulated');
    s.fork('p0', 'p1');
    s.watch('p1', s.base + 2 * s.quarter, s.quarter, 'wp');
    s.write('p1', s.base + 2 * s.quarter, s.quarter);
    s.write('p0', s.base + 2 * s.quarter, s.quarter);
  }),
  regression('protected pages of a file', 'Marks of a mapping of a file outlive what is done to its pages.', (s) => {
    s.process('p0');
    s.file('f', s.table);
    s.map('p0', s.base, s.table, { flags: ['shared'], file: 'f' });
    s.write('p0', s.base, s.quarter);
    s.watch('p0', s.base, s.table, 'wp');
    s.fork('p0', 'p1');
    s.advise('p0', s.base, s.table, 'dontneed');
    s.truncate('f', s.quarter);
    s.truncate('f', s.table);
    s.write('p1', s.base, s.table);
    s.write('p0', s.base, s.table);
  }),
  regression('protection does not move', 'mremap leaves the userfaultfd and its marks behind.', (s) => {
    s.parent();
    s.fork('p0', 'p1');
    s.watch('p1', s.base, s.table, 'wp-unpopulated');
    s.remap('p1', s.base, s.table, s.table, s.base + 4 * s.table);
    s.write('p1', s.base + 4 * s.table, s.table);
    s.write('p0', s.base, s.table);
  }),
];
