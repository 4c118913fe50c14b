/**
 * What is known of each page: one block for 2 MiB of address space (the reach of one PTE table), made when the first
 * page in it is seen. 4 KiB of arrays a block, so 0.2 % of what is resident, however sparse the address space is.
 */

import type { Mapping } from './maps.js';
import { CHUNK_PAGES, EXCLUSIVE, FILE_PAGE, type FrameRange, isSwapEntry, PAGE, PRESENT, SWAPPED } from './pagemap.js';

/** Kinds of pages, as numbers so that they fit typed arrays. */
export const NONE = 0;
/** A private frame: anonymous memory, or a page of a private file mapping that was written. */
export const ANON = 1;
/** The shared page of zeros, mapped by reading untouched anonymous memory. */
export const ZERO = 2;
/** A page of a file, or of shared anonymous memory. */
export const FILE = 3;
export const SWAP = 4;
/** Without frame numbers: either of ANON (shared with a relative) and ZERO. `settleUnsure` decides. */
export const UNSURE = 5;
export type Kind = typeof NONE | typeof ANON | typeof ZERO | typeof FILE | typeof SWAP | typeof UNSURE;

export const BLOCK_PAGES = 512;

export interface Block {
  /** Kinds as the fork found them; without a watch, as the only scan did. */
  readonly atFork: Uint8Array;
  /** Kinds when last looked at. Before the fork only those of the parent mean anything. */
  readonly parent: Uint8Array;
  readonly child: Uint8Array;
  /** 1 while both processes map the same private frame, as fork left it. */
  readonly shared: Uint8Array;
  /** The low 32 bits of the frame of an ANON page: of the parent before the fork, then of both while it is shared. */
  readonly frame: Uint32Array;
}

/** Blocks by number (page number / 512). */
export type PageStore = Map<number, Block>;

export const blockOf = (store: PageStore, number: number): Block => {
  let block = store.get(number);
  if (block === undefined) {
    block = {
      atFork: new Uint8Array(BLOCK_PAGES),
      parent: new Uint8Array(BLOCK_PAGES),
      child: new Uint8Array(BLOCK_PAGES),
      shared: new Uint8Array(BLOCK_PAGES),
      frame: new Uint32Array(BLOCK_PAGES),
    };
    store.set(number, block);
  }
  return block;
};

/** A part of one block: pages `index` to `index + count - 1` of block `number`, which start `skip` pages into a chunk. */
export interface BlockPart {
  readonly number: number;
  readonly index: number;
  readonly count: number;
  readonly skip: number;
}

/** The block parts of the pages from `first`, `count` of them. */
export const blockParts = (first: number, count: number): BlockPart[] => {
  const parts: BlockPart[] = [];
  for (let skip = 0; skip < count; ) {
    const number = Math.floor((first + skip) / BLOCK_PAGES);
    const index = first + skip - number * BLOCK_PAGES;
    const part = { number, index, count: Math.min(BLOCK_PAGES - index, count - skip), skip };
    parts.push(part);
    skip += part.count;
  }
  return parts;
};

/** The chunks of a range, cut where pagemap is read in one go and where blocks end: first page and number of pages. */
export function* chunksOf({ start, end }: Pick<Mapping, 'start' | 'end'>): Generator<readonly [number, number]> {
  for (let page = start / PAGE; page < end / PAGE; ) {
    const count = Math.min(CHUNK_PAGES - (page % CHUNK_PAGES), end / PAGE - page);
    yield [page, count];
    page += count;
  }
}

/** Whether no page of a mapping can belong to a file or to another process's mapping. */
export const isAnonymous = (mapping: Mapping): boolean =>
  !mapping.shared && (mapping.fileKey === null || mapping.path === '/dev/zero');

/** Turns words of pagemap into kinds. */
export interface Decoder {
  /** Whether the kernel shows frame numbers. Known once a present page was seen. */
  readonly frames: boolean;
  kind(low: number, high: number, mapping: Mapping, before: number): Kind;
}

/** @param image the frames of the kernel image, where the zero page lies; empty when unknown */
export const createDecoder = (image: readonly FrameRange[]): Decoder => {
  let known = false;
  let frames = false;
  const present = (low: number, high: number, mapping: Mapping, before: number): Kind => {
    const frame = low + (high & 0x7f_ffff) * 2 ** 32;
    if (!known) {
      known = true;
      frames = frame !== 0;
    }
    // The huge zero page carries the bit of files; nothing else with that bit can be in anonymous memory.
    if (high & FILE_PAGE) return isAnonymous(mapping) ? ZERO : FILE;
    if (mapping.shared) return FILE;
    if (high & EXCLUSIVE) return ANON;
    if (frames && image.length > 0) return image.some(([first, end]) => frame >= first && frame < end) ? ZERO : ANON;
    if (before === NONE || before === UNSURE) return UNSURE;
    return before === ZERO ? ZERO : ANON;
  };
  return {
    get frames() {
      return frames;
    },
    kind(low, high, mapping, before) {
      if (high & PRESENT) return present(low, high, mapping, before);
      return high & SWAPPED && !mapping.shared && isSwapEntry(low, high) ? SWAP : NONE;
    },
  };
};

/** Calls `visit` for each block part of a range that has a block, in ascending order. */
export const eachKnownPart = (
  store: PageStore,
  { start, end }: Pick<Mapping, 'start' | 'end'>,
  visit: (block: Block, part: BlockPart) => void,
): void => {
  const last = end / PAGE;
  for (let page = start / PAGE; page < last; ) {
    const number = Math.floor(page / BLOCK_PAGES);
    const index = page - number * BLOCK_PAGES;
    const count = Math.min(BLOCK_PAGES - index, last - page);
    const block = store.get(number);
    if (block) visit(block, { number, index, count, skip: page - start / PAGE });
    page += count;
  }
};

/** Runs of pages: first page, number of pages, first page, ... in ascending order. */
export type Runs = number[];

/** Adds one page above all others. */
export const addPage = (runs: Runs, page: number): void => {
  const n = runs.length;
  if (n > 0 && runs[n - 2]! + runs[n - 1]! === page) runs[n - 1]!++;
  else runs.push(page, 1);
};

/** How many pages the runs hold. */
export const pagesIn = (runs: Runs): number => {
  let pages = 0;
  for (let i = 1; i < runs.length; i += 2) pages += runs[i]!;
  return pages;
};

/** The pages of a mapping that the fork found to be of this kind. */
export const runsOfKind = (store: PageStore, mapping: Mapping, kind: Kind): Runs => {
  const runs: Runs = [];
  eachKnownPart(store, mapping, ({ atFork }, { number, index, count }) => {
    for (let i = index; i < index + count; i++) if (atFork[i] === kind) addPage(runs, number * BLOCK_PAGES + i);
  });
  return runs;
};
