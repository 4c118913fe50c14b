/** One runner process (`native/runner.c`) and the conversation with it. */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { getSystemErrorName } from 'node:util';
import { ForklabError } from '@forklab/core';
import { type CompileOptions, compileNative } from './compile.js';
import { ANSWER, type Answer, answerDecoder } from './wire.js';

export type RunnerOptions = CompileOptions;

/** What the runner said about one trace: every answer, the last of which is `done` or `fatal`. */
export interface Conversation {
  readonly answers: readonly Answer[];
  /** Set when the runner ended without a last answer. */
  readonly ended?: string;
}

/** A runner process. It does one trace at a time. */
export interface RunnerProcess {
  /** It can have a swap device: it is root, and the kernel has zram. */
  readonly swap: boolean;
  converse(chunks: Iterable<Uint8Array>, timeoutMs: number): Promise<Conversation>;
  close(): Promise<void>;
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

const READY_TIMEOUT_MS = 20_000;
/** The runner keeps the time itself. This much later it is ended from here. */
const GRACE_MS = 5_000;

const isLast = (answer: Answer): boolean => answer.kind === ANSWER.done || answer.kind === ANSWER.fatal;

/** Collects answers of one conversation at a time. */
const listener = (child: Child) => {
  const decode = answerDecoder();
  let answers: Answer[] = [];
  let until: (answer: Answer) => boolean = isLast;
  let settle: ((conversation: Conversation) => void) | undefined;
  let ended: string | undefined;
  const finish = (): void => {
    const done = settle;
    settle = undefined;
    done?.(ended === undefined ? { answers } : { answers, ended });
  };
  child.stdout.on('data', (chunk: Buffer) => {
    const fresh = decode(chunk);
    for (const answer of fresh) answers.push(answer);
    if (fresh.some(until)) finish();
  });
  const end = (how: string): void => {
    ended ??= how;
    finish();
  };
  child.on('error', (error) => end(error.message));
  child.on('close', (code, signal) => end(signal ? `it was ended by ${signal}` : `it ended with status ${code}`));
  // A runner that died breaks the pipe; what ended it is reported by `close`.
  child.stdin.on('error', () => {});
  return (last: (answer: Answer) => boolean, timeoutMs: number): Promise<Conversation> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
      answers = [];
      until = last;
      settle = (conversation) => {
        clearTimeout(timer);
        resolve(conversation);
      };
      if (ended !== undefined) finish();
    });
};

/** `closed` stands for a runner that died and will not read on. */
const send = async (child: Child, closed: Promise<void>, chunks: Iterable<Uint8Array>): Promise<void> => {
  child.stdin.cork();
  for (const chunk of chunks) {
    if (child.stdin.destroyed) return;
    if (child.stdin.write(chunk)) continue;
    child.stdin.uncork();
    await new Promise<void>((resolve) => {
      child.stdin.once('drain', resolve);
      void closed.then(resolve);
    });
    child.stdin.cork();
  }
  child.stdin.uncork();
};

const close = async (child: Child): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.stdin.end();
  const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await once(child, 'close');
  clearTimeout(timer);
};

/** @throws ForklabError FL4005 when it does not come up, and whatever `compileNative` throws. */
export const startRunner = async (options: RunnerOptions = {}): Promise<RunnerProcess> => {
  const [runner, subject] = await Promise.all([compileNative('runner', options), compileNative('subject', options)]);
  const child = spawn(runner, [subject], { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const listen = listener(child);
  const { answers, ended } = await listen((answer) => answer.kind === ANSWER.ready || isLast(answer), READY_TIMEOUT_MS);
  const first = answers[0];
  if (first?.kind !== ANSWER.ready) {
    child.kill('SIGKILL');
    throw new ForklabError('FL4005', { reason: ended ?? getSystemErrorName(-(first?.values[1] ?? 0)) });
  }
  return {
    swap: first.values[1] === 1,
    converse: async (chunks, timeoutMs) => {
      const heard = listen(isLast, timeoutMs + GRACE_MS);
      await send(child, closed, chunks);
      return heard;
    },
    close: () => close(child),
  };
};
