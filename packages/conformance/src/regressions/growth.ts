/** Memory that grows at one end, and processes that borrow memory or begin without any. */
import { type Regression, regression } from './script.js';

export const GROWTH: readonly Regression[] = [
  regression(
    'a heap shrinks and grows in a shared table',
    'The child moves the end of its heap inside a table that its parent holds, too; the parent keeps its heap.',
    (s) => {
      s.process('p0');
      s.brk('p0', s.base);
      s.brk('p0', s.base + s.table);
      s.write('p0', s.base, s.table);
      s.fork('p0', 'p1');
      s.brk('p1', s.base + s.quarter);
      s.read('p1', s.base + s.quarter, s.page);
      s.brk('p1', s.base + 2 * s.quarter);
      s.digests(['p0', 'p1'], s.base, 2 * s.quarter);
      s.write('p1', s.base + s.quarter, s.page);
      s.brk('p0', s.base);
    },
  ),
  regression(
    'a stack grows in a shared table',
    'The child makes its stack longer in a table that it shares; the parent, whose stack is as long as it was, does not see it.',
    (s) => {
      const top = s.base + s.table;
      s.process('p0');
      s.map('p0', top - s.page, s.page, { flags: ['growsdown'] });
      s.write('p0', top - s.page, s.page);
      s.fork('p0', 'p1');
      s.read('p1', top - 2 * s.page, s.page);
      s.write('p1', top - 3 * s.page, s.page);
      s.fork('p1', 'p2');
      s.write('p2', top - 2 * s.page, s.page);
      s.digests(['p1', 'p2'], top - 3 * s.page, 3 * s.page);
      s.digest('p0', top - s.page, s.page);
    },
  ),
  regression(
    'a locked stack grows page by page',
    'Locked memory is populated when it is locked; what a stack grows by later comes with the access.',
    (s) => {
      const top = s.base + s.table;
      s.process('p0');
      s.map('p0', top - 2 * s.page, 2 * s.page, { flags: ['growsdown'] });
      s.lock('p0', top - 2 * s.page, 2 * s.page);
      s.fork('p0', 'p1');
      s.write('p0', top - 3 * s.page, s.page);
      s.write('p1', top - 4 * s.page, s.page);
      s.digest('p0', top - 3 * s.page, 3 * s.page);
      s.digest('p1', top - 4 * s.page, 4 * s.page);
    },
  ),
  regression(
    'a vfork child works in shared tables',
    'What a vfork child writes is written by its parent, and a third process that shares the table does not see it.',
    (s) => {
      s.parent();
      s.fork('p0', 'p1');
      s.vfork('p0', 'p2');
      s.write('p2', s.base, s.page);
      s.fork('p2', 'p3');
      s.write('p2', s.base + s.quarter, s.page);
      s.exit('p2');
      s.digests(['p0', 'p1', 'p3'], s.base, s.table);
    },
  ),
  regression(
    'a vfork child executes another program',
    'It leaves the memory of its parent as it is, shared tables included, and begins with none.',
    (s) => {
      s.parent();
      s.fork('p0', 'p1');
      s.vfork('p1', 'p2');
      s.exec('p2');
      s.map('p2', s.base, s.table);
      s.write('p2', s.base, s.page);
      s.exit('p0');
      s.digests(['p1', 'p2'], s.base, s.table);
    },
  ),
  regression('a spawned process begins empty', 'Nothing of its maker is in it, and it outlives its maker.', (s) => {
    s.parent();
    s.spawn('p0', 'p1');
    s.read('p1', s.base, s.page);
    s.map('p1', s.base, s.table);
    s.write('p1', s.base, s.page);
    s.fork('p1', 'p2');
    s.exit('p0');
    s.digests(['p1', 'p2'], s.base, s.table);
  }),
];
