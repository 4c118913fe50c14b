/** How the mappings of one process changed between two looks, as operations of a trace. */

import type { Op } from '@forklab/core';
import type { Proc } from './access.js';
import type { FileTable } from './files.js';
import { mmapOp } from './layout.js';
import type { Mapping } from './maps.js';

interface Range {
  readonly start: number;
  readonly end: number;
}

/** What happened to the mappings. */
export interface MapChanges {
  /** Ranges that are mapped no more, or otherwise than before. */
  readonly gone: Range[];
  /** Mappings that are new, cut to what is new of them. */
  readonly made: Mapping[];
  /** Mappings whose rights changed, cut likewise. */
  readonly protectedAnew: Mapping[];
}

/** The part of a mapping from `start` to `end`. */
export const cut = <T extends Mapping>(mapping: T, start: number, end: number): T => ({
  ...mapping,
  start,
  end,
  offset: mapping.fileKey === null ? 0 : mapping.offset + start - mapping.start,
});

/** Whether both map the same thing at the same place; rights and size aside. */
const sameThing = (a: Mapping, b: Mapping): boolean =>
  a.shared === b.shared && a.fileKey === b.fileKey && (a.fileKey === null || a.offset - a.start === b.offset - b.start);

/** Walks two lists in ascending order and calls `visit` for every range within which neither changes. */
const sweep = (
  before: readonly Mapping[],
  after: readonly Mapping[],
  visit: (range: Range, was: Mapping | undefined, is: Mapping | undefined) => void,
): void => {
  const edges = new Set<number>();
  for (const { start, end } of [...before, ...after]) edges.add(start).add(end);
  const sorted = [...edges].sort((a, b) => a - b);
  let i = 0;
  let j = 0;
  for (let k = 0; k + 1 < sorted.length; k++) {
    const range = { start: sorted[k]!, end: sorted[k + 1]! };
    while (i < before.length && before[i]!.end <= range.start) i++;
    while (j < after.length && after[j]!.end <= range.start) j++;
    const covering = (it: Mapping | undefined) => (it && it.start <= range.start ? it : undefined);
    visit(range, covering(before[i]), covering(after[j]));
  }
};

/** The differences of two lists in ascending order. */
export const diffMappings = (before: readonly Mapping[], after: readonly Mapping[]): MapChanges => {
  const gone: Range[] = [];
  const made: Mapping[] = [];
  const protectedAnew: Mapping[] = [];
  const from = new Map<Mapping, Mapping>(); // Pieces by the mapping they are cut from, so that neighbours join.
  const join = (list: Mapping[], whole: Mapping, { start, end }: Range): void => {
    const last = list.at(-1);
    if (last && last.end === start && from.get(last) === whole) list.pop();
    const piece = cut(whole, last && last.end === start && from.get(last) === whole ? last.start : start, end);
    from.set(piece, whole);
    list.push(piece);
  };
  sweep(before, after, (range, was, is) => {
    const same = was !== undefined && is !== undefined && sameThing(was, is);
    if (was !== undefined && !same) {
      const last = gone.at(-1);
      if (last?.end === range.start) gone[gone.length - 1] = { start: last.start, end: range.end };
      else gone.push(range);
    }
    if (is !== undefined && !same) join(made, is, range);
    if (same && was.prot !== is.prot) join(protectedAnew, is, range);
  });
  return { gone, made, protectedAnew };
};

/** The operations that change the mappings of a process accordingly. */
export const mapChangeOps = (proc: Proc, { gone, made, protectedAnew }: MapChanges, files: FileTable): Op[] => [
  ...gone.map(({ start, end }): Op => ({ op: 'munmap', proc, addr: start, length: end - start })),
  ...files.declare(made),
  ...made.map((mapping) => mmapOp(proc, files, mapping)),
  ...protectedAnew.map(
    ({ start, end, prot }): Op => ({ op: 'mprotect', proc, addr: start, length: end - start, prot }),
  ),
];

/** How much of `before` is still mapped the same way in `after`: 1 is all of it. Counted in mappings. */
export const likeness = (before: readonly Mapping[], after: readonly Mapping[]): number => {
  const byStart = new Map(after.map((it) => [it.start, it]));
  const kept = before.filter((it) => {
    const other = byStart.get(it.start);
    return other !== undefined && sameThing(it, other);
  });
  return before.length === 0 ? 0 : kept.length / before.length;
};
