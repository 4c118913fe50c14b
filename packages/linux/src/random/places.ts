/** Where things are put: mostly at the borders of tables, of GiB and of 512 GiB, where page-table code goes wrong. */

import { PAGE_SIZE } from '@forklab/core';
import type { Draw, Weighted } from './draw.js';
import type { Layout } from './layout.js';

export const MIB2 = 2 ** 21;
export const GIB = 2 ** 30;
export const GIB512 = 2 ** 39;

/** A slot of 512 GiB that nothing else uses. */
export const BASE = 0x100000000000;

/** Pages after the start of a table. */
const PAGE_IN_TABLE: Weighted<number | 'any'> = [
  [12, 0],
  [5, 511],
  [5, 500],
  [3, 'any'],
];

const TABLE_IN_GIB: Weighted<number> = [
  [6, 0],
  [5, 1],
  [5, 2],
  [2, 3],
  [3, 511],
];

const GIB_IN_SLOT: Weighted<number> = [
  [6, 0],
  [6, 1],
  [5, 2],
  [1, 3],
  [1, 511],
];

const SLOT: Weighted<number> = [
  [10, 0],
  [1, 1],
  [1, 2],
];

const PAGES: Weighted<number | 'any'> = [
  [12, 1],
  [7, 2],
  [4, 3],
  [6, 8],
  [5, 16],
  [5, 17],
  [4, 64],
  [5, 512],
  [5, 513],
  [5, 1024],
  [6, 'any'],
];

export const drawPages = (draw: Draw): number => {
  const pages = draw.weighted(PAGES);
  return pages === 'any' ? draw.int(1, 700) : pages;
};

export const drawAddress = (draw: Draw): number => {
  const page = draw.weighted(PAGE_IN_TABLE);
  return (
    BASE +
    draw.weighted(SLOT) * GIB512 +
    draw.weighted(GIB_IN_SLOT) * GIB +
    draw.weighted(TABLE_IN_GIB) * MIB2 +
    (page === 'any' ? draw.int(0, 511) : page) * PAGE_SIZE
  );
};

/** A place beside something, where a new mapping may merge with it or shares its table. */
export const drawBeside = (draw: Draw, layout: Layout, length: number): number | undefined => {
  const region = draw.pickOr(layout);
  if (region === undefined) return undefined;
  const gap = draw.chance(50) ? 0 : draw.int(1, 3) * PAGE_SIZE;
  return draw.chance(70) ? region.end + gap : region.start - length - gap;
};

/** A range in bytes. */
export interface Range {
  readonly addr: number;
  readonly length: number;
}

type Shape = 'whole' | 'page' | 'part' | 'beyond' | 'across';
const SHAPES: Weighted<Shape> = [
  [9, 'whole'],
  [5, 'page'],
  [7, 'part'],
  [1, 'beyond'],
  [2, 'across'],
];

/**
 * A range of what is mapped: a whole region, a page of it, a part, one that goes on behind its end, or one from
 * the middle of it to the middle of the next.
 */
export const drawRange = (draw: Draw, layout: Layout): Range | undefined => {
  if (layout.length === 0) return undefined;
  const k = draw.int(0, layout.length - 1);
  const region = layout[k]!;
  const pages = (region.end - region.start) / PAGE_SIZE;
  const first = draw.int(0, pages - 1);
  const addr = region.start + first * PAGE_SIZE;
  switch (draw.weighted(SHAPES)) {
    case 'whole':
      return { addr: region.start, length: region.end - region.start };
    case 'page':
      return { addr, length: PAGE_SIZE };
    case 'part':
      return { addr, length: draw.int(1, pages - first) * PAGE_SIZE };
    case 'beyond':
      return { addr, length: (pages - first + draw.int(1, 8)) * PAGE_SIZE };
    case 'across': {
      const next = layout[k + 1];
      const end = next && next.start - region.end < GIB ? next.start + PAGE_SIZE : region.end;
      return { addr, length: end - addr };
    }
  }
};
