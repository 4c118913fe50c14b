/** What fork and faults cost on this kernel, one measurement a call, so that a benchmark can interleave them. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ForklabError } from '@forklab/core';
import { type CompileOptions, compileNative } from './compile.js';

/** Two nanosecond figures of one measurement; see native/probe.c. */
export type ProbePair = readonly [first: number, second: number];

export interface Probe {
  /** `pages` entries copied, then removed, by a plain loop in C. A multiple of 512. */
  loop(pages: number): Promise<ProbePair>;
  /** The fork call over `mib` MiB of written 4 KiB pages, then the child's exit until it is reaped. */
  fork(mib: number): Promise<ProbePair>;
  /** First write to every page of `mib` MiB, then munmap of it. */
  fresh(mib: number): Promise<ProbePair>;
  /** A write to every page that copies it, then one that finds itself alone and reuses it. */
  cow(mib: number): Promise<ProbePair>;
  /** Fork and exit of a process of a few pages. */
  empty(): Promise<ProbePair>;
  close(): void;
}

/**
 * Starts the native probe. Huge pages are off in it.
 * @throws ForklabError FL4001 to FL4004 (it cannot be built here); its methods throw FL4010 (it ended).
 */
export const openProbe = async (options: CompileOptions = {}): Promise<Probe> => {
  const child = spawn(await compileNative('probe', options), [], { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(-500);
  });
  child.stdin.on('error', () => {});
  const waiting: { resolve: (pair: ProbePair) => void; reject: (error: Error) => void }[] = [];
  const lost = () => {
    const reason = complaint.trim() || 'it ended without a word';
    for (const { reject } of waiting.splice(0)) reject(new ForklabError('FL4010', { reason }));
  };
  child.on('error', lost);
  child.on('close', lost);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [first = Number.NaN, second = Number.NaN] = line.split(' ').map(Number);
    waiting.shift()?.resolve([first, second]);
  });
  const ask = (command: string): Promise<ProbePair> =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      if (child.exitCode !== null) lost();
      else child.stdin.write(`${command}\n`);
    });
  return {
    loop: (pages) => ask(`loop ${pages}`),
    fork: (mib) => ask(`fork ${mib}`),
    fresh: (mib) => ask(`fresh ${mib}`),
    cow: (mib) => ask(`cow ${mib}`),
    empty: () => ask('empty'),
    close: () => {
      child.stdin.end();
      child.kill();
    },
  };
};
