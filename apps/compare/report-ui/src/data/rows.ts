import { type Unit, unitOf, words } from '../format.js';
import type { Report, Strategy } from './types.js';

export interface Row {
  readonly key: string;
  readonly label: string;
  readonly unit: Unit;
  readonly says: string;
  /** Is less of it better? Counts of sharing, breaking and adopting are neither good nor bad by themselves. */
  readonly lessIsBetter: boolean;
}

export interface RowGroup {
  readonly title: string;
  readonly rows: readonly Row[];
}

const WRONG = 'What is wrong';
// For rows whose document names no group: the first whose pattern the key fits.
const GROUPS: readonly (readonly [title: string, keys: RegExp])[] = [
  [WRONG, /^(violations|unmodelled|oom)/i],
  ['At fork', /^fork/],
  ['After fork', /^(fault|after|request).*(Ns|Ms)/],
  ['The whole trace', /Ns([A-Z]|$)/],
  ['Memory', /(Kb|Bytes|Rss)([A-Z]|$)|^uncharged/],
  ['Tables', /^tables/],
  ['Entries and pages', /^(ptes|pages|vmas|pins)/],
  ['Faults and flushes', /fault|^tlb|ipi/i],
];
const OTHER = 'Other';
// The reader's order: the bill first, then what it is made of, then what is wrong with it.
const ORDER = [
  'At fork',
  'After fork',
  'The whole trace',
  'Memory',
  'Tables',
  'Entries and pages',
  'Faults and flushes',
];

const guessGroup = (key: string): string => GROUPS.find(([, keys]) => keys.test(key))?.[0] ?? OTHER;

const LESS_IS_BETTER = /^(ptesCopied|pagesCopied|minorFaults|majorFaults|tlb|uncharged|violations|oom)/;

/** The rows that any of these strategies has, grouped, in the order of the document within a group. */
export const rowGroups = (report: Report, strategies: readonly Strategy[]): readonly RowGroup[] => {
  const keys = new Set<string>();
  for (const key of report.rowDocs.keys()) if (strategies.some((s) => s.rows.has(key))) keys.add(key);
  for (const strategy of strategies) for (const key of strategy.rows.keys()) keys.add(key);
  const groups = new Map<string, Row[]>();
  for (const key of keys) {
    const title = report.rowDocs.get(key)?.group || guessGroup(key);
    groups.set(title, [...(groups.get(title) ?? []), rowOf(report, key)]);
  }
  const known = [...ORDER, OTHER, WRONG];
  const further = [...groups.keys()].filter((title) => !known.includes(title));
  return [...ORDER, ...further, OTHER, WRONG]
    .map((title) => ({ title, rows: groups.get(title) ?? [] }))
    .filter((group) => group.rows.length > 0);
};

const rowOf = (report: Report, key: string): Row => {
  const doc = report.rowDocs.get(key);
  const unit = unitOf(key, doc?.unit ?? '');
  return {
    key,
    label: doc?.label ?? words(key),
    unit,
    says: doc?.says ?? '',
    lessIsBetter: unit !== 'count' || LESS_IS_BETTER.test(key),
  };
};

/** The least value of a row, or null where there is no choice: fewer than two values, or all alike. */
export const bestOf = (row: Row, strategies: readonly Strategy[]): number | null => {
  if (!row.lessIsBetter) return null;
  const values = strategies.flatMap((s) => s.rows.get(row.key) ?? []);
  const least = Math.min(...values);
  return values.length > 1 && values.some((value) => value !== least) ? least : null;
};

/** What the others are held against: classic, else the first column. */
export const baselineOf = (strategies: readonly Strategy[]): Strategy | undefined =>
  strategies.find((s) => s.name === 'classic') ?? strategies[0];

/** The strategy that a name in another part of the document means: by its label, else by its name. */
export const strategyCalled = (strategies: readonly Strategy[], called: string): Strategy | undefined =>
  strategies.find((s) => s.label === called) ?? strategies.find((s) => s.name === called);
