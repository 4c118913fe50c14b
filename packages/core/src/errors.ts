/**
 * Everything that a user can do wrong, in one list of codes. FL1xxx: config and usage. FL2xxx: traces. FL3xxx: plugins.
 * FL4xxx: the host. FL5xxx: reports and other output. FL9xxx: invariants. Prose may change, codes do not.
 *
 * A simulated failure (ENOMEM, SIGSEGV) is a result and never one of these; a mistake of ours is a violation.
 */

import { CAPTURE_ERRORS } from './errors/capture.js';
import type { ErrorEntry, Said } from './errors/entry.js';
import { KERNEL_ERRORS } from './errors/kernel.js';
import { OUTPUT_ERRORS } from './errors/output.js';
import { PLUGIN_ERRORS } from './errors/plugin.js';
import { TRACE_ERRORS } from './errors/trace.js';
import { USAGE_ERRORS } from './errors/usage.js';

export type { ErrorEntry, Said } from './errors/entry.js';

/** Every code. A new area adds its list here; `docs/reference/errors.md` is checked against it. */
export const ERRORS = {
  ...USAGE_ERRORS,
  ...TRACE_ERRORS,
  ...PLUGIN_ERRORS,
  ...KERNEL_ERRORS,
  ...CAPTURE_ERRORS,
  ...OUTPUT_ERRORS,
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** What an error of this code needs to know. */
export type ErrorArgs<C extends ErrorCode> = Parameters<(typeof ERRORS)[C]['say']>[0];

/**
 * An error that a user caused and can mend. The message says what arrived, where, and how to fix it; `what` and `fix`
 * are its two halves. Tests and programs look at `code` and `args`, never at the prose.
 */
export class ForklabError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'ForklabError';
  readonly code: C;
  readonly args: ErrorArgs<C>;
  readonly what: string;
  readonly fix: string;

  constructor(code: C, args: ErrorArgs<C>, options?: { readonly cause?: unknown }) {
    const { what, fix } = (ERRORS[code] as unknown as ErrorEntry<ErrorArgs<C>>).say(args) satisfies Said;
    super(`${code}: ${what}. To fix: ${fix}.`, options);
    this.code = code;
    this.args = args;
    this.what = what;
    this.fix = fix;
  }
}

/** Whether this is a ForklabError, also when another copy of this package made it. */
export const isForklabError = (error: unknown): error is ForklabError =>
  error instanceof ForklabError ||
  (error instanceof Error &&
    error.name === 'ForklabError' &&
    'code' in error &&
    Object.hasOwn(ERRORS, `${error.code}`));
