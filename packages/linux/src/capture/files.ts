/** The files of a trace: `f0`, `f1`, ... in the order of their first mapping, each as large as what is mapped of it. */

import type { Op } from '@forklab/core';
import type { Mapping } from './maps.js';
import { isAnonymous } from './pages.js';
import { safeName } from './proc.js';

/** Whether a name says more than which mappings belong together: `basename` adds the last part of the path. */
export type FileNames = 'none' | 'basename';

/** What a mapping is backed by: `anonymous`, or the name of a file. */
export interface FileTable {
  /** The name of the file behind a mapping; null for anonymous memory, private or shared. */
  name(mapping: Mapping): string | null;
  /** The operations that make the files of these mappings, or make them large enough. */
  declare(mappings: readonly Mapping[]): Op[];
  readonly size: number;
}

/** Shared anonymous memory is a file of its own that nothing else maps, unless a part of it was unmapped since. */
const isSharedAnonymous = ({ shared, path, offset }: Mapping): boolean =>
  shared && path === '/dev/zero (deleted)' && offset === 0;

const basename = (path: string): string =>
  safeName(
    path
      .replace(/ \(deleted\)$/, '')
      .split('/')
      .pop()!,
    40,
  );

export const createFileTable = (names: FileNames): FileTable => {
  const known = new Map<string, { readonly name: string; bytes: number }>();
  const keyOf = (mapping: Mapping): string | null =>
    isAnonymous(mapping) || isSharedAnonymous(mapping) ? null : (mapping.fileKey ?? `no inode ${mapping.path}`);
  return {
    name(mapping) {
      const key = keyOf(mapping);
      return key === null ? null : (known.get(key)?.name ?? null);
    },
    declare(mappings) {
      const changed = new Map<string, Op['op']>();
      for (const mapping of mappings) {
        const key = keyOf(mapping);
        if (key === null) continue;
        const bytes = mapping.offset + mapping.end - mapping.start;
        const file = known.get(key);
        if (file === undefined) {
          const suffix = names === 'basename' ? `-${basename(mapping.path)}` : '';
          known.set(key, { name: `f${known.size}${suffix}`, bytes });
          changed.set(key, 'file');
        } else if (bytes > file.bytes) {
          file.bytes = bytes;
          if (!changed.has(key)) changed.set(key, 'truncate');
        }
      }
      return [...changed].map(([key, op]): Op => {
        const { name, bytes } = known.get(key)!;
        return op === 'file' ? { op, file: name, size: bytes } : { op: 'truncate', file: name, size: bytes };
      });
    },
    get size() {
      return known.size;
    },
  };
};
