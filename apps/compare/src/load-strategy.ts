/** From a name, package or path to a strategy plugin. */
import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { ForklabError, nearest, type StrategyPlugin } from '@forklab/core';
import { checkPlugin } from './check-plugin.js';
import { isNameWithOptions, isPlugin, type OneStrategy, type StrategyOptions } from './config-schema.js';

/** The strategies that come with this command, by the short names that stand for `@forklab/strategy-NAME`. */
const BUILT_IN: Readonly<Record<string, () => Promise<unknown>>> = {
  classic: () => import('@forklab/strategy-classic'),
  'cow-pte': () => import('@forklab/strategy-cow-pte'),
  'ondemand-fork': () => import('@forklab/strategy-ondemand-fork'),
  mshare: () => import('@forklab/strategy-mshare'),
};

export const BUILT_IN_NAMES = Object.keys(BUILT_IN);

/** A strategy with how it was named, which tells two columns of one name apart. */
export interface LoadedStrategy {
  readonly plugin: StrategyPlugin;
  /** The name, package or path as written; null of a plugin object. */
  readonly from: string | null;
  readonly options: StrategyOptions;
}

const isPath = (name: string): boolean => isAbsolute(name) || /^\.{1,2}[\\/]/.test(name) || /\.[cm]?[jt]s$/.test(name);

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message.split('\n')[0] || error.name : `it threw ${String(error)}`;

const importing = async (from: string, load: () => Promise<unknown>): Promise<unknown> => {
  try {
    return await load();
  } catch (error) {
    throw new ForklabError('FL3001', { from, reason: reasonOf(error) }, { cause: error });
  }
};

const unknownStrategy = (arrived: string): ForklabError =>
  new ForklabError('FL1008', { arrived, guess: nearest(arrived, BUILT_IN_NAMES), known: BUILT_IN_NAMES });

/** The module that a name stands for; `dir` is what paths are relative to and where packages are looked for first. */
const importNamed = async (name: string, dir: string): Promise<unknown> => {
  if (Object.hasOwn(BUILT_IN, name)) return importing(name, BUILT_IN[name]!);
  const { findPackage, importFile } = await import('./load-module.js');
  if (isPath(name)) {
    const path = resolve(dir, name);
    if (!existsSync(path)) throw unknownStrategy(name);
    return importing(name, () => importFile(path));
  }
  const candidates = name.includes('/') ? [name] : [`@forklab/strategy-${name}`, name];
  for (const candidate of candidates) {
    const url = findPackage(candidate, dir);
    if (url !== null) return importing(candidate, () => import(url));
  }
  throw unknownStrategy(name);
};

/** A module's `strategy`: a factory, or a finished plugin when it has no options. */
const factoryOf = (from: string, module: unknown): unknown => {
  const exports = typeof module === 'object' && module !== null ? module : {};
  if ('strategy' in exports) return exports.strategy;
  const names = Object.keys(exports).filter((name) => name !== '__esModule');
  throw new ForklabError('FL3002', { from, exports: names });
};

const make = (from: string, factory: unknown, options: StrategyOptions): StrategyPlugin => {
  const shown = JSON.stringify(options);
  let made: unknown = factory;
  if (typeof factory === 'function') {
    try {
      made = factory(Object.keys(options).length > 0 ? options : undefined);
    } catch (error) {
      throw new ForklabError('FL3005', { name: from, options: shown, reason: reasonOf(error) }, { cause: error });
    }
  }
  const plugin = checkPlugin(from, made);
  // A strategy that takes options repeats them in its plugin. One that does not would run as if none had been given.
  if (Object.keys(options).length > 0 && plugin.options === undefined) {
    throw new ForklabError('FL3005', { name: from, options: shown, reason: 'it takes no options' });
  }
  return plugin;
};

/** Loads one strategy. Throws FL1008 and FL3001 to FL3005. */
export const loadStrategy = async (entry: OneStrategy, dir: string): Promise<LoadedStrategy> => {
  if (isPlugin(entry)) {
    const plugin = checkPlugin(entry.name || 'a plugin object', entry);
    return { plugin, from: null, options: plugin.options ?? {} };
  }
  const [from, options] = isNameWithOptions(entry) ? entry : [entry as string, {}];
  return { plugin: make(from, factoryOf(from, await importNamed(from, dir)), options), from, options };
};
