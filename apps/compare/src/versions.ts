/** Versions of what a comparison was made with, for its footer. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const PACKAGES = [
  '@forklab/core',
  '@forklab/timing',
  '@forklab/workloads',
  '@forklab/strategy-classic',
  '@forklab/strategy-cow-pte',
  '@forklab/strategy-ondemand-fork',
  '@forklab/strategy-mshare',
] as const;

const versionIn = (text: string): string => (JSON.parse(text) as { readonly version: string }).version;

/** Version of the command itself. */
export const ownVersion = (): string => versionIn(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** Versions by package name, and that of Node. */
export const versions = (): Readonly<Record<string, string>> => {
  const require = createRequire(import.meta.url);
  const found: Record<string, string> = { '@forklab/compare': ownVersion() };
  for (const name of PACKAGES) {
    found[name] = versionIn(readFileSync(require.resolve(`${name}/package.json`), 'utf8'));
  }
  found.node = process.versions.node;
  return found;
};
