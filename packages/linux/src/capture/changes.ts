/**
 * What two relatives did to a page, told from how it looked before and looks now.
 *
 * After a fork both map the same frame. Whoever writes first gets a copy and the other one keeps the frame, so the one
 * whose frame changed is the one that wrote. A later write by the keeper changes no frame and cannot be seen.
 */

import { CHILD, DONTNEED, PARENT, READ, type Recorder, SWAPOUT, WRITE } from './access.js';
import { isSharedDirty } from './layout.js';
import type { Mapping } from './maps.js';
import { EXCLUSIVE, PRESENT, SWAPPED } from './pagemap.js';
import {
  ANON,
  BLOCK_PAGES,
  type Block,
  type BlockPart,
  type Decoder,
  FILE,
  type Kind,
  NONE,
  SWAP,
  ZERO,
} from './pages.js';

/** What changed a page of this kind into one of that kind, as bits of actions. */
export const actionsBetween = (before: number, now: number): number => {
  if (before === now) return 0;
  const had = before === ANON || before === SWAP;
  switch (now) {
    // A file page may have gone because the kernel took it; a later read finds it again, in a replay as well.
    case NONE:
      return before === FILE ? 0 : DONTNEED;
    case ZERO:
      return before === NONE ? READ : DONTNEED | READ;
    case FILE:
      return had ? DONTNEED | READ : READ;
    case ANON:
      return before === SWAP ? READ : WRITE;
    case SWAP:
      return before === ANON ? SWAPOUT : WRITE | SWAPOUT;
    default:
      return 0;
  }
};

/** How many pages changed, and how. */
export interface ChangeCounts {
  /** Shared frames that one side gave up for a copy: by the parent, by the child, by one of them and it is unknown by which. */
  parentCopied: number;
  childCopied: number;
  writerUnknown: number;
  /** Pages that are new to one side since the fork. */
  parentNew: number;
  childNew: number;
  /** Private frames that the child gave back. */
  childDropped: number;
}

export const noChanges = (): ChangeCounts => ({
  ...{ parentCopied: 0, childCopied: 0, writerUnknown: 0, parentNew: 0, childNew: 0, childDropped: 0 },
});

/** The look of one page in one process. */
interface Look {
  readonly kind: Kind;
  /** The low 32 bits of the frame number; 0 when the kernel hides it. */
  readonly frame: number;
  readonly exclusive: boolean;
}

/** Compares the words of two pagemaps, block part by block part, and records what each process did since. */
export interface Comparer {
  /** The first look after the fork: also finds out what the fork found. `copied` is false where fork copies nothing. */
  first(part: Words, mapping: Mapping, copied: boolean): void;
  /** Every look after it. */
  again(part: Words, mapping: Mapping): void;
  readonly counts: ChangeCounts;
}

/** The words of a block part in both processes, and the block. */
export interface Words extends BlockPart {
  readonly block: Block;
  readonly parent: Uint32Array;
  readonly child: Uint32Array;
}

/** Whether there is anything to look at in a block part, so that blocks are made only for pages that exist. */
export const hasPages = ({ parent, child, skip, count }: Omit<Words, 'block' | 'number' | 'index'>): boolean => {
  for (let at = skip * 2 + 1; at < (skip + count) * 2; at += 2) {
    if ((parent[at]! | child[at]!) & (PRESENT | SWAPPED)) return true;
  }
  return false;
};

export const createComparer = (decoder: Decoder, recorder: Recorder): Comparer => {
  const counts = noChanges();

  const look = (words: Uint32Array, at: number, mapping: Mapping, before: number): Look => {
    const low = words[at * 2]!;
    const high = words[at * 2 + 1]!;
    return { kind: decoder.kind(low, high, mapping, before), frame: low, exclusive: (high & EXCLUSIVE) !== 0 };
  };

  /** Without frame numbers: two relatives share a frame unless each maps one that nobody else maps. */
  const isSame = (p: Look, c: Look): boolean => (decoder.frames ? p.frame === c.frame : !(p.exclusive && c.exclusive));

  /** Who wrote to a frame that both had and only one has now: bits for the two recorders. */
  const writer = (original: number, p: Look, c: Look): 'parent' | 'child' => {
    if (decoder.frames && c.frame === original) counts.parentCopied++;
    else if (decoder.frames && p.frame === original) {
      counts.childCopied++;
      return 'child';
    } else counts.writerUnknown++;
    return 'parent';
  };

  const record = (page: number, mapping: Mapping, parent: number, child: number): void => {
    // A page of a shared mapping is never copied. Whether it was read or written shows in smaps only.
    const as = (actions: number): number =>
      actions & READ && isSharedDirty(mapping) ? (actions & ~READ) | WRITE : actions;
    if (parent) recorder.add(PARENT, as(parent), page);
    if (child) recorder.add(CHILD, as(child), page);
  };

  /** What the fork found, where the two look different. `pre` and `preFrame` are the parent's before it. */
  const unlike = (p: Look, c: Look, pre: number, preFrame: number): Kind => {
    // Where fork copies no tables, a page that only the parent has is no news.
    if ((p.kind === FILE || p.kind === ZERO) && c.kind === NONE) return p.kind;
    if (c.kind === FILE && p.kind === NONE) return NONE;
    const parentUnmoved = p.kind === pre && (p.kind !== ANON || !decoder.frames || p.frame === preFrame);
    return parentUnmoved ? p.kind : c.kind;
  };

  const firstPage = (b: Block, i: number, page: number, mapping: Mapping, p: Look, c: Look, copied: boolean): void => {
    let parent = 0;
    let child = 0;
    let atFork: Kind;
    if (!copied) atFork = p.kind;
    else if (p.kind !== c.kind) atFork = unlike(p, c, b.parent[i]!, b.frame[i]!);
    else {
      atFork = p.kind;
      if (p.kind === ANON && isSame(p, c)) b.shared[i] = 1;
      else if (p.kind === ANON) {
        if (writer(b.parent[i] === ANON ? b.frame[i]! : -1, p, c) === 'parent') parent = WRITE;
        else child = WRITE;
      }
    }
    // Whether fork copied the other kinds depends on the mapping; reading a page that is there changes nothing.
    const inherited = copied && (atFork === ANON || atFork === SWAP) ? atFork : NONE;
    parent |= changed(atFork, p.kind, 'parentNew');
    child |= changed(inherited, c.kind, 'childNew');
    if (inherited === ANON && c.kind === NONE) counts.childDropped++;
    b.atFork[i] = atFork;
    b.frame[i] = p.frame;
    record(page, mapping, parent, child);
  };

  const changed = (before: number, now: number, count: 'parentNew' | 'childNew'): number => {
    if (now === ANON && before !== ANON) counts[count]++;
    return actionsBetween(before, now);
  };

  const nextPage = (b: Block, i: number, page: number, mapping: Mapping, p: Look, c: Look): void => {
    let parent = 0;
    let child = 0;
    if (b.shared[i] === 1) {
      const both = p.kind === ANON && c.kind === ANON;
      if (both && isSame(p, c))
        b.frame[i] = p.frame; // The kernel may have moved it, for both.
      else {
        b.shared[i] = 0;
        if (both) {
          if (writer(b.frame[i]!, p, c) === 'parent') parent = WRITE;
          else child = WRITE;
        } else if (c.kind === NONE) counts.childDropped++;
      }
    }
    parent |= changed(b.parent[i]!, p.kind, 'parentNew');
    child |= changed(b.child[i]!, c.kind, 'childNew');
    record(page, mapping, parent, child);
  };

  const eachPage = (w: Words, mapping: Mapping, visit: (i: number, page: number, p: Look, c: Look) => void): void => {
    const { block, number, index, count, skip } = w;
    for (let k = 0; k < count; k++) {
      const at = skip + k;
      const i = index + k;
      const seen = (w.parent[at * 2 + 1]! | w.child[at * 2 + 1]!) & (PRESENT | SWAPPED);
      if (seen === 0 && block.parent[i] === NONE && block.child[i] === NONE) continue;
      const p = look(w.parent, at, mapping, block.parent[i]!);
      const c = look(w.child, at, mapping, block.child[i]!);
      visit(i, number * BLOCK_PAGES + i, p, c);
      block.parent[i] = p.kind;
      block.child[i] = c.kind;
    }
  };

  return {
    counts,
    first(words, mapping, copied) {
      const { block } = words;
      // Nothing is known of the child yet, and what it has comes from the parent.
      block.child.set(block.parent.subarray(words.index, words.index + words.count), words.index);
      eachPage(words, mapping, (i, page, p, c) => firstPage(block, i, page, mapping, p, c, copied));
    },
    again(words, mapping) {
      eachPage(words, mapping, (i, page, p, c) => nextPage(words.block, i, page, mapping, p, c));
    },
  };
};

/** Forgets the pages of a range, when one process has unmapped it. */
export const forgetPages = (block: Block, { index, count }: BlockPart, side: 'parent' | 'child'): void => {
  block[side].fill(NONE, index, index + count);
  block.shared.fill(0, index, index + count);
};
