/** Faults grouped by what they did, for a report: a machine counts hundreds of shapes, a reader wants a few dozen. */
import { type FaultShape, faultShape, workOfShape } from '@forklab/core';
import { nsOf, type PriceList } from '@forklab/timing';
import type { FaultClass } from './document.js';

const MAIN: Readonly<Record<FaultShape['kind'], string>> = {
  zero: 'zero page mapped',
  anon: 'fresh page mapped',
  cow: 'page copied',
  reuse: 'page made writable again',
  file: 'file pages mapped',
  table: 'table put in order',
  huge: 'fresh huge page mapped',
  hugeZero: 'huge zero page mapped',
  swap: 'swapped page mapped',
};

/** What such a fault did, in words. */
export const sayFault = (shape: FaultShape): string => {
  const tables = shape.tablesAllocated;
  const also = [
    shape.broken ? 'shared table broken' : '',
    shape.adopted ? 'shared table adopted' : '',
    shape.linked ? 'table linked' : '',
    shape.split ? 'huge entry split' : '',
    shape.read ? 'page read from swap' : '',
    tables > 0 ? `${tables} table${tables > 1 ? 's' : ''} allocated` : '',
  ];
  const did = also.filter((part) => part !== '');
  return shape.kind === 'table' && did.length > 0 ? did.join(', ') : [...did, MAIN[shape.kind]].join(', ');
};

/** More classes than this are merged, by rounding their price further. */
const CLASSES_MAX = 200;

const grouped = (shapes: ReadonlyMap<number, number>, prices: PriceList, digits: number): readonly FaultClass[] => {
  const classes = new Map<string, FaultClass>();
  for (const [packed, count] of shapes) {
    const shape = faultShape(packed);
    const kind = sayFault(shape);
    const ns = Number(nsOf(workOfShape(shape), prices).toPrecision(digits));
    const key = `${kind} ${ns}`;
    classes.set(key, { kind, ns, count: count + (classes.get(key)?.count ?? 0) });
  }
  return [...classes.values()].sort((a, b) => b.ns - a.ns || (a.kind < b.kind ? -1 : 1));
};

/** Classes of equal price and kind, dearest first. Prices to four digits, or fewer where that gives too many classes. */
export const faultClasses = (shapes: ReadonlyMap<number, number>, prices: PriceList): FaultClass[] => {
  for (let digits = 4; digits > 1; digits--) {
    const classes = grouped(shapes, prices, digits);
    if (classes.length <= CLASSES_MAX) return [...classes];
  }
  return grouped(shapes, prices, 1).slice(0, CLASSES_MAX);
};
