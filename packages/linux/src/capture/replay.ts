/** What a watch found, as the operations that follow the fork. */

import type { Op } from '@forklab/core';
import { type AccessGroup, CHILD, DONTNEED, groupOps, PARENT, SWAPOUT } from './access.js';
import type { FileTable } from './files.js';
import { mapChangeOps } from './map-diff.js';
import type { Mapping } from './maps.js';
import type { Runs } from './pages.js';
import type { Interval, Watched } from './watch.js';

/** The operations of one interval: mappings first, for the pages are those of the new ones. */
export const intervalOps = ({ parentMaps, childMaps, groups, untilMs }: Interval, files: FileTable): Op[] => {
  const ops = [
    ...mapChangeOps(PARENT, parentMaps, files),
    ...mapChangeOps(CHILD, childMaps, files),
    ...groups.flatMap((group) => groupOps(group)),
  ];
  const [first, ...rest] = ops;
  return first ? [{ ...first, note: `seen ${Math.round(untilMs)} ms after the fork` }, ...rest] : [];
};

/** Both run lists in one. */
export const mergeRuns = (a: Runs, b: Runs): Runs => {
  const merged: Runs = [];
  const add = (page: number, pages: number): void => {
    const last = merged.length - 2;
    const end = last < 0 ? -1 : merged[last]! + merged[last + 1]!;
    if (page > end) merged.push(page, pages);
    else merged[last + 1] = Math.max(end, page + pages) - merged[last]!;
  };
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const fromA = j >= b.length || (i < a.length && a[i]! <= b[j]!);
    if (fromA) add(a[i]!, a[i + 1]!);
    else add(b[j]!, b[j + 1]!);
    if (fromA) i += 2;
    else j += 2;
  }
  return merged;
};

const changesNothing = ({ gone, made, protectedAnew }: Interval['parentMaps']): boolean =>
  gone.length + made.length + protectedAnew.length === 0;

/** Whether an interval may be joined to the one before: only where the order of the two makes no difference. */
const isJoinable = ({ parentMaps, childMaps, groups }: Interval): boolean =>
  changesNothing(parentMaps) &&
  changesNothing(childMaps) &&
  groups.every(({ action }) => action !== DONTNEED && action !== SWAPOUT);

const keyOf = ({ proc, action }: AccessGroup, { start }: Mapping): string => `${proc} ${action} ${start}`;

/** Two intervals as one. */
const joined = (a: Interval, b: Interval): Interval => {
  const groups = new Map<string, AccessGroup>();
  for (const group of [...a.groups, ...b.groups]) {
    const key = keyOf(group, group.mapping);
    const had = groups.get(key);
    groups.set(key, had ? { ...group, runs: mergeRuns(had.runs, group.runs) } : group);
  }
  const ordered = [...groups.values()].sort((x, y) => x.mapping.start - y.mapping.start || x.action - y.action);
  return { ...a, untilMs: b.untilMs, groups: ordered };
};

/** Every second interval joined to the one before it, where that is possible. */
export const coarser = (intervals: readonly Interval[]): Interval[] => {
  const result: Interval[] = [];
  for (let i = 0; i < intervals.length; i++) {
    const [a, b] = [intervals[i]!, intervals[i + 1]];
    if (b && isJoinable(b)) {
      result.push(joined(a, b));
      i++;
    } else result.push(a);
  }
  return result;
};

/** The operations after the fork, up to the end of the child. */
export const replayOps = (intervals: readonly Interval[], files: FileTable): Op[] =>
  intervals.flatMap((interval) => intervalOps(interval, files));

/** How the child ends. One that outlived the watch ends with it. */
export const endOps = (childEnd: Watched['childEnd']): Op[] => [
  ...(childEnd === 'exec' ? [{ op: 'exec', proc: CHILD } as const] : []),
  { op: 'exit', proc: CHILD },
];
