/**
 * What a generator believes is mapped where. It is a guess that follows the success of each operation, good enough to
 * aim the next one; what really happens is for the kernel and the model to say.
 */

import { PAGE_SIZE, type Prot } from '@forklab/core';

export type Backing = 'anonymous' | 'shared' | 'file' | 'shared-file';

/** A range with equal properties, in bytes; `end` is excluded. */
export interface Region {
  readonly start: number;
  readonly end: number;
  readonly prot: Prot;
  readonly backing: Backing;
  readonly dontfork: boolean;
  readonly wipeonfork: boolean;
  /** Too long to touch every page of: only single pages far apart are accessed. */
  readonly large?: boolean;
  /** It grows down. */
  readonly stack?: boolean;
  /** A userfaultfd has been registered for it. */
  readonly watched?: boolean;
}

/** Sorted, without overlap. */
export type Layout = readonly Region[];

export const endOf = (addr: number, length: number): number => addr + Math.ceil(length / PAGE_SIZE) * PAGE_SIZE;

const overlaps = (region: Region, start: number, end: number): boolean => region.start < end && region.end > start;

/** What lies in a range, cut to it. */
export const within = (layout: Layout, start: number, end: number): Layout =>
  layout
    .filter((region) => overlaps(region, start, end))
    .map((region) => ({ ...region, start: Math.max(region.start, start), end: Math.min(region.end, end) }));

const outside = (layout: Layout, start: number, end: number): Region[] =>
  layout.flatMap((region) => {
    if (!overlaps(region, start, end)) return [region];
    const below = region.start < start ? [{ ...region, end: start }] : [];
    return region.end > end ? [...below, { ...region, start: end }] : below;
  });

const sorted = (regions: Region[]): Layout => regions.sort((a, b) => a.start - b.start);

export const unmapped = (layout: Layout, start: number, end: number): Layout => outside(layout, start, end);

export const mapped = (layout: Layout, region: Region): Layout =>
  sorted([...outside(layout, region.start, region.end), region]);

/** Whether a range has no hole. */
export const isCovered = (layout: Layout, start: number, end: number): boolean => {
  const inside = within(layout, start, end);
  const bytes = inside.reduce((sum, region) => sum + region.end - region.start, 0);
  return bytes === end - start && bytes > 0;
};

export const isFree = (layout: Layout, start: number, end: number): boolean => within(layout, start, end).length === 0;

/** The part inside a range, up to its first hole, changed; that is how far mprotect() comes. */
export const changed = (layout: Layout, start: number, end: number, change: Partial<Region>): Layout => {
  let reached = start;
  const parts: Region[] = [];
  for (const region of within(layout, start, end)) {
    if (region.start !== reached) break;
    reached = region.end;
    parts.push({ ...region, ...change, start: region.start, end: region.end });
  }
  return sorted([...outside(layout, start, reached), ...parts]);
};

/** mremap() to a place that was cleared; the last region grows or shrinks with the length. */
export const moved = (layout: Layout, from: number, oldLength: number, to: number, newLength: number): Layout => {
  const parts = within(layout, from, from + oldLength);
  const rest = unmapped(unmapped(layout, from, from + oldLength), to, to + newLength);
  const there = parts
    .map((region) => ({ ...region, start: region.start - from + to, end: region.end - from + to }))
    .filter((region) => region.start < to + newLength)
    .map((region, k, all) => (k === all.length - 1 ? { ...region, end: to + newLength } : region));
  return sorted([...rest, ...there]);
};

export const inherited = (layout: Layout): Layout => layout.filter((region) => !region.dontfork);
