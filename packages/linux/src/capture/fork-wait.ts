/** Waiting until a process forks, and telling a fork from other ways to get a child. */

import { setTimeout as sleep } from 'node:timers/promises';
import { ForklabError } from '@forklab/core';
import { type Command, startCommand } from './command.js';
import { isOneAddressSpace, type Pair } from './compare-processes.js';
import { keepAgain } from './keep.js';
import { likeness } from './map-diff.js';
import { readMaps } from './maps.js';
import { openPagemap } from './pagemap.js';
import { isGone, type ProcessFigures, readChildren } from './proc.js';
import type { ScanContext } from './scan.js';
import type { DetailedMapping } from './smaps.js';

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
export const LIKENESS_MIN = 0.5;

/** The child that was found, with both pagemaps open. */
export interface Found {
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
export const waitForFork = async (
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
      if (trigger?.failed())
        throw new ForklabError('FL4109', { command: options.trigger![0]!, problem: trigger.how() });
      await sleep(CHILD_POLL_MS, undefined, signal ? { signal } : {});
    }
    throw new ForklabError('FL4108', { pid, seconds: options.seconds, passedOver: passed.size - known });
  } catch (error) {
    await trigger?.stop();
    if (isGone(error)) throw new ForklabError('FL4105', { pid, during: 'waiting for it to fork' });
    throw error;
  }
};
