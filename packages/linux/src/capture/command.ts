/** Commands that a capture runs: the one it captures, and the trigger of a watch. No shell is involved. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { ForklabError } from '@forklab/core';
import { readStatus } from './proc.js';

/** Bytes of the last error output of a command that an error repeats. */
const OUTPUT_MAX = 500;

/** Milliseconds that a command gets to end after SIGTERM, before SIGKILL. */
const GRACE_MS = 3000;

/** A command that was started. */
export interface Command {
  readonly pid: number;
  /** Whether it has ended. */
  ended(): boolean;
  /** Whether it has ended with a failure. */
  failed(): boolean;
  /** How it ended, with the last of what it printed on its error output, as the second half of a sentence. */
  how(): string;
  /** Ends it, gently first, and waits for that. */
  stop(): Promise<void>;
}

const describeEnd = (child: ChildProcess, output: string): string => {
  const { exitCode, signalCode } = child;
  const how = signalCode ? `it was ended by ${signalCode}` : `it exited with status ${exitCode}`;
  return output.trim() === '' ? how : `${how}: ${output.trim()}`;
};

const stopChild = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await ended;
  clearTimeout(timer);
};

/** Starts a program with its arguments. @throws ForklabError FL4109 when that fails */
export const startCommand = async (argv: readonly string[]): Promise<Command> => {
  const [file, ...args] = argv;
  if (file === undefined || argv.some((word) => typeof word !== 'string' || word.includes('\0'))) {
    const expected = 'a program and its arguments, at least one word';
    throw new ForklabError('FL4110', { option: 'command', arrived: argv, expected });
  }
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.setEncoding('latin1').on('data', (text: string) => {
    output = (output + text).slice(-OUTPUT_MAX);
  });
  await Promise.race([once(child, 'spawn'), once(child, 'error')]).catch((error: unknown) => {
    const problem = error instanceof Error ? error.message : String(error);
    throw new ForklabError('FL4109', { command: file, problem: `it cannot be started: ${problem}` }, { cause: error });
  });
  return {
    pid: child.pid!,
    ended: () => child.exitCode !== null || child.signalCode !== null,
    failed: () => child.signalCode !== null || (child.exitCode ?? 0) !== 0,
    how: () => describeEnd(child, output),
    stop: () => stopChild(child),
  };
};

/** How often the resident size is looked at, and how long at most until it must be steady. Milliseconds. */
const LOOK_MS = 100;
const STEADY_MS_MAX = 600_000;

/** Changes smaller than both of these count as steady. */
const STEADY_KB = 256;
const STEADY_SHARE = 0.01;

/**
 * Waits until the resident size of a command stays the same for `settle` seconds.
 * @throws ForklabError FL4109 when it ends before, or grows and shrinks for ten minutes
 */
export const waitUntilSteady = async (
  command: Command,
  name: string,
  settle: number,
  signal?: AbortSignal,
): Promise<void> => {
  const began = performance.now();
  let since = began;
  let rss = -1;
  for (;;) {
    const status = await readStatus(command.pid).catch(() => null);
    if (command.ended() || status === null || !status.hasMemory) {
      await sleep(LOOK_MS); // Its last words may still be on their way.
      throw new ForklabError('FL4109', { command: name, problem: `${command.how()} before it could be captured` });
    }
    const now = performance.now();
    if (Math.abs(status.rssKb - rss) > Math.max(STEADY_KB, rss * STEADY_SHARE)) {
      rss = status.rssKb;
      since = now;
    }
    if (now - since >= settle * 1000) return;
    if (now - began > STEADY_MS_MAX) {
      const problem = `its resident size did not stay within 1 % for ${settle} s`;
      throw new ForklabError('FL4109', { command: name, problem });
    }
    await sleep(LOOK_MS, undefined, signal ? { signal } : {});
  }
};
