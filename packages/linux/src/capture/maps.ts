/**
 * `/proc/PID/maps`: the mappings of a process.
 *
 * @kernel fs/proc/task_mmu.c show_map_vma(), release 6.18
 */

import type { Prot } from '@forklab/core';
import { ForklabError } from '@forklab/core';
import { gone, procLines } from './proc.js';

/** One VMA. Addresses and lengths in bytes. */
export interface Mapping {
  readonly start: number;
  readonly end: number;
  readonly prot: Prot;
  readonly shared: boolean;
  /** Where in the file it starts; 0 for anonymous memory. */
  readonly offset: number;
  /** Device and inode: the same for two mappings of one file. Null for anonymous memory. */
  readonly fileKey: string | null;
  /** What the kernel prints last: a path or a name in brackets. Untrusted; never written to a trace. */
  readonly path: string;
}

/** First address past the user half of a four-level address space. */
export const USER_END = 2 ** 47;

/** Most mappings of one process. vm.max_map_count is 65530 unless it was raised. */
export const MAPPINGS_MAX = 1 << 20;

/** start-end, rights, offset, device, inode, and the rest. Every number has a bounded width. */
const LINE =
  /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) ([r-][w-][x-])([ps]) ([0-9a-f]{1,16}) ([0-9a-f]{2,8}:[0-9a-f]{2,8}) (\d{1,20})(?: +(.*))?$/s;

const NO_FILE = '00:00 0';

/** Whether a line of smaps opens a mapping; every other line there begins with a capital letter. */
export const opensMapping = (line: string): boolean => /^[0-9a-f]/.test(line);

/**
 * Reads one line of maps.
 * @param place file and line number, counted from 1, for the error
 * @throws ForklabError FL4106 when the line has another form
 */
export const parseMapping = (line: string, place: { readonly file: string; readonly line: number }): Mapping => {
  const fields = LINE.exec(line);
  const start = Number.parseInt(fields?.[1] ?? '', 16);
  const end = Number.parseInt(fields?.[2] ?? '', 16);
  if (!fields || start >= end || (end <= USER_END && (start % 4096 !== 0 || end % 4096 !== 0))) {
    throw new ForklabError('FL4106', {
      ...place,
      arrived: line,
      expected: 'a mapping (start-end rights offset device inode)',
    });
  }
  const file = `${fields[6]} ${fields[7]}`;
  return {
    start,
    end,
    prot: fields[3] as Prot, // The pattern admits exactly the eight words.
    shared: fields[4] === 's',
    offset: Number.parseInt(fields[5]!, 16),
    fileKey: file === NO_FILE ? null : file,
    path: fields[8] ?? '',
  };
};

/** Whether the mappings ascend without overlap. They may not when the process changed them between two reads. */
export const inOrder = (mappings: readonly Mapping[]): boolean =>
  mappings.every((it, i) => i === 0 || mappings[i - 1]!.end <= it.start);

/** How often a list that a running process changed underneath us is read again. */
const ATTEMPTS = 5;

/**
 * Calls `read` until it answers a list in order. The kernel prints maps a few pages of text at a time, so a process
 * that unmaps and maps meanwhile can make the parts disagree.
 */
export const readInOrder = async <T extends Mapping>(pid: number, read: () => Promise<T[]>): Promise<T[]> => {
  for (let attempt = 1; ; attempt++) {
    const mappings = await read();
    if (inOrder(mappings)) return mappings;
    if (attempt === ATTEMPTS) {
      const expected = `mappings in ascending order, read ${ATTEMPTS} times`;
      throw new ForklabError('FL4106', {
        file: `/proc/${pid}/maps`,
        line: 1,
        arrived: 'overlapping mappings',
        expected,
      });
    }
  }
};

/** @throws ForklabError FL4107 past `MAPPINGS_MAX` */
export const countMappings = (pid: number, found: number): void => {
  if (found <= MAPPINGS_MAX) return;
  throw new ForklabError('FL4107', {
    pid,
    what: 'mappings',
    found,
    max: MAPPINGS_MAX,
    option: 'nothing (the bound is fixed)',
  });
};

/**
 * All mappings of a process, in ascending order; none of them when it has exited and waits for its parent.
 * @throws what the host says, and ForklabError FL4106, FL4107
 */
export const readMaps = (pid: number): Promise<Mapping[]> =>
  readInOrder(pid, async () => {
    const file = `/proc/${pid}/maps`;
    const mappings: Mapping[] = [];
    let line = 0;
    for await (const lines of procLines(pid, 'maps')) {
      for (const text of lines) mappings.push(parseMapping(text, { file, line: ++line }));
      countMappings(pid, mappings.length);
    }
    return mappings;
  });

/** As `readMaps`, where an empty answer means that the process has ended. @throws ForklabError FL4105 */
export const readLiveMaps = async (pid: number, during: string): Promise<Mapping[]> => {
  const mappings = await readMaps(pid);
  if (mappings.length === 0) throw gone(pid, during);
  return mappings;
};
