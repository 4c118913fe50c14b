/**
 * Everything that a command may touch of the process that it runs in. Commands get an `Io` and use nothing else of the
 * outside, so that a test can run one inside its own process and see all that it printed.
 */
import { writeSync } from 'node:fs';
import { ForklabError, osReason } from '@forklab/core';

export interface Io {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Standard output and standard error are terminals. */
  readonly outTty: boolean;
  readonly errTty: boolean;
  /** Width of the terminal in characters; of a pipe, wide enough that nothing is folded. */
  readonly columns: number;
  /** Aborted by Ctrl-C or a polite kill. Its reason is an `Interrupted`. */
  readonly signal: AbortSignal;
  /** Writes to standard output, and waits until it is taken. Throws `ReaderGone` when nobody reads any more. */
  out(text: string): Promise<void>;
  /** Writes to standard error. What cannot be written there is lost: there is no one left to tell. */
  err(text: string): void;
}

/** Work was stopped from outside. `status` is what the process exits with: 128 and the number of the signal. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  constructor(readonly status: number) {
    super('interrupted');
  }
}

/** Whoever read our standard output has gone, as `head` does. Not an error to speak of. */
export class ReaderGone extends Error {
  override readonly name = 'ReaderGone';
}

/** 128 + SIGPIPE: what a C program in the same place would have ended with. */
export const STATUS_READER_GONE = 141;

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

/** Throws when the user has asked to stop. Long work calls this between its slices. */
export const stopIfAsked = (io: Pick<Io, 'signal'>): void => {
  if (io.signal.aborted) throw io.signal.reason;
};

/** Lets signals and timers have their turn, then throws when the user has asked to stop. */
export const breathe = async (io: Pick<Io, 'signal'>): Promise<void> => {
  await new Promise<void>((resolve) => setImmediate(resolve));
  stopIfAsked(io);
};

const errnoOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

/** The real process. The first signal asks the work to stop; a second one ends the process at once. */
export const processIo = (): Io => {
  const asked = new AbortController();
  for (const [name, status] of Object.entries(SIGNALS)) {
    process.on(name, () => {
      if (asked.signal.aborted) process.exit(status);
      asked.abort(new Interrupted(status));
    });
  }
  // Without a listener, a write to a closed pipe would end the process with a stack trace. `out` reports it.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  return {
    cwd: process.cwd(),
    env: process.env,
    outTty: process.stdout.isTTY === true,
    // A terminal that does not know its width is a recorder, and progress would fill it.
    errTty: process.stderr.isTTY === true && process.stderr.columns > 0,
    columns: process.stdout.isTTY ? process.stdout.columns || 80 : 200,
    signal: asked.signal,
    out: (text) =>
      new Promise((resolve, reject) => {
        process.stdout.write(text, (error) => {
          if (!error) resolve();
          else if (errnoOf(error) === 'EPIPE') reject(new ReaderGone());
          else reject(new ForklabError('FL5004', { path: 'standard output', reason: osReason(error) }));
        });
      }),
    err: (text) => {
      try {
        writeSync(2, text);
      } catch {
        // Nobody reads it.
      }
    },
  };
};

/** Colours are for terminals, unless NO_COLOR or FORCE_COLOR says otherwise. NO_COLOR wins; any text in it counts. */
export const wantsColour = (io: Io, tty = io.outTty): boolean => {
  if (io.env.NO_COLOR) return false;
  if (io.env.FORCE_COLOR && io.env.FORCE_COLOR !== '0') return true;
  return tty && io.env.TERM !== 'dumb';
};
