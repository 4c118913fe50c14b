/**
 * A live process becomes a trace: its mappings, which of its pages are there and of what kind, a fork, and what follows.
 * Nothing of the contents of its memory is read.
 */

import { arch, platform, release } from 'node:os';
import type { Op, Trace } from '@forklab/core';
import { ForklabError } from '@forklab/core';
import { CHILD, PARENT } from './access.js';
import { assumedOps, assumptionText } from './assume.js';
import { startCommand, waitUntilSteady } from './command.js';
import { createFileTable } from './files.js';
import { keep } from './keep.js';
import { layoutOps } from './layout.js';
import { type CaptureOptions, type Checked, checkOptions, checkPid, numberOption } from './options.js';
import { openPagemap, readKernelImage } from './pagemap.js';
import { createDecoder, type PageStore } from './pages.js';
import { type ProcessStatus, procError, readStatus } from './proc.js';
import { coarser, endOps, replayOps } from './replay.js';
import { forkNow, isWorthScanning, scanPages } from './scan.js';
import { type DetailedMapping, readSmaps } from './smaps.js';
import type { CaptureSummary } from './summary.js';
import { compareSums, measuredJson, NOTES, summaryJson, TAKEN, TAKEN_BASENAMES, WATCH_NOTES } from './summary.js';
import { type Watched, watchFork } from './watch.js';

/** A trace and what the capture has to say about it. */
export interface Captured {
  readonly trace: Trace;
  readonly summary: CaptureSummary;
}

/** What was read of the process, before any of it is an operation. */
interface Seen {
  readonly status: ProcessStatus;
  readonly mappings: DetailedMapping[];
  readonly store: PageStore;
  readonly leftOut: CaptureSummary['leftOut'];
  readonly frames: boolean;
  readonly unsure: number;
  readonly watched: Watched | null;
}

/** @throws ForklabError FL4101 on any other system */
export const requireLinux = (system: string): void => {
  if (system !== 'linux') throw new ForklabError('FL4101', { platform: system });
};

/** Status of a process with an address space. @throws ForklabError FL4102, FL4104 */
const statusOf = async (pid: number): Promise<ProcessStatus> => {
  const status = await readStatus(pid).catch((error: unknown) => {
    throw procError(pid, 'status', error);
  });
  if (status.hasMemory) return status;
  const kind = status.state === 'Z' || status.state === 'X' ? 'a process that has exited' : 'a kernel thread';
  throw new ForklabError('FL4104', { pid, kind });
};

/** Runs a step, and says of what the host refused in which file and phase that was. */
const step = async <T>(pid: number, file: string, during: string, run: () => Promise<T>): Promise<T> => {
  try {
    return await run();
  } catch (error) {
    const isHost = error instanceof Error && 'syscall' in error;
    throw isHost ? procError(pid, file, error, during) : error;
  }
};

/** Reads the process, and watches it if that is asked for. */
const look = async (pid: number, options: Checked): Promise<Seen> => {
  const { signal, onProgress, watch, intervalMs, trigger } = options;
  const status = await statusOf(pid);
  await onProgress?.('mappings');
  const all = await step(pid, 'smaps', 'reading its mappings', () => readSmaps(pid));
  const { mappings, leftOut } = keep(pid, all);
  const store: PageStore = new Map();
  const decoder = createDecoder(await readKernelImage());
  const context = { pid, store, decoder, signal };
  await onProgress?.('pages');
  const unsure = await step(pid, 'pagemap', 'reading its pages', async () => {
    const pagemap = await openPagemap(pid);
    const done = scanPages(context, pagemap, mappings.filter(isWorthScanning));
    return done.finally(() => pagemap.close());
  });
  let watched: Watched | null = null;
  if (watch === null) forkNow(store);
  else {
    await onProgress?.('waiting');
    const before = { context, all, kept: mappings, figures: status };
    const watchOptions = { seconds: watch, intervalMs, trigger };
    watched = await step(pid, 'pagemap', 'watching it', () => watchFork(before, watchOptions));
  }
  const seen = { status, store, leftOut, unsure, watched, mappings: watched?.mappings ?? mappings };
  return { ...seen, frames: decoder.frames };
};

const sample = (label: string): Op => ({ op: 'sample', label });

/** The operations after `after-fork`, fewer and coarser until they fit. */
const followUp = (
  pid: number,
  seen: Seen,
  options: Checked,
  room: number,
  declare: () => ReturnType<typeof createFileTable>,
) => {
  const { watched, store, mappings } = seen;
  if (!watched) {
    const ops = assumedOps(store, mappings, options.assume);
    return { ops: fitting(pid, ops, room, options.maxOps), looks: 0 };
  }
  let intervals = watched.intervals;
  for (;;) {
    const ops = replayOps(intervals, declare());
    const joined = coarser(intervals);
    if (ops.length <= room || joined.length === intervals.length) {
      return { ops: fitting(pid, ops, room, options.maxOps), looks: intervals.length };
    }
    intervals = joined;
  }
};

/** @throws ForklabError FL4107 when there are more operations than there is room for */
const fitting = (pid: number, ops: Op[], room: number, max: number): Op[] => {
  if (ops.length <= room) return ops;
  throw new ForklabError('FL4107', { pid, what: 'operations', found: max - room + ops.length, max, option: 'maxOps' });
};

/** Operations that every captured trace has: process, fork, exit, exec, and four samples. */
const FRAME_OPS = 8;

/** Makes the trace of what was seen. */
const build = (pid: number, seen: Seen, options: Checked): Captured => {
  const { watched, mappings, store, status } = seen;
  const files = createFileTable(options.fileNames);
  const base = layoutOps(store, mappings, files, options);
  const room = options.maxOps - FRAME_OPS;
  fitting(pid, base.ops, room, options.maxOps);
  // Each try declares later files anew, so it starts from a table that knows those of the base.
  const declare = () => {
    const table = createFileTable(options.fileNames);
    table.declare(mappings);
    return table;
  };
  const after = followUp(pid, seen, options, room - base.ops.length, declare);
  const ops: Op[] = [
    ...[{ op: 'process', proc: PARENT } as const, ...base.ops, sample('before-fork')],
    ...[{ op: 'fork', proc: PARENT, child: CHILD } as const, sample('after-fork')],
    ...[...after.ops, sample('while-child')],
    ...[...endOps(watched?.childEnd ?? 'exited'), sample('after-exit')],
  ];
  const summary: CaptureSummary = {
    command: status.command,
    operations: ops.length,
    mappings: mappings.length,
    files: files.size,
    pages: base.counts,
    ...compareSums(mappings, base.counts),
    leftOut: seen.leftOut,
    frames: seen.frames,
    unsure: seen.unsure,
    watched: watched && {
      looks: watched.intervals.length,
      looksKept: after.looks,
      seconds: Math.round(watched.seconds * 1000) / 1000,
      childEnd: watched.childEnd,
      passedOver: watched.passedOver,
      pages: watched.counts,
    },
    assumption: watched ? null : assumptionText(options.assume),
    taken: options.fileNames === 'basename' ? TAKEN_BASENAMES : TAKEN,
    notes: watched ? [...NOTES, ...WATCH_NOTES] : NOTES,
  };
  return { trace: { header: header(seen, options, summary), ops }, summary };
};

const header = (seen: Seen, options: Checked, summary: CaptureSummary): Trace['header'] => ({
  forklab: 'trace',
  version: 1,
  name: options.name ?? `capture-${seen.status.command}`,
  ...(options.description === undefined ? {} : { description: options.description }),
  source: {
    kind: 'capture',
    ...{ kernel: release(), arch: arch(), date: new Date().toISOString() },
    ...{ threads: seen.status.threads, thpEnabled: seen.status.thpEnabled },
    ...summaryJson(summary),
    measured: measuredJson(seen.status, seen.watched),
  },
});

/**
 * Captures a live process. It keeps running and is not stopped; what it changes meanwhile may be half in the trace.
 *
 * Needs Linux and ptrace-read rights on the process; frame numbers (root) tell in a watch which side wrote.
 *
 * @throws ForklabError FL4101 elsewhere; FL4102 no such process; FL4103 not readable; FL4104 nothing to read; FL4105 ended
 * meanwhile; FL4106 /proc not understood; FL4107 too large; FL4108 no fork; FL4109 trigger; FL4110 options; FL4111 page size
 */
export const capture = async (pid: number, options: CaptureOptions = {}): Promise<Captured> => {
  requireLinux(platform());
  checkPid(pid);
  const checked = checkOptions(options);
  const seen = await look(pid, checked);
  await checked.onProgress?.('writing');
  return build(pid, seen, checked);
};

/** Options of `captureCommand`. */
export interface CommandOptions extends CaptureOptions {
  /** Seconds for which the resident size must stay the same before the capture. 0 to 3600, default 2. */
  readonly settle?: number;
}

/**
 * Starts a command, waits until it has settled, captures it, and ends it. Its output goes nowhere.
 * @throws ForklabError as `capture`, and FL4109 when the command does not start or ends too early
 */
export const captureCommand = async (argv: readonly string[], options: CommandOptions = {}): Promise<Captured> => {
  requireLinux(platform());
  const { settle = 2, ...rest } = options;
  numberOption('settle', settle, { min: 0, max: 3600, unit: 'seconds' });
  checkOptions(rest);
  const command = await startCommand(argv);
  try {
    await waitUntilSteady(command, argv[0]!, settle, options.signal);
    return await capture(command.pid, rest);
  } finally {
    await command.stop();
  }
};
