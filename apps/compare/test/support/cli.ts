/** Runs the command for tests: in this process with an `Io` of its own, or the built program in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Io } from '../../src/io.js';
import { main } from '../../src/main.js';

export const APP = fileURLToPath(new URL('../..', import.meta.url));
export const PUBLISHED = join(APP, 'traces/published');

/** An empty folder outside the repository, gone when the test is over. */
export const scratch = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'forklab-test-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};

export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process, as if in a pipe. `env` is all of its environment. */
export const forklab = async (argv: readonly string[], cwd: string, env: Io['env'] = {}): Promise<Ran> => {
  const seen = { out: '', err: '' };
  const io: Io = {
    cwd,
    env,
    outTty: false,
    errTty: false,
    columns: 200,
    signal: new AbortController().signal,
    out: async (text) => {
      seen.out += text;
    },
    err: (text) => {
      seen.err += text;
    },
  };
  const status = await main(argv, io);
  return { status, ...seen };
};

const newest = (dir: string): number =>
  Math.max(
    ...readdirSync(dir, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => statSync(join(dir, name)).mtimeMs),
  );

/** The built program. A stale one would test yesterday's code, so that is an error, too. */
export const program = (): string => {
  const path = join(APP, 'dist/cli.js');
  if (!existsSync(path)) throw new Error(`${path} is missing: run npm run build first`);
  if (statSync(path).mtimeMs < newest(join(APP, 'src'))) throw new Error(`${path} is older than src: build it again`);
  return path;
};

/** Starts the built program under a shell line in which `$FORKLAB` stands for it. */
export const shell = (line: string, cwd: string): ChildProcess =>
  spawn('bash', ['-c', line], {
    cwd,
    env: { PATH: process.env.PATH, FORKLAB: `${process.execPath} ${program()}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

/** Waits for a process and collects what it printed. */
export const finished = (child: ChildProcess): Promise<Ran> =>
  new Promise((resolve, reject) => {
    let out = '';
    let err = '';
    child.stdout?.on('data', (data: Buffer) => {
      out += data.toString('utf8');
    });
    child.stderr?.on('data', (data: Buffer) => {
      err += data.toString('utf8');
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ status: code ?? (signal ? -1 : 0), out, err }));
  });

/** A trace of a few milliseconds: two tables, a fork, writes on both sides. */
export const SMALL = `${[
  { forklab: 'trace', version: 1, name: 'small' },
  { op: 'process', proc: 'p' },
  { op: 'mmap', proc: 'p', addr: '0x100000000000', length: '4MiB', prot: 'rw-', flags: ['private', 'anonymous'] },
  { op: 'write', proc: 'p', addr: '0x100000000000', length: '4MiB' },
  { op: 'fork', proc: 'p', child: 'c' },
  { op: 'sample', label: 'forked' },
  { op: 'write', proc: 'p', addr: '0x100000000000', length: 8192 },
  { op: 'exit', proc: 'c' },
  { op: 'write', proc: 'p', addr: '0x100000000000', length: '4MiB' },
]
  .map((line) => JSON.stringify(line))
  .join('\n')}\n`;
