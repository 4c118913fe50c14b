/** Starts the processes that the tests of capture look at. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findCompiler } from '../src/compile.js';

/** Addresses of the ranges that the subject maps. */
export type Places = Record<'heap' | 'shared' | 'file' | 'sealed' | 'spare', number>;

export interface Subject {
  readonly pid: number;
  readonly places: Places;
  stop(): Promise<void>;
}

/** Why the subject cannot run here, or an empty text. */
export const noSubject = async (): Promise<string> => {
  if (process.platform !== 'linux') return 'not Linux';
  return (await findCompiler()) ? '' : 'no C compiler';
};

export const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
};

/** Compiles the subject into a folder of its own. */
export const compileSubject = async (): Promise<{ readonly program: string; remove(): Promise<void> }> => {
  const folder = await mkdtemp(join(tmpdir(), 'forklab-capture-'));
  const program = join(folder, 'subject');
  const source = fileURLToPath(new URL('capture-subject.c', import.meta.url));
  const compiler = spawn((await findCompiler())!.name, ['-O1', '-o', program, source], { stdio: 'inherit' });
  const [status] = (await once(compiler, 'exit')) as [number];
  await chmod(folder, 0o755); // So that another user can run it, too.
  if (status !== 0) throw new Error(`${source} does not compile`);
  return { program, remove: () => rm(folder, { recursive: true }) };
};

/** Starts the subject, as the user `uid` when that is given (which takes root). */
export const startSubject = async (program: string, uid?: number): Promise<Subject> => {
  const user = uid === undefined ? {} : { uid, gid: uid };
  const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'], ...user });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { pid: child.pid!, places: JSON.parse(line) as Places, stop: () => stop(child) };
};
