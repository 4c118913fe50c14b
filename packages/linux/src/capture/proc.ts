/**
 * Bounded reading of /proc/PID. What stands there is untrusted text: a process chooses its own name and the names of
 * the files that it maps. Lines and sizes are bounded here; what a line may hold is checked where it is parsed.
 */

import { open, readdir, readFile } from 'node:fs/promises';
import { ForklabError, osReason } from '@forklab/core';

/** Most bytes of text that are read from one file of /proc. smaps takes about 750 a mapping. */
const TEXT_BYTES_MAX = 1 << 30;

/** Longest line, in bytes. The kernel prints at most one page, of which a path may be nearly all. */
const LINE_BYTES_MAX = 1 << 16;

const CHUNK_BYTES = 1 << 18;

/** The errno name that a file operation threw, or an empty text. */
const errnoOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

/** Whether the error says that the process is not there (any more). */
export const isGone = (error: unknown): boolean => ['ENOENT', 'ESRCH'].includes(errnoOf(error));

/**
 * What a failed read of `/proc/PID/FILE` means to the user.
 * @returns FL4105 when the process has ended and `during` says in which phase, FL4102 when it never was there, else FL4103.
 */
export const procError = (pid: number, file: string, error: unknown, during?: string): ForklabError => {
  if (error instanceof ForklabError) return error;
  if (isGone(error)) {
    return during === undefined ? new ForklabError('FL4102', { pid }) : new ForklabError('FL4105', { pid, during });
  }
  return new ForklabError('FL4103', { pid, file, reason: osReason(error) }, { cause: error });
};

/** The process is there no more. */
export const gone = (pid: number, during: string): ForklabError => new ForklabError('FL4105', { pid, during });

/**
 * The lines of one file of /proc, as they are read, a list at a time. Bytes are taken as Latin-1: names may hold any
 * byte, and nothing here depends on what they say.
 * @throws whatever the host says, and ForklabError FL4107 past a bound.
 */
export async function* procLines(pid: number, file: string): AsyncGenerator<string[]> {
  const handle = await open(`/proc/${pid}/${file}`, 'r');
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let rest = '';
    let total = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) break;
      total += bytesRead;
      const lines = (rest + buffer.toString('latin1', 0, bytesRead)).split('\n');
      rest = lines.pop()!;
      tooLong(pid, `bytes of ${file}`, total, TEXT_BYTES_MAX);
      tooLong(pid, `bytes in a line of ${file}`, rest.length, LINE_BYTES_MAX);
      yield lines;
    }
    if (rest !== '') yield [rest];
  } finally {
    await handle.close();
  }
}

const tooLong = (pid: number, what: string, found: number, max: number): void => {
  if (found > max) throw new ForklabError('FL4107', { pid, what, found, max, option: 'nothing (the bound is fixed)' });
};

/** What `/proc/PID/status` and `/proc/PID/stat` say of a process, in kB and counts. */
export interface ProcessFigures {
  readonly rssKb: number;
  readonly rssAnonKb: number;
  readonly rssFileKb: number;
  readonly rssShmemKb: number;
  readonly swapKb: number;
  readonly vmPteKb: number;
  readonly threads: number;
  readonly minorFaults: number;
  readonly majorFaults: number;
}

const STATUS_KEYS = {
  VmRSS: 'rssKb',
  RssAnon: 'rssAnonKb',
  RssFile: 'rssFileKb',
  RssShmem: 'rssShmemKb',
  VmSwap: 'swapKb',
  VmPTE: 'vmPteKb',
  Threads: 'threads',
} as const satisfies Record<string, keyof ProcessFigures>;

/** A process as `/proc/PID/status` describes it. */
export interface ProcessStatus extends ProcessFigures {
  /** Its name, made of visible ASCII characters only: at most 15 of them. */
  readonly command: string;
  /** The letter of its state: `Z` is a zombie. */
  readonly state: string;
  /** Whether it has an address space of its own. Kernel threads and zombies have none. */
  readonly hasMemory: boolean;
  /** Whether the kernel may give it transparent huge pages. */
  readonly thpEnabled: boolean;
}

/** A command name that is safe in a file name, in a trace and on a terminal. */
export const safeName = (text: string, max = 15): string =>
  text.replace(/[^A-Za-z0-9._+-]+/g, '_').slice(0, max) || 'unnamed';

/** Fields 10 and 12 of `/proc/PID/stat`, counted behind the name, which may hold blanks and brackets itself. */
export const parseFaults = (stat: string): { readonly minorFaults: number; readonly majorFaults: number } => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { minorFaults: Number(fields[7]) || 0, majorFaults: Number(fields[9]) || 0 };
};

/** Reads the text of `/proc/PID/status`; a line that is absent counts as 0. */
export const parseStatus = (text: string, stat: string): ProcessStatus => {
  const seen = new Map<string, string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    // The first of a name counts: the kernel escapes line ends in the command name, and prints that name first.
    if (colon > 0 && !seen.has(line.slice(0, colon))) seen.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const figures: { -readonly [K in keyof ProcessFigures]: number } = {
    ...{ rssKb: 0, rssAnonKb: 0, rssFileKb: 0, rssShmemKb: 0, swapKb: 0, vmPteKb: 0, threads: 0 },
    ...parseFaults(stat),
  };
  for (const [key, field] of Object.entries(STATUS_KEYS))
    figures[field] = Number.parseInt(seen.get(key) ?? '0', 10) || 0;
  return {
    ...figures,
    command: safeName(seen.get('Name') ?? ''),
    state: (seen.get('State') ?? '?').slice(0, 1),
    hasMemory: seen.has('VmSize'),
    thpEnabled: seen.get('THP_enabled') !== '0',
  };
};

/** Reads status and stat. Throws what the host says. */
export const readStatus = async (pid: number): Promise<ProcessStatus> => {
  const [status, stat] = await Promise.all([
    readFile(`/proc/${pid}/status`, 'latin1'),
    readFile(`/proc/${pid}/stat`, 'latin1'),
  ]);
  return parseStatus(status, stat);
};

/** The children of every thread of a process, as PIDs. Needs CONFIG_PROC_CHILDREN, which distributions set. */
export const readChildren = async (pid: number): Promise<number[]> => {
  const children: number[] = [];
  for (const task of await readdir(`/proc/${pid}/task`)) {
    const text = await readFile(`/proc/${pid}/task/${task}/children`, 'latin1').catch((error: unknown) => {
      if (isGone(error)) return ''; // A thread may end between the two reads.
      throw error;
    });
    for (const word of text.split(' ')) if (/^\d{1,10}$/.test(word)) children.push(Number(word));
  }
  return children;
};
