/** Watching a process while it forks, and both processes while the child lives. */

import { setTimeout as sleep } from 'node:timers/promises';
import { ForklabError } from '@forklab/core';
import type { AccessGroup } from './access.js';
import { createRecorder } from './access.js';
import { type ChangeCounts, createComparer, noChanges } from './changes.js';
import { type Command, startCommand } from './command.js';
import { compareAll, forgetRanges, isOneAddressSpace, type Look, type Pair } from './compare-processes.js';
import { keepAgain, withDetails } from './keep.js';
import { diffMappings, likeness, type MapChanges } from './map-diff.js';
import { type Mapping, readLiveMaps, readMaps } from './maps.js';
import { openPagemap } from './pagemap.js';
import { isGone, type ProcessFigures, readChildren, readStatus } from './proc.js';
import { checkScanSize, isWorthScanning, type ScanContext } from './scan.js';
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

export interface WatchOptions {
  /** Seconds to wait for the fork, and again for the end of the child. */
  readonly seconds: number;
  /** Milliseconds from the end of one look to the next. */
  readonly intervalMs: number;
  /** A command that makes the process fork. */
  readonly trigger?: readonly string[] | undefined;
}

/** What the scan before the fork left behind. */
export interface Before {
  readonly context: ScanContext;
  readonly all: readonly DetailedMapping[];
  readonly kept: readonly DetailedMapping[];
  readonly figures: ProcessFigures;
}

/** How often the children are looked at while waiting. A look costs some ten microseconds a thread. */
const CHILD_POLL_MS = 2;

/** A child with fewer of its parent's mappings than this runs another program. */
const LIKENESS_MIN = 0.5;

/** The child that was found, with both pagemaps open. */
interface Found {
  readonly child: number;
  readonly pair: Pair;
  readonly close: () => Promise<void>;
}

/** Opens both pagemaps if the child is a fork of the parent that still looks like one; else null. */
const adopt = async (before: Before, child: number): Promise<Found | null> => {
  const { context } = before;
  const parentMap = await openPagemap(context.pid);
  let close = () => parentMap.close();
  try {
    const childMap = await openPagemap(child);
    close = async () => {
      await parentMap.close();
      await childMap.close();
    };
    const pair = { ...context, parent: parentMap, child: childMap };
    const maps = keepAgain(await readMaps(child), before.all);
    const alike = likeness(before.kept, maps) >= LIKENESS_MIN;
    if (alike && !(await isOneAddressSpace(pair, maps))) return { child, pair, close };
  } catch (error) {
    if (!isGone(error)) throw error; // It has ended already.
  }
  await close();
  return null;
};

/** Waits for a child that was not there before. */
const waitForFork = async (
  before: Before,
  options: WatchOptions,
): Promise<Found & { readonly passedOver: number; readonly trigger: Command | null }> => {
  const { pid, signal } = before.context;
  const passed = new Set(await readChildren(pid));
  const known = passed.size;
  const trigger = options.trigger ? await startCommand(options.trigger) : null;
  try {
    const deadline = performance.now() + options.seconds * 1000;
    while (performance.now() < deadline) {
      for (const child of await readChildren(pid)) {
        if (passed.has(child)) continue;
        const found = await adopt(before, child);
        if (found) return { ...found, passedOver: passed.size - known, trigger };
        passed.add(child);
      }
      await sleep(CHILD_POLL_MS, undefined, signal ? { signal } : {});
    }
    throw new ForklabError('FL4108', { pid, seconds: options.seconds, passedOver: passed.size - known });
  } catch (error) {
    await trigger?.stop();
    if (isGone(error)) throw new ForklabError('FL4105', { pid, during: 'waiting for it to fork' });
    throw error;
  }
};

/** Mappings that are looked at: those of both, without those that were too large and empty before the fork. */
const lookedAt = (before: Before, parent: readonly Mapping[], child: readonly Mapping[]): Mapping[] => {
  const skipped = new Set(before.kept.filter((it) => !isWorthScanning(it)).map((it) => `${it.start}-${it.end}`));
  const all = [...parent, ...diffMappings(parent, child).made].sort((a, b) => a.start - b.start);
  const mappings = all.filter((it) => !skipped.has(`${it.start}-${it.end}`));
  checkScanSize(before.context.pid, mappings);
  return mappings;
};

/** Figures of a process that may have ended. */
const figuresOf = (pid: number): Promise<ProcessFigures | null> => readStatus(pid).catch(() => null);

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
    const flags = new Map(kept.map((it) => [it.start, it.smaps.flags]));
    const isCopied = (mapping: Mapping): boolean => {
      const its = flags.get(mapping.start);
      return !mapping.shared && !its?.has('dc') && !its?.has('wf');
    };
    const looked = lookedAt(this.#before, parentMaps, childMaps);
    const groups = await this.#look(looked, (comparer, words, it) => comparer.first(words, it, isCopied(it)));
    this.#mappings = withDetails(parentMaps, keepAgainDetailed(await readSmaps(pid), parentMaps));
    const inherited = this.#mappings.filter((it) => !it.smaps.flags.has('dc'));
    const childChanges = diffMappings(inherited, childMaps);
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
