/** The options of a capture, and checking them. */

import { ForklabError, isName, TOUCH_PATTERNS } from '@forklab/core';
import { type Assumption, DEFAULT_ASSUMPTION } from './assume.js';
import type { FileNames } from './files.js';

/** What a capture may be told. All of it may be left out. */
export interface CaptureOptions {
  /** Names the trace. Default: `capture-` and the name of the process. */
  readonly name?: string;
  readonly description?: string;
  /**
   * Seconds to wait until the process forks, and again until the child ends; 0.1 to 86400. What both write meanwhile
   * goes into the trace. Without it, `assume` says what follows the fork.
   */
  readonly watch?: number;
  /** Milliseconds from one look at the two processes to the next, with `watch`. 1 to 60000, default 100. */
  readonly intervalMs?: number;
  /** A program and its arguments, run once the process is watched, to make it fork. */
  readonly trigger?: readonly string[];
  /** What follows the fork, without `watch`. */
  readonly assume?: Partial<Assumption>;
  /** Most operations of the trace. Default 200000. With `watch`, looks are joined before this is refused. */
  readonly maxOps?: number;
  /** What files are called: `f0`, `f1`, ... (`none`, the default), or with the last part of their path added. */
  readonly fileNames?: FileNames;
  /** Keep the flag `growsdown` of stacks, which the machine does not model. Default false. */
  readonly growsdown?: boolean;
  /** Ends the capture with the reason of the signal. */
  readonly signal?: AbortSignal;
  /** Told what is being done, before it is done. The capture waits for the answer. */
  readonly onProgress?: (stage: CaptureStage) => void | Promise<void>;
}

export type CaptureStage = 'mappings' | 'pages' | 'waiting' | 'writing';

/** Options as a capture uses them. */
export interface Checked extends Omit<CaptureOptions, 'watch'> {
  readonly watch: number | null;
  readonly intervalMs: number;
  readonly assume: Assumption;
  readonly maxOps: number;
  readonly fileNames: FileNames;
  readonly growsdown: boolean;
}

const fail = (option: string, arrived: unknown, expected: string): never => {
  throw new ForklabError('FL4110', { option, arrived, expected });
};

/** The number itself. @throws ForklabError FL4110 unless it lies between `min` and `max` */
export const numberOption = (
  option: string,
  arrived: unknown,
  { min, max, whole = false, unit = '' }: { min: number; max: number; whole?: boolean; unit?: string },
): number => {
  const fits = typeof arrived === 'number' && arrived >= min && arrived <= max && (!whole || Number.isInteger(arrived));
  const kind = whole ? 'a whole number' : 'a number';
  return fits ? arrived : fail(option, arrived, `${kind}${unit && ` of ${unit}`} from ${min} to ${max}`);
};

const ASSUMED_KEYS = Object.keys(DEFAULT_ASSUMPTION);

const checkAssumption = (given: Partial<Assumption> = {}): Assumption => {
  const assume = { ...DEFAULT_ASSUMPTION, ...given };
  const unknown = Object.keys(assume).find((key) => !ASSUMED_KEYS.includes(key));
  if (unknown !== undefined) fail(`assume.${unknown}`, 'set', `one of ${ASSUMED_KEYS.join(', ')}`);
  numberOption('assume.writtenShare', assume.writtenShare, { min: 0, max: 10 });
  numberOption('assume.theta', assume.theta, { min: 0, max: 10 });
  numberOption('assume.seed', assume.seed, { min: 0, max: 2 ** 32 - 1, whole: true });
  if (!TOUCH_PATTERNS.includes(assume.pattern)) fail('assume.pattern', assume.pattern, TOUCH_PATTERNS.join(' or '));
  return assume;
};

/** @throws ForklabError FL4110 when an option does not fit */
export const checkOptions = (options: CaptureOptions): Checked => {
  const { name, watch, intervalMs = 100, maxOps = 200_000, fileNames = 'none', growsdown = false } = options;
  if (name !== undefined && !isName(name)) fail('name', name, 'a name of 1 to 255 visible characters');
  if (watch !== undefined) numberOption('watch', watch, { min: 0.1, max: 86_400, unit: 'seconds' });
  numberOption('intervalMs', intervalMs, { min: 1, max: 60_000, unit: 'milliseconds' });
  numberOption('maxOps', maxOps, { min: 1, max: 2_000_000, whole: true });
  if (fileNames !== 'none' && fileNames !== 'basename') fail('fileNames', fileNames, '"none" or "basename"');
  if (options.trigger !== undefined && watch === undefined)
    fail('trigger', options.trigger, 'used together with watch');
  const assume = checkAssumption(options.assume);
  return { ...options, watch: watch ?? null, intervalMs, assume, maxOps, fileNames, growsdown };
};

/** @throws ForklabError FL4110 when this cannot be a PID */
export const checkPid = (pid: unknown): number => numberOption('pid', pid, { min: 1, max: 2 ** 22, whole: true });
