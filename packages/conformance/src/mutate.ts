/**
 * Planted bugs: the sources of this repository bundled with some of their text replaced, and loaded as a module. Whoever
 * checks a model can so be checked: it must find what was planted.
 *
 * @packageDocumentation
 */
import { readFile } from 'node:fs/promises';
import { sep } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** One piece of text in one source file, and what stands there instead. */
export interface Mutation {
  /** How the path of the file ends: `core/src/ops/fault.ts`. */
  readonly file: string;
  /** Stands in the file exactly once, so that a bug cannot silently move elsewhere when the source changes. */
  readonly find: string;
  readonly replace: string;
}

/** What packages export their sources under. @see vitest.shared.ts */
const CONDITIONS = ['@forklab/source', 'import', 'module', 'node'];

const mutated = (text: string, { file, find, replace }: Mutation): string => {
  const count = text.split(find).length - 1;
  if (count !== 1) throw new TypeError(`${file} holds ${JSON.stringify(find)} ${count} times, and it must be once`);
  // As a function, since a text would be searched for `$`.
  return text.replace(find, () => replace);
};

const planting = (mutations: readonly Mutation[], planted: Set<Mutation>): Plugin => ({
  name: 'plant',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.[cm]?[jt]s$/ }, async ({ path }) => {
      const here = mutations.filter(({ file }) => path.split(sep).join('/').endsWith(`/${file}`));
      if (here.length === 0) return undefined;
      for (const mutation of here) planted.add(mutation);
      return { contents: here.reduce(mutated, await readFile(path, 'utf8')), loader: 'ts' };
    });
  },
});

/**
 * The text of a module that holds `entry` (source text, such as `export * from '@forklab/core'`) and all that it
 * imports, mutated. Packages are looked for from `folder`.
 *
 * @throws TypeError when a mutation fits no file, or not exactly once.
 */
export const bundleMutated = async (entry: string, folder: string, mutations: readonly Mutation[]): Promise<string> => {
  const planted = new Set<Mutation>();
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: folder, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    conditions: CONDITIONS,
    logLevel: 'silent',
    plugins: [planting(mutations, planted)],
  });
  const lost = mutations.find((mutation) => !planted.has(mutation));
  if (lost) throw new TypeError(`${lost.file} is no file that ${JSON.stringify(entry)} loads`);
  return outputFiles[0]!.text;
};

/**
 * The exports of that module. It stays in memory as long as the process lives.
 *
 * @throws TypeError as `bundleMutated`.
 */
export const importMutated = async <Module>(
  entry: string,
  folder: string,
  mutations: readonly Mutation[],
): Promise<Module> => {
  const text = await bundleMutated(entry, folder, mutations);
  const url = `data:text/javascript;base64,${Buffer.from(text).toString('base64')}`;
  return (await import(/* @vite-ignore */ url)) as Module;
};
