/** Arguments on the edge of what the kernel takes. */
import { type Regression, regression } from './script.js';

export const ARGUMENTS: readonly Regression[] = [
  regression(
    'digest from the middle of a page',
    'A digest reads the words at page starts, also when it begins elsewhere in a page.',
    (s) => {
      s.process('p0');
      s.map('p0', s.base, s.table);
      s.write('p0', s.base, s.page);
      s.digest('p0', s.base + 5, 4);
      s.digest('p0', s.base + s.page - 1, s.page);
    },
  ),
  regression(
    'unpin one of two',
    'Of two pins of a range the last one ends first; the other keeps the page it took.',
    (s) => {
      s.process('p0');
      s.map('p0', s.base, s.table);
      s.pin('p0', s.base, s.page);
      s.advise('p0', s.base, s.page, 'dontneed');
      s.pin('p0', s.base, s.page);
      s.unpin('p0', s.base, s.page);
      s.fork('p0', 'p1');
      s.write('p0', s.base, s.page);
      s.digests(['p0', 'p1'], s.base, s.page);
    },
  ),
  regression('mremap to more than there is', 'No length beyond the address space is looked up: it is refused.', (s) => {
    s.process('p0');
    s.map('p0', s.base, s.table);
    s.remap('p0', s.base, 2 ** 50, 2 ** 50);
    s.remap('p0', s.base, s.page, 2 ** 50);
  }),
];
