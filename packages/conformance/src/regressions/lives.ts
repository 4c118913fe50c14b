/** How long a shared table lives: forks of forks, and every order of breaking and leaving. */
import { type Regression, regression } from './script.js';

const ORDERS: readonly (readonly string[])[] = [
  ['p0', 'p1', 'p2'],
  ['p0', 'p2', 'p1'],
  ['p1', 'p0', 'p2'],
  ['p1', 'p2', 'p0'],
  ['p2', 'p0', 'p1'],
  ['p2', 'p1', 'p0'],
];

/** Two children of one parent, gone in a given order; whoever is left writes and is read back. */
const exitOrder = (order: readonly string[]): Regression =>
  regression(
    `fork twice and leave as ${order.join(' ')}`,
    'Whoever leaves first, the others keep their memory, and the last one takes it over.',
    (s) => {
      s.parent(2);
      s.fork('p0', 'p1');
      s.fork('p0', 'p2');
      for (const [k, leaver] of order.entries()) {
        const left = order.slice(k + 1);
        s.exit(leaver);
        if (left[0] !== undefined) s.write(left[0], s.base, s.page);
        s.digests(left, s.base, 2 * s.table);
      }
    },
  );

export const LIVES: readonly Regression[] = [
  ...ORDERS.map(exitOrder),
  regression(
    'both sides break',
    'The first writer copies, the last holder takes over, neither sees the other.',
    (s) => {
      s.parent();
      s.fork('p0', 'p1');
      s.write('p1', s.base, s.page);
      s.write('p0', s.base + s.quarter, s.page);
      s.digests(['p0', 'p1'], s.base, s.table);
      s.write('p0', s.base, s.table);
      s.digests(['p0', 'p1'], s.base, s.table);
    },
  ),
  regression(
    'parent breaks first, child forks',
    'A table whose payer left by breaking is charged again, once.',
    (s) => {
      s.parent(2);
      s.fork('p0', 'p1');
      s.write('p0', s.base, 2 * s.table);
      s.fork('p1', 'p2');
      s.write('p2', s.base, s.page);
      s.digests(['p0', 'p1', 'p2'], s.base, 2 * s.table);
    },
  ),
  regression(
    'nested forks',
    'A chain of forks shares one table, and a break in the middle leaves the ends alone.',
    (s) => {
      s.parent();
      s.fork('p0', 'p1');
      s.fork('p1', 'p2');
      s.fork('p2', 'p3');
      s.write('p1', s.base, s.page);
      s.exit('p2');
      s.write('p3', s.base, s.quarter);
      s.digests(['p0', 'p1', 'p3'], s.base, s.table);
    },
  ),
  regression(
    'parent leaves, child forks',
    'What the parent paid for is charged to somebody, or to nobody, but not twice.',
    (s) => {
      s.parent();
      s.fork('p0', 'p1');
      s.exit('p0');
      s.fork('p1', 'p2');
      s.exit('p1');
      s.write('p2', s.base, s.table);
    },
  ),
  regression('last sharer unmaps', 'The last holder of a shared table unmaps all of it.', (s) => {
    s.parent(2);
    s.fork('p0', 'p1');
    s.exit('p0');
    s.unmap('p1', s.base, 2 * s.table);
    s.read('p1', s.base, s.page);
  }),
  regression('every sharer unmaps', 'Holders unmap a shared table one after the other, and the rest keep it.', (s) => {
    s.parent();
    s.fork('p0', 'p1');
    s.fork('p0', 'p2');
    s.unmap('p0', s.base, s.table);
    s.digests(['p1', 'p2'], s.base, s.table);
    s.unmap('p2', s.base, s.table);
    s.digest('p1', s.base, s.table);
  }),
  regression(
    'sole owner writes',
    'When the child has gone the parent writes everything, without losing a page.',
    (s) => {
      s.parent();
      s.fork('p0', 'p1');
      s.exit('p1');
      s.write('p0', s.base, s.table);
      s.fork('p0', 'p2');
      s.write('p2', s.base, s.page);
    },
  ),
  regression('exec leaves', 'A process that executes another program lets go of what it shares.', (s) => {
    s.parent();
    s.fork('p0', 'p1');
    s.exec('p1');
    s.map('p1', s.base, s.table);
    s.read('p1', s.base, s.table);
    s.write('p0', s.base, s.page);
    s.digests(['p0', 'p1'], s.base, s.table);
  }),
  regression(
    'reuse of a page that both copies map',
    'After both sides broke, a page written by neither is still shared.',
    (s) => {
      s.parent();
      s.fork('p0', 'p1');
      s.write('p1', s.base, s.page);
      s.write('p0', s.base, s.page);
      s.exit('p1');
      s.write('p0', s.base + s.quarter, s.page);
      s.fork('p0', 'p2');
      s.write('p0', s.base + s.quarter, s.page);
      s.digest('p2', s.base, s.table);
    },
  ),
];
