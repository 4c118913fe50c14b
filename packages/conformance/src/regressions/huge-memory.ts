/** The words in which traces about huge pages begin. */
import { type Regression, regression, type Script } from './script.js';

/** A trace on a machine that gives huge pages to memory with MADV_HUGEPAGE. */
export const huge = (name: string, about: string, write: (s: Script) => void): Regression => {
  const plain = regression(name, about, write);
  return {
    ...plain,
    trace: (geometry) => {
      const { header, ops } = plain.trace(geometry);
      return { header: { ...header, thp: 'madvise' }, ops };
    },
  };
};

/** p0 with memory for `tables` huge pages at `base`. */
export const area = (s: Script, tables: number): void => {
  s.process('p0');
  s.map('p0', s.base, tables * s.table);
  s.advise('p0', s.base, tables * s.table, 'hugepage');
};

/** The same, written. */
export const written = (s: Script, tables: number): void => {
  area(s, tables);
  s.write('p0', s.base, tables * s.table);
};
