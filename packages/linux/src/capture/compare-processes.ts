/** One look at all pages of parent and child together. */

import type { Comparer } from './changes.js';
import { forgetPages, hasPages } from './changes.js';
import type { Mapping } from './maps.js';
import type { Pagemap } from './pagemap.js';
import { EXCLUSIVE, FILE_PAGE, PRESENT } from './pagemap.js';
import { blockOf, blockParts, chunksOf, eachKnownPart, isAnonymous, type PageStore } from './pages.js';
import { gone } from './proc.js';

/** The pagemaps of both processes. */
export interface Pair {
  readonly pid: number;
  readonly parent: Pagemap;
  readonly child: Pagemap;
  readonly store: PageStore;
  readonly signal?: AbortSignal | undefined;
}

/** What a look does with the words of a block part. */
export type Look = (comparer: Comparer, words: Parameters<Comparer['again']>[0], mapping: Mapping) => void;

/**
 * Looks at every page of the mappings in both processes, a chunk of one right after the same chunk of the other.
 *
 * The parent is read first: a child that still has an address space afterwards had one at that time, so that a frame
 * which the parent alone maps was not merely left to it by the exit of the child.
 *
 * @returns false when the child has ended meanwhile; what was seen before that is kept
 * @throws ForklabError FL4105 when the parent has
 */
export const compareAll = async (
  pair: Pair,
  comparer: Comparer,
  mappings: readonly Mapping[],
  begin: (mapping: Mapping) => void,
  look: Look,
): Promise<boolean> => {
  for (const mapping of mappings) {
    begin(mapping);
    for (const [first, count] of chunksOf(mapping)) {
      pair.signal?.throwIfAborted();
      const parent = await pair.parent.read(first, count);
      if (parent === null) throw gone(pair.pid, 'watching it');
      const child = await pair.child.read(first, count);
      if (child === null) return false;
      for (const part of blockParts(first, count)) {
        const known = pair.store.has(part.number);
        if (!known && !hasPages({ ...part, parent, child })) continue;
        look(comparer, { ...part, block: blockOf(pair.store, part.number), parent, child }, mapping);
      }
    }
  }
  return true;
};

/** Forgets the pages of ranges that one process has unmapped. */
export const forgetRanges = (
  store: PageStore,
  ranges: readonly Pick<Mapping, 'start' | 'end'>[],
  side: 'parent' | 'child',
): void => {
  for (const range of ranges) eachKnownPart(store, range, (block, part) => forgetPages(block, part, side));
};

/**
 * Whether two processes run in one address space, as after vfork(): the same page is then there in both, and still the
 * kernel counts a single mapping of it. After a fork nearly every private frame is mapped twice.
 */
export const isOneAddressSpace = async (pair: Pair, mappings: readonly Mapping[]): Promise<boolean> => {
  let once = 0;
  let seen = 0;
  for (const mapping of mappings) {
    if (!isAnonymous(mapping) || mapping.prot[1] !== 'w') continue;
    const [first, count] = chunksOf(mapping).next().value!;
    const parent = await pair.parent.read(first, count);
    const child = await pair.child.read(first, count);
    if (parent === null || child === null) return false;
    for (let at = 0; at < count; at++) {
      const [low, high] = [parent[at * 2]!, parent[at * 2 + 1]!];
      if ((high & PRESENT) === 0 || high & FILE_PAGE || low !== child[at * 2] || high !== child[at * 2 + 1]) continue;
      seen++;
      if (high & EXCLUSIVE) once++;
    }
  }
  return once > seen / 2;
};
