/** A native program that answers each line with a line of two figures, so that whoever measures can interleave. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ForklabError } from '@forklab/core';
import { type CompileOptions, compileNative, type NativeProgram } from './compile.js';

/** Two nanosecond figures of one measurement. */
export type ProbePair = readonly [first: number, second: number];

export interface LineProgram {
  /** Throws FL4010 when the program has ended. */
  ask(command: string): Promise<ProbePair>;
  close(): void;
}

/** Compiles it, if need be, and starts it. @throws ForklabError FL4001 to FL4004 (it cannot be built here). */
export const openLineProgram = async (program: NativeProgram, options: CompileOptions = {}): Promise<LineProgram> => {
  const child = spawn(await compileNative(program, options), [], { stdio: ['pipe', 'pipe', 'pipe'] });
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
  return {
    ask: (command) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        if (child.exitCode !== null) lost();
        else child.stdin.write(`${command}\n`);
      }),
    close: () => {
      child.stdin.end();
      child.kill();
    },
  };
};
