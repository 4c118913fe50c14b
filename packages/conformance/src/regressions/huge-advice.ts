/** Huge pages that are given up: what takes a part of one splits it, and its empty pages make way for the zero page. */
import { area, huge, written } from './huge-memory.js';
import type { Regression } from './script.js';

export const HUGE_ADVICE: readonly Regression[] = [
  huge(
    'huge page freed in part',
    'MADV_FREE of what is left of it splits it, and drops pages that hold zeroes.',
    (s) => {
      area(s, 3);
      for (const [table, length] of [s.page, 3 * s.page, s.table].entries()) {
        const start = s.base + table * s.table;
        s.write('p0', start, length);
        s.advise('p0', start + 2 * s.quarter, 2 * s.quarter, 'dontneed');
        s.advise('p0', start, s.table, 'free');
        s.sample();
      }
      s.digest('p0', s.base, 3 * s.table);
      s.write('p0', s.base, 3 * s.table);
      s.sample();
    },
  ),
  huge(
    'huge page freed and made cold',
    'What others map stays whole; a part that one process has is split off.',
    (s) => {
      area(s, 2);
      s.write('p0', s.base, s.page);
      s.write('p0', s.base + s.table, s.page);
      s.fork('p0', 'p1');
      s.advise('p1', s.base, s.quarter, 'free');
      s.advise('p1', s.base + s.table, s.quarter, 'cold');
      s.sample();
      s.exit('p0');
      s.advise('p1', s.base, s.table, 'free');
      s.sample();
      s.advise('p1', s.base + s.quarter, s.quarter, 'free');
      s.sample();
      s.advise('p1', s.base + s.table, s.quarter, 'cold');
      s.sample();
      s.write('p1', s.base, 2 * s.table);
      s.sample();
    },
  ),
  huge('huge page freed while it is pinned', 'A pin keeps it whole, however little of it is mapped.', (s) => {
    written(s, 1);
    s.pin('p0', s.base, s.page);
    s.advise('p0', s.base, s.quarter, 'dontneed');
    s.advise('p0', s.base, s.table, 'free');
    s.sample();
    s.unpin('p0', s.base, s.page);
    s.advise('p0', s.base + s.quarter, s.quarter, 'free');
    s.sample();
    s.write('p0', s.base, s.table);
    s.sample();
  }),
  huge('huge page registered in part', 'Registering cuts the mapping inside of it, and that splits it.', (s) => {
    area(s, 1);
    s.write('p0', s.base, s.page);
    s.register('p0', s.base + s.quarter, s.page, 'wp-unpopulated');
    s.sample();
  }),
];
