/** Importing what a user wrote: TypeScript or JavaScript, by path or by package name, on any Node that we support. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createJiti, type JitiOptions } from 'jiti';

/**
 * A file named by path may import `@forklab/core` and `@forklab/compare` wherever it lies, installed there or not, and
 * gets the very copies that run it: two copies of core in one run would not know each other's errors. Handing them over
 * as they are also saves transpiling all that they import, which takes seconds.
 */
export const jitiOptions = async (): Promise<JitiOptions> => ({
  interopDefault: true,
  moduleCache: false,
  // No cache on disk: a comparison leaves nothing behind but its report.
  fsCache: false,
  virtualModules: {
    '@forklab/core': await import('@forklab/core'),
    '@forklab/compare': await import('./index.js'),
  },
});

/** Imports a file by its absolute path. Throws whatever the file throws. */
export const importFile = async (path: string): Promise<unknown> =>
  createJiti(import.meta.url, { ...(await jitiOptions()), interopDefault: false }).import(path);

/** Where a package lies, seen from a folder and else from here; null when neither knows it. */
export const findPackage = (name: string, from: string): string | null => {
  const jiti = createJiti(import.meta.url, { fsCache: false });
  for (const parentURL of [pathToFileURL(join(from, '_')).href, import.meta.url]) {
    const url = jiti.esmResolve(name, { parentURL, try: true });
    if (url) return url;
  }
  return null;
};
