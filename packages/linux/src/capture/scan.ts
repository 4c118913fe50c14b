/** One look at all pages of one process: the base of every capture. */

import { ForklabError } from '@forklab/core';
import type { Pagemap } from './pagemap.js';
import { PAGE, PRESENT, SWAPPED } from './pagemap.js';
import type { Block, BlockPart, Decoder, PageStore } from './pages.js';
import { ANON, blockOf, blockParts, chunksOf, eachKnownPart, NONE, UNSURE, ZERO } from './pages.js';
import { gone } from './proc.js';
import type { DetailedMapping } from './smaps.js';

/** Most pages of address space that are looked at: 4 TiB. Reading the pagemap of that takes seconds, of more minutes. */
export const SCAN_PAGES_MAX = 2 ** 30;

/** A mapping with nothing resident is looked at up to this size, for zero pages, which smaps does not count. */
const EMPTY_BYTES_MAX = 2 ** 30;

/** Whether the pagemap of a mapping is worth reading. */
export const isWorthScanning = ({ start, end, prot, smaps }: DetailedMapping): boolean =>
  smaps.rssKb > 0 || smaps.swapKb > 0 || (prot !== '---' && end - start <= EMPTY_BYTES_MAX);

/** @throws ForklabError FL4107 when the mappings span more than `SCAN_PAGES_MAX` */
export const checkScanSize = (pid: number, mappings: readonly { start: number; end: number }[]): void => {
  const found = mappings.reduce((pages, { start, end }) => pages + (end - start) / PAGE, 0);
  if (found <= SCAN_PAGES_MAX) return;
  const option = 'nothing (the bound is fixed)';
  throw new ForklabError('FL4107', { pid, what: 'pages of mapped addresses', found, max: SCAN_PAGES_MAX, option });
};

/** What a scan needs besides the mappings. */
export interface ScanContext {
  readonly pid: number;
  readonly store: PageStore;
  readonly decoder: Decoder;
  readonly signal?: AbortSignal | undefined;
}

/** Takes a part of the words of a chunk into its block. */
const takePart = (c: ScanContext, words: Uint32Array, part: BlockPart, mapping: DetailedMapping): void => {
  let block: Block | undefined;
  for (let i = 0; i < part.count; i++) {
    const low = words[(part.skip + i) * 2]!;
    const high = words[(part.skip + i) * 2 + 1]!;
    if ((high & (PRESENT | SWAPPED)) === 0) continue;
    const kind = c.decoder.kind(low, high, mapping, NONE);
    if (kind === NONE) continue;
    block ??= blockOf(c.store, part.number);
    const at = part.index + i;
    block.parent[at] = kind;
    block.frame[at] = low;
  }
};

/**
 * Reads which pages of the mappings are there and what kind they are, into `parent` and `frame` of the blocks.
 * @returns pages that may be zero pages or not, counted as private frames
 * @throws what the host says; ForklabError FL4105 when the process has ended, FL4107
 */
export const scanPages = async (
  c: ScanContext,
  pagemap: Pagemap,
  mappings: readonly DetailedMapping[],
): Promise<number> => {
  checkScanSize(c.pid, mappings);
  let unsure = 0;
  for (const mapping of mappings) {
    for (const [first, count] of chunksOf(mapping)) {
      c.signal?.throwIfAborted();
      const words = await pagemap.read(first, count);
      if (words === null) throw gone(c.pid, 'reading its pagemap');
      for (const part of blockParts(first, count)) takePart(c, words, part, mapping);
    }
    if (!c.decoder.frames) unsure += settleUnsure(c.store, mapping);
  }
  return unsure;
};

/**
 * Without frame numbers, a page that is mapped elsewhere too may be a zero page or a private frame that a relative
 * shares. smaps counts the latter only, so that the sum of a mapping tells, unless it holds both.
 * @returns pages of which it does not tell
 */
const settleUnsure = (store: PageStore, mapping: DetailedMapping): number => {
  let unsure = 0;
  let anonymous = 0;
  eachKnownPart(store, mapping, ({ parent }, { index, count }) => {
    for (let i = index; i < index + count; i++) {
      if (parent[i] === UNSURE) unsure++;
      else if (parent[i] === ANON) anonymous++;
    }
  });
  if (unsure === 0) return 0;
  const zero = anonymous + unsure - mapping.smaps.anonymousKb / 4;
  const kind = zero >= unsure ? ZERO : ANON;
  eachKnownPart(store, mapping, ({ parent }, { index, count }) => {
    for (let i = index; i < index + count; i++) if (parent[i] === UNSURE) parent[i] = kind;
  });
  return zero > 0 && zero < unsure ? unsure : 0;
};

/** Without a watch, the only scan is what the fork finds. */
export const forkNow = (store: PageStore): void => {
  for (const { atFork, parent } of store.values()) atFork.set(parent);
};
