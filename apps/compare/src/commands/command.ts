/** What a command of `forklab` is. */
import type { ArgsDef } from 'citty';
import type { Args, Example } from '../args.js';
import type { Io } from '../io.js';

export interface Command {
  readonly name: string;
  /** One sentence, for the list of commands and the head of the help. */
  readonly about: string;
  /** More that a user needs to know, in paragraphs. */
  readonly more?: string;
  readonly args: ArgsDef;
  /** At least one. */
  readonly examples: readonly Example[];
  /** Does it, and answers the exit status: 0 fine, 1 ran and found something, 2 is thrown as a ForklabError. */
  run(args: Args, io: Io): Promise<number>;
}

/** Options that several commands have. */
export const STRATEGY_ARG = {
  type: 'string',
  valueHint: 'NAME',
  description: 'a strategy: a name, a package, a path, NAME:key=value, or A+B; default classic',
} as const;
export const CHECK_ARG = {
  type: 'boolean',
  description: 'check every invariant after each operation, and every TLB entry; slow',
} as const;
export const KERNEL_ARG = {
  type: 'string',
  valueHint: '6.18|6.1',
  description: 'the kernel that the classic strategy answers as; default 6.18',
} as const;
