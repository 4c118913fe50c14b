/** From measurements of a host to a price list: which are fitted, which are held out, and how well that went. */
import { WORKS, type Work } from '@forklab/core';
import type { Price, PriceList } from '../price-list.js';
import { type Equation, errorOf, type Fitted, fitPrices, median } from './least-squares.js';

/** What a measurement is of. */
export const OPERATIONS = ['fork', 'exit', 'first touch', 'munmap', 'COW fault', 'reuse fault', 'mprotect'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** One measured operation: the layout, and the median of its rounds. */
export interface Measurement {
  readonly operation: Operation;
  readonly tables: number;
  /** Written pages in each table. */
  readonly pages: number;
  /** They lie apart, not side by side. */
  readonly spread: boolean;
  readonly vmas: number;
  readonly ns: number;
}

/** What each operation is a sum of. Terms of one name are one price. */
const TERMS: Readonly<Record<Operation, readonly Term[]>> = {
  fork: ['base', 'vma', 'table', 'entry', 'apart'],
  exit: ['base', 'table', 'entry', 'apart'],
  'first touch': ['table', 'entry'],
  munmap: ['base', 'table', 'entry'],
  'COW fault': ['entry'],
  'reuse fault': ['entry'],
  mprotect: ['base', 'table', 'entry'],
};
export type Term = 'base' | 'vma' | 'table' | 'entry' | 'apart';

const countOf = (term: Term, { tables, pages, spread, vmas }: Measurement): number => {
  switch (term) {
    case 'base':
      return 1;
    case 'vma':
      return vmas;
    case 'table':
      return tables;
    case 'entry':
      return tables * pages;
    // A page apart from the last has its metadata in a cache line that nothing has fetched ahead of time.
    case 'apart':
      return spread ? tables * pages : 0;
  }
};

const equationOf = (measurement: Measurement): Equation => ({
  counts: TERMS[measurement.operation].map((term) => countOf(term, measurement)),
  ns: measurement.ns,
});

/** One operation after the fit. */
export interface FittedOperation {
  readonly operation: Operation;
  readonly terms: readonly (Fitted & { readonly term: Term })[];
  /** Errors as shares of what was measured: of those fitted, and of those held out. */
  readonly residuals: readonly (Measurement & { readonly error: number; readonly heldOut: boolean })[];
  readonly medianError: number;
  readonly heldOutMedianError: number;
}

/** Every third is held out: it is predicted, and not fitted. */
export const HELD_OUT_EVERY = 3;

/** Fits each operation by itself. Operations with fewer measurements than terms and one to spare are left out. */
export const fitOperations = (measurements: readonly Measurement[], seed: number): readonly FittedOperation[] =>
  OPERATIONS.flatMap((operation) => {
    const own = measurements.filter((each) => each.operation === operation);
    const heldOut = own.map((_, i) => i % HELD_OUT_EVERY === HELD_OUT_EVERY - 1);
    const equations = own.map(equationOf);
    const fitted = equations.filter((_, i) => !heldOut[i]);
    const terms = TERMS[operation];
    if (fitted.length <= terms.length) return [];
    const prices = fitPrices(fitted, seed);
    const ns = prices.map((price) => price.ns);
    const residuals = own.map((each, i) => ({ ...each, error: errorOf(ns, equations[i]!), heldOut: heldOut[i]! }));
    const errors = (held: boolean): number =>
      median(residuals.filter((each) => each.heldOut === held).map(({ error }) => Math.abs(error)));
    return [
      {
        operation,
        terms: prices.map((price, i) => ({ ...price, term: terms[i]! })),
        residuals,
        medianError: errors(false),
        heldOutMedianError: errors(true),
      },
    ];
  });

/** Which fitted term each price takes part in: prices of one term are scaled together, since only their sum is seen. */
const PARTS: readonly (readonly [operation: Operation, term: Term, works: readonly Work[]])[] = [
  ['fork', 'base', ['forks']],
  ['fork', 'vma', ['vmasDuplicated']],
  ['fork', 'table', ['tablesAllocated', 'tablesCopied']],
  ['fork', 'entry', ['ptesCopied']],
  ['exit', 'base', ['exits']],
  ['exit', 'table', ['tablesFreed']],
  ['exit', 'entry', ['ptesZapped']],
  ['first touch', 'entry', ['faultsAnon', 'pagesZeroed']],
  ['COW fault', 'entry', ['faultsCow', 'pagesCopied', 'tlbFlushPage']],
  ['reuse fault', 'entry', ['faultsReuse']],
  ['mprotect', 'entry', ['ptesProtected']],
];

/** Every fault pays this besides what its kind does; only the sum is measured, so it stays as it was. */
const FAULTS: ReadonlySet<Operation> = new Set(['first touch', 'COW fault', 'reuse fault']);

const four = (n: number): number => Number(n.toPrecision(4));

/** `base` with what was measured in its place. Prices that nothing here measures stay, and say where they come from. */
export const calibratedList = (base: PriceList, fitted: readonly FittedOperation[], host: string): PriceList => {
  const prices: Record<Work, Price> = { ...base.prices };
  for (const work of WORKS) {
    if (prices[work].kind !== 'none')
      prices[work] = { ...prices[work], source: `of ${base.name}: ${prices[work].source}` };
  }
  for (const [operation, term, works] of PARTS) {
    const found = fitted.find((each) => each.operation === operation)?.terms.find((each) => each.term === term);
    const before = works.reduce((sum, work) => sum + base.prices[work].ns, 0);
    if (found === undefined || before === 0) continue;
    const shared = FAULTS.has(operation) ? base.prices.faults.ns : 0;
    for (const work of works) {
      const part = base.prices[work].ns / before;
      const at = (ns: number): number => four(Math.max(0, ns - shared) * part);
      const source = `forklab calibrate: ${operation}, ${term}${works.length > 1 ? `, with ${works.join(', ')}` : ''}`;
      prices[work] = {
        ...base.prices[work],
        ns: at(found.ns),
        low: at(found.low),
        high: at(found.high),
        source,
        kind: 'measured',
      };
    }
  }
  return {
    name: 'calibrated',
    about: `Measured by forklab calibrate; what it cannot measure is of ${base.name}.`,
    host,
    prices,
  };
};
