/** Finding and loading forklab.config.ts. */
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ForklabError, osReason } from '@forklab/core';
import { checkConfig, type ForklabConfig } from './config-schema.js';
import { relativeTo } from './paths.js';

export type { ForklabConfig, ReportFormat, StrategyEntry, StrategyOptions } from './config-schema.js';

/** Gives a configuration its type. It answers what it was given. */
export const defineConfig = (config: ForklabConfig): ForklabConfig => config;

/** File names that are looked for, in this order, in each folder from the working directory upward. */
export const CONFIG_NAMES = ['ts', 'mts', 'js', 'mjs', 'cjs', 'json'].map((end) => `forklab.config.${end}`);

export interface LoadedConfig {
  readonly config: ForklabConfig;
  /** The file it came from, or null when there is none and everything has its default. */
  readonly file: string | null;
  /** What its relative paths are relative to. */
  readonly dir: string;
}

/** The nearest configuration from `cwd` upward, or null. */
export const findConfig = (cwd: string): string | null => {
  for (let dir = resolve(cwd); ; dir = dirname(dir)) {
    const found = CONFIG_NAMES.map((name) => join(dir, name)).find((path) => existsSync(path));
    if (found !== undefined) return found;
    if (dirname(dir) === dir) return null;
  }
};

/**
 * Loads the configuration named by `file`, else the nearest one from `cwd` upward, else defaults.
 * Throws FL1005 (not there), FL1006 (it threw), FL1007 (it does not fit).
 */
export const loadConfig = async (cwd: string, file?: string): Promise<LoadedConfig> => {
  const path = file === undefined ? findConfig(cwd) : resolve(cwd, file);
  if (path === null) return { config: {}, file: null, dir: cwd };
  const shown = relativeTo(cwd, path);
  if (!existsSync(path)) throw new ForklabError('FL1005', { file: shown, reason: osReason({ code: 'ENOENT' }) });
  const { loadConfig: load } = await import('c12');
  const { jitiOptions } = await import('./load-module.js');
  const raw: { value?: unknown } = {};
  try {
    await load({
      cwd: dirname(path),
      configFile: basename(path),
      name: 'forklab',
      // Nothing but this one file speaks: no environment, no rc files, no configuration fetched from elsewhere.
      envName: false,
      rcFile: false,
      globalRc: false,
      dotenv: false,
      packageJson: false,
      extend: false,
      giget: false,
      jitiOptions: await jitiOptions(),
      // c12 merges copies of objects; a plugin object must arrive as it is.
      merger: (...sources) => {
        const given = sources.find((source) => source !== undefined && source !== null);
        raw.value ??= given;
        return given ?? {};
      },
    });
  } catch (error) {
    throw new ForklabError('FL1006', { file: shown, ...whyThrown(error, path) }, { cause: error });
  }
  return { config: checkConfig(shown, raw.value) as ForklabConfig, file: path, dir: dirname(path) };
};

/** The message and the line inside the user's own file, when the stack names one. */
const whyThrown = (error: unknown, path: string): { reason: string; at?: string } => {
  if (!(error instanceof Error)) return { reason: `it threw ${String(error)}` };
  const reason = error.message.split('\n')[0] || error.name;
  const line = error.stack?.split('\n').find((text) => text.includes(path));
  const place = line?.match(/:(\d+):(\d+)\)?$/);
  return place ? { reason, at: `${basename(path)}:${place[1]}:${place[2]}` } : { reason };
};
