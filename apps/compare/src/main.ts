/** The `forklab` command: finds the subcommand, loads it alone, and turns what it throws into words and a status. */
import { ForklabError, isForklabError, nearest } from '@forklab/core';
import { parseArgs } from './args.js';
import type { Command } from './commands/command.js';
import { helpOf, overview } from './help.js';
import { Interrupted, type Io, processIo, ReaderGone, STATUS_READER_GONE } from './io.js';
import { ownVersion } from './versions.js';

type Load = () => Promise<{ readonly command: Command }>;

/** Every subcommand, loaded when called, with its sentence for the overview. */
export const COMMANDS: Readonly<Record<string, { readonly about: string; readonly load: Load }>> = {
  compare: {
    about: 'every strategy on every input, side by side; writes the report',
    load: () => import('./commands/compare.js'),
  },
  run: { about: 'traces under one strategy, results as text or JSON', load: () => import('./commands/run.js') },
  check: { about: 'what is wrong with a strategy, as small traces', load: () => import('./commands/check.js') },
  validate: {
    about: 'the classic strategy against the kernel of this machine',
    load: () => import('./commands/validate.js'),
  },
  capture: { about: 'a real process becomes a trace', load: () => import('./commands/capture.js') },
  import: { about: 'a log of system calls becomes a trace', load: () => import('./commands/import.js') },
  dump: { about: 'the page tables after a step', load: () => import('./commands/dump.js') },
  diff: { about: 'the first step at which two strategies differ', load: () => import('./commands/diff.js') },
  bench: {
    about: 'measures the engine, the kernel, and the same loop in C',
    load: () => import('./commands/bench.js'),
  },
  'break-even': {
    about: 'a map of where a strategy stops paying',
    load: () => import('./commands/break-even.js'),
  },
  calibrate: {
    about: 'measures this machine, and fits prices to it',
    load: () => import('./commands/calibrate.js'),
  },
  reproduce: { about: 'published tables beside ours', load: () => import('./commands/reproduce.js') },
  workloads: {
    about: 'the workloads that can be named in place of a trace, with their parameters',
    load: () => import('./commands/workloads.js'),
  },
  doctor: { about: 'what this machine can do', load: () => import('./commands/doctor.js') },
};

/** Runs one command line. Answers the exit status; throws nothing that a user could cause. */
export const main = async (argv: readonly string[], io: Io): Promise<number> => {
  try {
    const [name, ...raw] = argv;
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
      await io.out(overview(COMMANDS));
      return 0;
    }
    if (name === '--version' || name === '-v') {
      await io.out(`${ownVersion()}\n`);
      return 0;
    }
    const known = Object.keys(COMMANDS);
    const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (entry === undefined) throw new ForklabError('FL1001', { arrived: name, guess: nearest(name, known), known });
    const { command } = await entry.load();
    const beforeRest = raw.includes('--') ? raw.slice(0, raw.indexOf('--')) : raw;
    if (beforeRest.includes('--help') || beforeRest.includes('-h')) {
      await io.out(helpOf(command));
      return 0;
    }
    return await command.run(parseArgs(command.name, command.args, raw), io);
  } catch (error) {
    return statusOf(error, io);
  }
};

/** What an error means to whoever called: 2 with a message, or the status of a signal. */
const statusOf = (error: unknown, io: Io): number => {
  if (error instanceof Interrupted) {
    io.err('\nforklab: stopped; nothing was written\n');
    return error.status;
  }
  if (error instanceof ReaderGone) return STATUS_READER_GONE;
  if (isForklabError(error)) {
    io.err(`forklab: ${error.message}\n`);
    return 2;
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  io.err(
    `forklab: this is a mistake of forklab, not of yours. Please report it with the call that caused it.\n${detail}\n`,
  );
  return 2;
};

/** The whole life of the process. */
export const start = async (): Promise<void> => {
  process.exitCode = await main(process.argv.slice(2), processIo());
  // Signal handlers would keep nothing alive, but a reader that never comes back on a pipe might.
  if (process.exitCode === STATUS_READER_GONE) process.exit();
};
