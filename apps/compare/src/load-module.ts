/** Importing what a user wrote: TypeScript or JavaScript, by path or by package name, on any Node that we support. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createJiti, type JitiOptions } from 'jiti';

/** Our own copy of a package, or null where this module itself was not loaded by Node (in a test, for example). */
const ours = (name: string): string | null => {
  try {
    const path = fileURLToPath(import.meta.resolve(name));
    return existsSync(path) ? path : null;
  } catch {
    return null;
  }
};

/**
 * A file named by path may import `@forklab/core` and `@forklab/compare` wherever it lies, installed there or not, and
 * gets the very copies that run it: two copies of core in one run would not know each other's errors.
 */
export const jitiOptions = (): JitiOptions => {
  const alias: Record<string, string> = {};
  for (const name of ['@forklab/core', '@forklab/compare']) {
    const path = ours(name);
    if (path !== null) alias[name] = path;
  }
  // No cache on disk: a comparison leaves nothing behind but its report.
  return { interopDefault: true, moduleCache: false, fsCache: false, alias };
};

/** Imports a file by its absolute path. Throws whatever the file throws. */
export const importFile = async (path: string): Promise<unknown> =>
  createJiti(import.meta.url, { ...jitiOptions(), interopDefault: false }).import(path);

/** Where a package lies, seen from a folder and else from here; null when neither knows it. */
export const findPackage = (name: string, from: string): string | null => {
  const jiti = createJiti(import.meta.url, { fsCache: false });
  for (const parentURL of [pathToFileURL(join(from, '_')).href, import.meta.url]) {
    const url = jiti.esmResolve(name, { parentURL, try: true });
    if (url) return url;
  }
  return null;
};
