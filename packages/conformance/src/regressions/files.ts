/** Files: beside private memory in one table, under it, and with tables of their own. */
import { type Regression, regression, type Script } from './script.js';

/** p0 and p1 map the same two tables of a file, shared; p0 has written all of it. */
const twoMappers = (s: Script): void => {
  s.process('p0');
  s.process('p1');
  s.file('f0', 2 * s.table);
  for (const proc of ['p0', 'p1']) s.map(proc, s.base, 2 * s.table, { flags: ['shared'], file: 'f0' });
  s.write('p0', s.base, 2 * s.table);
  s.read('p1', s.base, 2 * s.table);
};

export const FILES: readonly Regression[] = [
  regression(
    'truncate beside private memory',
    'Truncation of a file leaves private memory in the same table alone.',
    (s) => {
      s.process('p0');
      s.file('f0', s.quarter);
      s.map('p0', s.base, s.quarter);
      s.map('p0', s.base + s.quarter, s.quarter, { flags: ['shared'], file: 'f0' });
      s.map('p0', s.base + 2 * s.quarter, s.quarter, { file: 'f0' });
      s.write('p0', s.base, 3 * s.quarter);
      s.fork('p0', 'p1');
      s.truncate('f0', 0);
      s.digests(['p0', 'p1'], s.base, s.quarter);
      s.read('p1', s.base + s.quarter, s.page);
      s.read('p0', s.base + 2 * s.quarter, s.page);
    },
  ),
  regression(
    'truncate under private copies',
    'Private copies of what lies past the new end go, in every sharer.',
    (s) => {
      s.process('p0');
      s.file('f0', 2 * s.table);
      s.map('p0', s.base, 2 * s.table, { file: 'f0' });
      s.write('p0', s.base, 2 * s.table);
      s.fork('p0', 'p1');
      s.truncate('f0', s.table + s.quarter);
      s.digests(['p0', 'p1'], s.base, s.table + s.quarter);
      s.read('p1', s.base + s.table + s.quarter, s.page);
      s.truncate('f0', 2 * s.table);
      s.digests(['p0', 'p1'], s.base, 2 * s.table);
      s.write('p1', s.base, 2 * s.table);
    },
  ),
  regression(
    'private page follows its file until written',
    'A page that was read, not written, before fork is still the file’s.',
    (s) => {
      s.process('p0');
      s.file('f0', s.table);
      s.map('p0', s.base, s.table, { file: 'f0' });
      s.map('p0', s.base + s.table, s.table, { flags: ['shared'], file: 'f0' });
      s.write('p0', s.base, s.page);
      s.read('p0', s.base, s.table);
      s.fork('p0', 'p1');
      s.write('p1', s.base + s.table, s.table);
      s.digests(['p0', 'p1'], s.base, s.table);
      s.write('p1', s.base, s.page);
      s.write('p0', s.base + s.table, s.table);
      s.digests(['p0', 'p1'], s.base, s.table);
    },
  ),
  regression('two processes map one file', 'What one writes the other reads, and each leaves on its own.', (s) => {
    twoMappers(s);
    s.write('p1', s.base, s.quarter);
    s.digest('p0', s.base, 2 * s.table);
    s.unmap('p0', s.base, 2 * s.table);
    s.digest('p1', s.base, 2 * s.table);
  }),
  regression('mprotect of one mapping of a file', 'Rights stay with the process that asked for them.', (s) => {
    twoMappers(s);
    s.protect('p1', s.base, 2 * s.table, 'r--');
    s.write('p1', s.base, s.page);
    s.write('p0', s.base, s.page);
    s.digest('p1', s.base, 2 * s.table);
    s.protect('p1', s.base + s.quarter, s.quarter, '---');
    s.read('p1', s.base + s.quarter, s.page);
    s.digest('p0', s.base, 2 * s.table);
  }),
  regression(
    'partial unmap of a mapping of a file',
    'A part goes from one process; the file’s pages stay for the other.',
    (s) => {
      twoMappers(s);
      s.unmap('p1', s.base + s.quarter, s.table);
      s.read('p1', s.base + s.quarter, s.page);
      s.digest('p1', s.base, s.quarter);
      s.digest('p0', s.base, 2 * s.table);
    },
  ),
  regression('dontneed of a mapping of a file', 'The pages come back from the file, for everybody.', (s) => {
    twoMappers(s);
    s.advise('p1', s.base, s.table, 'dontneed');
    s.advise('p0', s.base + s.table, s.quarter, 'dontneed');
    s.digests(['p0', 'p1'], s.base, 2 * s.table);
  }),
  regression(
    'truncate of a file that two map',
    'The pages past the end go from both, and accesses there end in SIGBUS.',
    (s) => {
      twoMappers(s);
      s.truncate('f0', s.table - s.quarter);
      s.read('p0', s.base + s.table, s.page);
      s.write('p1', s.base + s.table - s.quarter, s.page);
      s.digests(['p0', 'p1'], s.base, s.table - s.quarter);
      s.truncate('f0', 2 * s.table);
      s.digests(['p0', 'p1'], s.base, 2 * s.table);
    },
  ),
  regression(
    'fork with a mapping of a file',
    'The child maps the same file, and a private map beside it is copied.',
    (s) => {
      twoMappers(s);
      s.map('p0', s.base + 2 * s.table, s.table);
      s.write('p0', s.base + 2 * s.table, s.table);
      s.fork('p0', 'p2');
      s.write('p2', s.base, 3 * s.table);
      s.digests(['p0', 'p2'], s.base, 3 * s.table);
      s.exit('p0');
      s.digest('p1', s.base, 2 * s.table);
    },
  ),
  regression(
    'mremap of a mapping of a file',
    'The new place shows the same pages; the other process keeps its own place.',
    (s) => {
      twoMappers(s);
      s.remap('p1', s.base, 2 * s.table, 2 * s.table, s.base + s.gib);
      s.write('p1', s.base + s.gib, s.quarter);
      s.remap('p0', s.base, s.table, s.table, s.base + 2 * s.table + s.quarter);
      s.write('p0', s.base + 2 * s.table + s.quarter, s.page);
      s.digest('p1', s.base + s.gib, 2 * s.table);
    },
  ),
  regression(
    'a file mapped at another offset',
    'Mappings that do not agree modulo a table see the same pages.',
    (s) => {
      twoMappers(s);
      s.process('p2');
      s.map('p2', s.base, s.table, { flags: ['shared'], file: 'f0', offset: s.quarter });
      s.write('p2', s.base, s.quarter);
      s.digests(['p0', 'p1'], s.base, 2 * s.table);
      s.digest('p2', s.base, s.table);
    },
  ),
  regression('a file mapped with other rights', 'A read-only mapping and a writable one of the same tables.', (s) => {
    twoMappers(s);
    s.process('p2');
    s.map('p2', s.base, 2 * s.table, { flags: ['shared'], file: 'f0', prot: 'r--' });
    s.read('p2', s.base, 2 * s.table);
    s.write('p2', s.base, s.page);
    s.write('p0', s.base, 2 * s.table);
    s.digest('p2', s.base, 2 * s.table);
    s.exit('p0', 'p1');
    s.digest('p2', s.base, 2 * s.table);
  }),
  regression('shared anonymous memory across fork', 'Both write it, and the last to leave frees it.', (s) => {
    s.process('p0');
    s.map('p0', s.base, 2 * s.table, { flags: ['shared'] });
    s.write('p0', s.base, s.table);
    s.fork('p0', 'p1');
    s.write('p1', s.base, 2 * s.table);
    s.digest('p0', s.base, 2 * s.table);
    s.exit('p0');
    s.digest('p1', s.base, 2 * s.table);
  }),
];
