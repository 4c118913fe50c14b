/** Watching a process while it forks, and both processes while the child lives. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { AccessGroup } from './access.js';
import { createRecorder } from './access.js';
import { type ChangeCounts, createComparer, noChanges } from './changes.js';
import { compareAll, forgetRanges, type Look } from './compare-processes.js';
import { type Before, type Found, LIKENESS_MIN, type WatchOptions, waitForFork } from './fork-wait.js';
import { keepAgain, withDetails } from './keep.js';
import { diffMappings, likeness, type MapChanges } from './map-diff.js';
import { type Mapping, readLiveMaps, readMaps } from './maps.js';
import { isGone, type ProcessFigures, type ProcessStatus, readStatus } from './proc.js';
import { checkScanSize, forkNow, isWorthScanning } from './scan.js';
import { type DetailedMapping, readSmaps } from './smaps.js';

/** What happened between two looks. */
export interface Interval {
  /** Milliseconds from the moment at which the child was seen. */
  readonly untilMs: number;
  readonly parentMaps: MapChanges;
  readonly childMaps: MapChanges;
  readonly groups: AccessGroup[];
}

/** All that a watch found. */
export interface Watched {
  /** The mappings of the parent at the first look after the fork. */
  readonly mappings: DetailedMapping[];
  readonly intervals: Interval[];
  readonly counts: ChangeCounts;
  /** How the watch ended: the child exited, ran another program, or outlived it. */
  readonly childEnd: 'exited' | 'exec' | 'outlived';
  /** Children that were passed over: they ran another program, or in the memory of the parent. */
  readonly passedOver: number;
  readonly seconds: number;
  readonly figures: WatchFigures;
}

/** What status says of both processes, at three moments. */
export interface WatchFigures {
  readonly parentBefore: ProcessFigures;
  parentAfterFork: ProcessFigures;
  childAfterFork: ProcessFigures | null;
  /** At the last look at which the child lived. */
  parentLast: ProcessFigures;
  childLast: ProcessFigures | null;
}

/** Mappings that are looked at: those of both, without those that were too large and empty before the fork. */
const lookedAt = (before: Before, parent: readonly Mapping[], child: readonly Mapping[]): Mapping[] => {
  const skipped = new Set(before.kept.filter((it) => !isWorthScanning(it)).map((it) => `${it.start}-${it.end}`));
  const all = [...parent, ...diffMappings(parent, child).made].sort((a, b) => a.start - b.start);
  const mappings = all.filter((it) => !skipped.has(`${it.start}-${it.end}`));
  checkScanSize(before.context.pid, mappings);
  return mappings;
};

/** Figures of a process that may have ended. */
const figuresOf = (pid: number): Promise<ProcessStatus | null> => readStatus(pid).catch(() => null);

/**
 * Waits for a fork and follows both processes until the child ends.
 * @throws ForklabError FL4105 when the parent ends, FL4108 when it does not fork in time, FL4109 for the trigger
 */
export const watchFork = async (before: Before, options: WatchOptions): Promise<Watched> => {
  const found = await waitForFork(before, options);
  try {
    const watch = new Watch(before, options, found);
    await watch.first();
    while (await watch.next());
    return watch.result(found.passedOver);
  } finally {
    await found.close();
    await found.trigger?.stop();
  }
};

/** One watch under way. A class, since each look needs all that the looks before it have learnt. */
class Watch {
  readonly #before: Before;
  readonly #options: WatchOptions;
  readonly #found: Found;
  readonly #began = performance.now();
  readonly #intervals: Interval[] = [];
  readonly #counts = noChanges();
  readonly #figures: WatchFigures;
  #mappings: DetailedMapping[] = [];
  #parentMaps: readonly Mapping[] = [];
  #childMaps: readonly Mapping[] = [];
  #childEnd: Watched['childEnd'] = 'exited';

  constructor(before: Before, options: WatchOptions, found: Found) {
    const { figures } = before;
    this.#before = before;
    this.#options = options;
    this.#found = found;
    this.#figures = {
      ...{ parentBefore: figures, parentAfterFork: figures, parentLast: figures },
      ...{ childAfterFork: null, childLast: null },
    };
  }

  /** The first look: finds what the fork found, and what happened since. */
  async first(): Promise<void> {
    const { context, all, kept } = this.#before;
    const { pid, store } = context;
    const figures = await Promise.all([figuresOf(pid), figuresOf(this.#found.child)]);
    const parentMaps = keepAgain(await readLiveMaps(pid, 'watching it'), all);
    const childMaps = keepAgain(await this.#readChildMaps(), all);
    forgetRanges(store, diffMappings(kept, parentMaps).gone, 'parent');
    forkNow(store); // What the look does not get to, as the child may end before, was there before the fork.
    const flags = new Map(kept.map((it) => [it.start, it.smaps.flags]));
    const isCopied = (mapping: Mapping): boolean => {
      const its = flags.get(mapping.start);
      return !mapping.shared && !its?.has('dc') && !its?.has('wf');
    };
    const looked = lookedAt(this.#before, parentMaps, childMaps);
    const groups = await this.#look(looked, (comparer, words, it) => comparer.first(words, it, isCopied(it)));
    this.#mappings = withDetails(parentMaps, await readSmaps(pid));
    const inherited = this.#mappings.filter((it) => !it.smaps.flags.has('dc'));
    const childChanges = childMaps.length > 0 ? diffMappings(inherited, childMaps) : NO_CHANGES;
    this.#push({ parentMaps: NO_CHANGES, childMaps: childChanges, groups });
    this.#parentMaps = parentMaps;
    this.#childMaps = childMaps;
    this.#figures.parentAfterFork = figures[0] ?? this.#figures.parentAfterFork;
    this.#figures.childAfterFork = figures[1];
    this.#figures.parentLast = this.#figures.parentAfterFork;
    this.#figures.childLast = figures[1];
  }

  /** A later look. False when it was the last. */
  async next(): Promise<boolean> {
    const { context, all } = this.#before;
    const { intervalMs, seconds } = this.#options;
    await sleep(intervalMs, undefined, context.signal ? { signal: context.signal } : {});
    const [parent, child] = await Promise.all([figuresOf(context.pid), figuresOf(this.#found.child)]);
    const maps = keepAgain(await readLiveMaps(context.pid, 'watching it'), all);
    const childMaps = keepAgain(await this.#readChildMaps(), all);
    if (childMaps.length === 0) return false;
    if (likeness(this.#childMaps, childMaps) < LIKENESS_MIN) {
      this.#childEnd = 'exec';
      return false;
    }
    const parentChanges = diffMappings(this.#parentMaps, maps);
    const childChanges = diffMappings(this.#childMaps, childMaps);
    forgetRanges(context.store, parentChanges.gone, 'parent');
    forgetRanges(context.store, childChanges.gone, 'child');
    const looked = lookedAt(this.#before, maps, childMaps);
    const groups = await this.#look(looked, (comparer, words, it) => comparer.again(words, it));
    this.#push({ parentMaps: parentChanges, childMaps: childChanges, groups });
    this.#parentMaps = maps;
    this.#childMaps = childMaps;
    if (parent) this.#figures.parentLast = parent;
    if (child?.hasMemory) this.#figures.childLast = child;
    const isLate = performance.now() - this.#began > seconds * 1000;
    if (isLate) this.#childEnd = 'outlived';
    return !isLate;
  }

  async #look(mappings: readonly Mapping[], look: Look): Promise<AccessGroup[]> {
    const recorder = createRecorder();
    const comparer = createComparer(this.#before.context.decoder, recorder);
    await compareAll(this.#found.pair, comparer, mappings, recorder.begin, look);
    for (const key of Object.keys(this.#counts) as (keyof ChangeCounts)[]) this.#counts[key] += comparer.counts[key];
    return recorder.end();
  }

  /** None when the child has ended. */
  async #readChildMaps(): Promise<Mapping[]> {
    return readMaps(this.#found.child).catch((error: unknown) => {
      if (isGone(error)) return [];
      throw error;
    });
  }

  #push(interval: Omit<Interval, 'untilMs'>): void {
    this.#intervals.push({ ...interval, untilMs: performance.now() - this.#began });
  }

  result(passedOver: number): Watched {
    return {
      mappings: this.#mappings,
      intervals: this.#intervals,
      counts: this.#counts,
      childEnd: this.#childEnd,
      passedOver,
      seconds: (performance.now() - this.#began) / 1000,
      figures: this.#figures,
    };
  }
}

const NO_CHANGES: MapChanges = { gone: [], made: [], protectedAnew: [] };
