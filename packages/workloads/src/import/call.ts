/** One line of a log of system calls, whatever wrote it. */

/** A call that returned. Arguments by the names that `perf trace` gives them; text as the log has it. */
export interface Call {
  readonly pid: string;
  readonly name: string;
  readonly args: Readonly<Record<string, string>>;
  /** What it returned: a number, or null for an error and for a call that never returned. */
  readonly result: number | null;
}

/** A call that has not returned. */
export interface Begun {
  readonly pid: string;
  readonly name: string;
  readonly flags: string;
}

/**
 * What a line says. `begun`: the call has not returned when others are heard of, as that of a vfork. `attached`: a child is
 * there. `ended`: a thread, or, with `whole`, its process.
 */
export type Line =
  | { readonly is: 'call'; readonly call: Call }
  | ({ readonly is: 'begun' } & Begun)
  | { readonly is: 'attached'; readonly pid: string; readonly by: Begun | null }
  | { readonly is: 'ended'; readonly pid: string; readonly whole: boolean }
  | { readonly is: 'other' };

/** A number as logs write it: decimal, hexadecimal, or NULL. Null when it is none below 2^53. */
export const numberOf = (text: string | undefined): number | null => {
  const trimmed = text?.trim() ?? '';
  if (trimmed === 'NULL') return 0;
  if (!/^(0x[0-9a-f]{1,16}|\d{1,16})$/i.test(trimmed)) return null;
  const value = Number(trimmed);
  return Number.isSafeInteger(value) ? value : null;
};

/** Flags and rights without the prefix that strace writes and perf leaves out: `MAP_PRIVATE|MAP_FIXED` and `PRIVATE|FIXED`. */
export const wordsOf = (text: string | undefined): ReadonlySet<string> =>
  new Set((text ?? '').split('|').map((word) => word.trim().replace(/^(PROT|MAP|MADV|MREMAP|CLONE)_/, '')));
