/** From which share of tables, or of pages, written after the fork on does a strategy cost more than the baseline? */
import type { Trace } from '@forklab/core';
import { type BreakEven as Found, breakEven as findShare, nsOf, type PriceList } from '@forklab/timing';
import type { BreakEven } from './document.js';
import { formatShare } from './format.js';
import { type Layout, layoutTrace, sayLayout, type WrittenOf } from './layout.js';
import { type MachineSettings, runnerFor, tidyNs } from './measure.js';
import type { Column } from './resolve.js';

/** Shares at which the curves are drawn: close together where tables are broken first, then even. */
const SHARES = [0, 1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 3 / 8, 1 / 2, 5 / 8, 3 / 4, 7 / 8, 1];
const TOLERANCE = 1 / 2048;
const KINDS: readonly WrittenOf[] = ['tables', 'pages'];

/** The price of everything from the first fork of this trace on. */
export const costOf = (trace: Trace, column: Column, settings: MachineSettings, prices: PriceList): number => {
  const runner = runnerFor(trace, column.plugins, settings);
  const { counters } = runner.machine;
  let before: number | null = null;
  for (const op of trace.ops) {
    if (op.op === 'fork') before ??= nsOf(counters.totals(), prices);
    runner.next();
  }
  return nsOf(counters.totals(), prices) - (before ?? 0);
};

/** Pages are spread evenly: of the ways to write a share of them, the one that breaks the most tables. */
const SHARE_OF: Readonly<Record<WrittenOf, string>> = {
  tables: 'the tables',
  pages: 'the pages, spread evenly over all tables,',
};

const says = (found: Found, of: WrittenOf, baseline: string): string => {
  const what = SHARE_OF[of];
  const share = found.share === null ? '' : formatShare(found.share);
  const again = found.monotone ? '' : ' (it crosses more than once; this is the last crossing)';
  switch (found.loses) {
    case 'never':
      return `never costs more than ${baseline}, whatever share of ${what} is written`;
    case 'always':
      return `always costs more than ${baseline}, whatever share of ${what} is written`;
    case 'above':
      return `costs more than ${baseline} once more than ${share} of ${what} are written${again}`;
    case 'below':
      return `costs more than ${baseline} until ${share} of ${what} are written${again}`;
  }
};

/**
 * Measures curves and crossings for every column, by running machines. Yields between runs, so that the caller can draw
 * and can stop. Without a layout there is nothing to measure.
 */
export function* measureBreakEven(
  layout: Layout | null,
  columns: readonly Column[],
  baseline: Column,
  settings: MachineSettings,
  prices: PriceList,
): Generator<undefined, BreakEven> {
  if (layout === null) return { points: [], curves: [], layout: null };
  // Invariants are checked on the input itself; the machine of a trace that bounds memory would end this one.
  const free = { ...settings, check: false, memory: undefined };
  const points: BreakEven['points'] = [];
  const curves: BreakEven['curves'] = [];
  for (const of of KINDS) {
    const seen = new Map<string, number>();
    const cost = (column: Column, share: number): number => {
      const key = `${column.label} ${share}`;
      const ns = seen.get(key) ?? costOf(layoutTrace(layout, of, share), column, free, prices);
      seen.set(key, ns);
      return ns;
    };
    for (const column of columns) {
      const y: number[] = [];
      for (const share of SHARES) {
        yield;
        y.push(tidyNs(cost(column, share)));
      }
      curves.push({ strategy: column.label, of, x: [...SHARES], y });
      if (column === baseline) continue;
      yield;
      const found = findShare((share) => ({ strategyNs: cost(column, share), classicNs: cost(baseline, share) }), {
        tolerance: TOLERANCE,
        samples: 5,
      });
      const share = found.loses === 'above' ? found.share : null;
      points.push({ strategy: column.label, of, share, says: says(found, of, baseline.label) });
    }
  }
  const { tables, pagesPerTable, tablesOfInput, pagesOfInput } = layout;
  return { points, curves, layout: { tables, pagesPerTable, tablesOfInput, pagesOfInput, says: sayLayout(layout) } };
}
