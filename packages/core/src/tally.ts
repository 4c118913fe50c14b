/** Counting what a table's entries are. */
import { type Frames, KIND_ANON, KIND_FILE } from './frames.js';
import { entryPfn, isPresent, isSwap, SPECIAL } from './pte.js';

/** What a loop over entries has met so far: pages by kind, entries that are not present, entries of any kind. */
export interface Tally {
  anon: number;
  file: number;
  swap: number;
  foreign: number;
  used: number;
}

export const newTally = (): Tally => ({ anon: 0, file: 0, swap: 0, foreign: 0, used: 0 });

/** Counts what a table holds, entry by entry: the slow truth that `anon`, `file` and `used` are checked against. */
export const recountTable = (words: Uint32Array, frames: Frames): Tally => {
  const count = newTally();
  for (let i = 0; i < words.length; i += 2) {
    const lo = words[i]!;
    if (lo === 0 && words[i + 1] === 0) continue;
    count.used++;
    if (!isPresent(lo)) {
      count.foreign++;
      if (isSwap(lo)) count.swap++;
      continue;
    }
    if ((lo & SPECIAL) !== 0) continue;
    const kind = frames.kind(entryPfn(lo, words[i + 1]!));
    if (kind === KIND_ANON) count.anon++;
    else if (kind === KIND_FILE) count.file++;
  }
  return count;
};
