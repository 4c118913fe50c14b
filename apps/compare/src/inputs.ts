/** From what a user names (traces, folders of traces, nothing at all) to traces that were read and checked. */
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ForklabError, readTrace, type Trace } from '@forklab/core';
import { relativeTo } from './paths.js';

export interface Input {
  /** The name of the trace; with its path where two traces have the same. */
  readonly name: string;
  /** As it was named, or relative to the working directory. */
  readonly path: string;
  readonly trace: Trace;
}

/** A file to read, and how it is shown. */
interface Found {
  readonly file: string;
  readonly shown: string;
}

/** The traces that come with this package: published cases, and captured processes. */
export const BUILT_IN_TRACES = fileURLToPath(new URL('../traces', import.meta.url));

const TRACE = /\.jsonl(\.gz)?$/;

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

const tracesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => TRACE.test(name))
    .sort()
    .map((name) => join(folder, name));

const expand = (named: string, dir: string): readonly Found[] => {
  const path = resolve(dir, named);
  if (!isFolder(path)) return [{ file: path, shown: named }];
  const files = tracesIn(path);
  if (files.length === 0) throw new ForklabError('FL1010', { arrived: named, problem: 'is a folder without traces' });
  return files.map((file) => ({ file, shown: join(named, file.slice(path.length + 1)) }));
};

/** The files behind what was named, in order. Throws FL1010 for an empty folder or a file named twice. */
export const findInputs = (named: readonly string[], dir: string, cwd: string): readonly Found[] => {
  if (named.length === 0) {
    return tracesIn(BUILT_IN_TRACES).map((file) => ({ file, shown: relativeTo(cwd, file) }));
  }
  const found = named.flatMap((name) => expand(name, dir));
  const seen = new Set<string>();
  for (const { file, shown } of found) {
    if (seen.has(file)) throw new ForklabError('FL1010', { arrived: shown, problem: 'is named twice' });
    seen.add(file);
  }
  return found;
};

/** The same trace with `seed` added to the seed of each `touch`, so that it accesses other pages; 0 changes nothing. */
export const reseed = (trace: Trace, seed: number): Trace => {
  if (seed === 0) return trace;
  const ops = trace.ops.map((op) => (op.op === 'touch' ? { ...op, seed: (op.seed + seed) % 2 ** 32 } : op));
  return { ...trace, ops };
};

/** Reads and checks all of them, so that a bad one stops the run before it starts. Throws FL2xxx. */
export const readInputs = async (
  found: readonly Found[],
  seed: number,
  between: () => Promise<void>,
): Promise<readonly Input[]> => {
  const read: { path: string; trace: Trace }[] = [];
  for (const { file, shown } of found) {
    await between();
    read.push({ path: shown, trace: reseed(await readTrace(file, { name: shown }), seed) });
  }
  const names = read.map(({ trace }) => trace.header.name);
  return read.map(({ path, trace }, i) => {
    const twice = names.indexOf(names[i]!) !== names.lastIndexOf(names[i]!);
    return { name: twice ? `${names[i]} (${path})` : names[i]!, path, trace };
  });
};
