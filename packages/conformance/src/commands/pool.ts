/** Where random traces happen: few pages, all of them near a border between two tables of some level. */
import { type Geometry, PAGE_SIZE } from '@forklab/core';
import fc from 'fast-check';
import { baseOf } from '../layout.js';

export interface Pool {
  readonly geometry: Geometry;
  /** Addresses where a PTE table, a PMD table and a PUD table end and the next one begins. */
  readonly borders: readonly number[];
  /** Pages on either side of a border that small ranges lie in. */
  readonly reach: number;
  /** Most processes alive at once. */
  readonly procsMax: number;
  /** Sizes in bytes of the files that a trace starts with. */
  readonly fileSizes: readonly number[];
}

/** Most pages on either side of a border. */
const REACH_MAX = 6;
const PROCS_MAX = 4;

/** The pool for a geometry: the borders of one PTE, one PMD and one PUD table. */
export const poolOf = (geometry: Geometry): Pool => {
  const base = baseOf(geometry);
  return {
    geometry,
    borders: [base + geometry.slotBytes, base + geometry.pudBytes, base + geometry.pgdBytes],
    reach: Math.min(REACH_MAX, geometry.entries),
    procsMax: PROCS_MAX,
    // Two tables and a bit that covers no whole table, and a few pages.
    fileSizes: [2 * geometry.slotBytes + 3 * PAGE_SIZE, 3 * PAGE_SIZE + 100],
  };
};

/** Addresses in bytes. */
export interface Range {
  readonly addr: number;
  readonly length: number;
}

/** A range drawn without looking at what is mapped. */
export type Place =
  | { readonly shape: 'around'; readonly border: number; readonly from: number; readonly pages: number }
  | {
      readonly shape: 'tables';
      readonly border: number;
      readonly skip: number;
      readonly tables: number;
      readonly more: number;
    };

export const placeOf = (pool: Pool, place: Place): Range => {
  const border = pool.borders[place.border % pool.borders.length] as number;
  if (place.shape === 'around') {
    const from = -pool.reach + (place.from % (2 * pool.reach));
    return { addr: border + from * PAGE_SIZE, length: (1 + (place.pages % (pool.reach + 2))) * PAGE_SIZE };
  }
  const { slotBytes } = pool.geometry;
  return { addr: border + place.skip * slotBytes, length: place.tables * slotBytes + place.more * PAGE_SIZE };
};

/** Mostly a few pages across a border; at times whole tables, or a page more or less than whole. */
export const arbPlace: fc.Arbitrary<Place> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      shape: fc.constant('around' as const),
      border: fc.nat(2),
      from: fc.nat(11),
      pages: fc.nat(7),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      shape: fc.constant('tables' as const),
      border: fc.nat(2),
      skip: fc.integer({ min: -1, max: 1 }),
      tables: fc.integer({ min: 1, max: 2 }),
      more: fc.constantFrom(0, 0, 0, -1, 1),
    }),
  },
);

/** A part of a VMA, drawn without knowing how large the VMA is. */
export interface Part {
  readonly kind: 'whole' | 'head' | 'tail' | 'middle' | 'page' | 'table' | 'over';
  readonly from: number;
  readonly pages: number;
}

export const arbPart: fc.Arbitrary<Part> = fc.record({
  kind: fc.constantFrom('whole', 'whole', 'head', 'tail', 'middle', 'page', 'page', 'table', 'over'),
  from: fc.nat(1023),
  pages: fc.nat(1023),
});

/** That part of [start, end). `over` runs past the end, into a neighbour or a hole. */
export const partOf = (pool: Pool, start: number, end: number, part: Part): Range => {
  const size = (end - start) / PAGE_SIZE;
  const pick = part.from % size;
  const rest = 1 + (part.pages % (size - pick));
  const range = (from: number, pages: number): Range => ({ addr: start + from * PAGE_SIZE, length: pages * PAGE_SIZE });
  switch (part.kind) {
    case 'whole':
      return range(0, size);
    case 'head':
      return range(0, pick + 1);
    case 'tail':
      return range(pick, size - pick);
    case 'middle':
      return range(pick, rest);
    case 'page':
      return range(pick, 1);
    case 'over':
      return range(pick, size - pick + 1 + (part.pages % pool.reach));
    case 'table': {
      const { slotBytes } = pool.geometry;
      const at = start + pick * PAGE_SIZE;
      const table = at - (at % slotBytes);
      const addr = Math.max(start, table);
      return { addr, length: Math.min(end, table + slotBytes) - addr };
    }
  }
};
