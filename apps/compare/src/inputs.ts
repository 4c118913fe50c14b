/** From what a user names (traces, folders of traces, workloads, nothing at all) to traces that were read and checked. */
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ForklabError, readTrace, type ServerLoad, type Trace } from '@forklab/core';
import type { Made } from '@forklab/workloads';
import { relativeTo } from './paths.js';
import { isWorkloadSpec, makeWorkload } from './workload-spec.js';

export interface Input {
  /** The name of the trace; with its path where two traces have the same. */
  readonly name: string;
  /** As it was named, or relative to the working directory. */
  readonly path: string;
  readonly trace: Trace;
  /** What it is asked for, when it is a workload that serves requests. */
  readonly load: ServerLoad | null;
}

/** A file to read or a workload to make, and how it is shown. */
type Found = { readonly file: string; readonly shown: string } | { readonly workload: string; readonly shown: string };

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
  if (isWorkloadSpec(named)) return [{ workload: named, shown: named }];
  const path = resolve(dir, named);
  if (!isFolder(path)) return [{ file: path, shown: named }];
  const files = tracesIn(path);
  if (files.length === 0) throw new ForklabError('FL1010', { arrived: named, problem: 'is a folder without traces' });
  return files.map((file) => ({ file, shown: join(named, file.slice(path.length + 1)) }));
};

/** What is behind what was named, in order. Throws FL1010 for an empty folder or an input named twice. */
export const findInputs = (named: readonly string[], dir: string, cwd: string): readonly Found[] => {
  if (named.length === 0) {
    return tracesIn(BUILT_IN_TRACES).map((file) => ({ file, shown: relativeTo(cwd, file) }));
  }
  const found = named.flatMap((name) => expand(name, dir));
  const seen = new Set<string>();
  for (const each of found) {
    const key = 'file' in each ? each.file : each.workload;
    if (seen.has(key)) throw new ForklabError('FL1010', { arrived: each.shown, problem: 'is named twice' });
    seen.add(key);
  }
  return found;
};

/** The same trace with `seed` added to the seed of each `touch`, so that it accesses other pages; 0 changes nothing. */
export const reseed = (trace: Trace, seed: number): Trace => {
  if (seed === 0) return trace;
  const ops = trace.ops.map((op) => (op.op === 'touch' ? { ...op, seed: (op.seed + seed) % 2 ** 32 } : op));
  return { ...trace, ops };
};

/** One input, read and checked or made. Throws FL2xxx for a trace, FL1013 and FL1014 for a workload. */
export const readInput = async (named: string, dir: string): Promise<Made> =>
  isWorkloadSpec(named)
    ? makeWorkload(named)
    : { trace: await readTrace(resolve(dir, named), { name: named }), load: null };

/** Reads and checks all of them, so that a bad one stops the run before it starts. Throws as `readInput` does. */
export const readInputs = async (
  found: readonly Found[],
  seed: number,
  between: () => Promise<void>,
): Promise<readonly Input[]> => {
  const read: { path: string; trace: Trace; load: ServerLoad | null }[] = [];
  for (const each of found) {
    await between();
    const { trace, load } =
      'file' in each
        ? { trace: await readTrace(each.file, { name: each.shown }), load: null }
        : makeWorkload(each.workload);
    read.push({ path: each.shown, trace: reseed(trace, seed), load });
  }
  const names = read.map(({ trace }) => trace.header.name);
  return read.map(({ path, trace, load }, i) => {
    const twice = names.indexOf(names[i]!) !== names.lastIndexOf(names[i]!);
    return { name: twice ? `${names[i]} (${path})` : names[i]!, path, trace, load };
  });
};
