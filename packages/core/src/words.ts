/** Words for messages: showing what arrived without trusting it, guessing what was meant, naming what the host said. */

/** Longest text that a message repeats, in characters. */
const SHOWN_MAX = 60;

/** Longest word that is compared with others, in characters: the comparison takes the square of it. */
const COMPARED_MAX = 40;

/** Control characters, lone surrogates, and marks that reorder or hide text on a terminal or in a report. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const ALL_UNSAFE = new RegExp(UNSAFE, 'gu');

/** Whether every character of the text can be seen and none is obeyed. */
export const isPlain = (text: string): boolean => !UNSAFE.test(text);

/** The text with every character that a terminal might obey written as `\u{...}`, cut to `max` characters. */
export const plain = (text: string, max = 300): string => {
  const shown = text.length > max ? `${text.slice(0, max)}…` : text;
  return shown.replace(ALL_UNSAFE, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`);
};

/**
 * Any value, shortened and safe to print. Lists and objects are named by size and never walked: what arrived may be
 * nested more deeply than the stack, and may be a hundred megabytes.
 */
export const show = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') {
    const cut = value.slice(0, SHOWN_MAX);
    return plain(cut === value ? JSON.stringify(cut) : `${JSON.stringify(cut)}… (${value.length} characters)`);
  }
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value);
    return keys.length === 0 ? 'an empty object' : `an object with ${keys.length} field${keys.length === 1 ? '' : 's'}`;
  }
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
  return `${typeof value === 'bigint' ? `${plain(String(value), SHOWN_MAX)}n` : Object.is(value, -0) ? '-0' : value}`;
};

/** The words as one phrase: `a, b or c`. */
export const oneOf = (words: readonly string[], last = 'or'): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;

/** Edits (insert, delete, replace, swap neighbours) that turn `a` into `b`. */
const distance = (a: string, b: string): number => {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2]! + 1 : Infinity;
      row.push(Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1), swap));
    }
    before = above;
    above = row;
  }
  return above[b.length]!;
};

/** The one of `words` that was most likely meant by `word`: at most a third of it away, upper and lower case alike. */
export const nearest = (word: string, words: Iterable<string>): string | undefined => {
  const meant = word.slice(0, COMPARED_MAX).toLowerCase();
  let best: string | undefined;
  let edits = Math.max(1, Math.floor(meant.length / 3)) + 1;
  for (const candidate of words) {
    const far = candidate.length > 2 * COMPARED_MAX ? Infinity : distance(meant, candidate.toLowerCase());
    if (far < edits) {
      edits = far;
      best = candidate;
    }
  }
  return best;
};

const REASONS: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EBUSY', 'it is in use'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EEXIST', 'it exists already'],
  ['EFBIG', 'the file would be too large for the file system'],
  ['EIO', 'the device reports an input/output error'],
  ['EISDIR', 'it is a directory'],
  ['ELOOP', 'too many symbolic links'],
  ['EMFILE', 'too many files are open'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['ENOENT', 'no such file or directory'],
  ['ENOSPC', 'the disk is full'],
  ['ENOTDIR', 'a part of the path is not a directory'],
  ['EPERM', 'the operation is not permitted'],
  ['EROFS', 'the file system is read-only'],
]);

/** What the host said, in words and with its errno name, for any error that a file operation threw. */
export const osReason = (error: unknown): string => {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  const reason = REASONS.get(code);
  if (reason !== undefined) return `${reason} (${code})`;
  return plain(error instanceof Error ? error.message : String(error), 120) || 'no reason was given';
};
