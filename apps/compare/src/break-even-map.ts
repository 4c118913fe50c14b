/** Where a strategy stops winning, as a map: over memory, over how full tables are, and over children that live at once. */
import { type BreakEven, breakEven, type PriceList } from '@forklab/timing';
import { costOf } from './break-even.js';
import { type Layout, layoutTrace, type WrittenOf } from './layout.js';
import type { MachineSettings } from './measure.js';
import type { Column } from './resolve.js';

/** What the map spans. Beyond 16 tables nothing changes but the cost of a fork's base, which is spread by then. */
export const TABLES = [1, 4, 16] as const;
export const PAGES_PER_TABLE = [1, 16, 128, 512] as const;
export const CHILDREN = [1, 4, 16] as const;

export interface Cell {
  readonly tables: number;
  readonly pagesPerTable: number;
  readonly children: number;
  /** Above this share, written by the parent while all children live, the strategy costs more; null: see `loses`. */
  readonly share: number | null;
  readonly loses: BreakEven['loses'];
}

export interface MapOfStrategy {
  readonly strategy: string;
  readonly of: WrittenOf;
  readonly cells: readonly Cell[];
}

/** A sixty-fourth is what a map can show. */
const TOLERANCE = 1 / 64;

/** Searches every cell. Yields before each, so that the caller can draw and can stop. */
export function* breakEvenMap(
  column: Column,
  baseline: Column,
  of: WrittenOf,
  settings: MachineSettings,
  prices: PriceList,
): Generator<undefined, MapOfStrategy> {
  const cells: Cell[] = [];
  for (const children of CHILDREN) {
    for (const tables of TABLES) {
      for (const pagesPerTable of PAGES_PER_TABLE) {
        yield;
        const layout: Layout = {
          kind: 'private',
          tables,
          pagesPerTable,
          tablesOfInput: tables,
          pagesOfInput: tables * pagesPerTable,
        };
        const cost = (of_: Column, share: number): number =>
          costOf(layoutTrace(layout, of, share, children), of_, settings, prices);
        const found = breakEven((share) => ({ strategyNs: cost(column, share), classicNs: cost(baseline, share) }), {
          tolerance: TOLERANCE,
          samples: 5,
        });
        cells.push({ tables, pagesPerTable, children, share: found.share, loses: found.loses });
      }
    }
  }
  return { strategy: column.label, of, cells };
}
