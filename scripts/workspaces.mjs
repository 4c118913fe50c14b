// Where this repository is, and which workspaces it has. Every script that walks the packages starts from here.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {{ name: string, version: string, private?: boolean, scripts?: Record<string, string>,
 *   dependencies?: Record<string, string>, devDependencies?: Record<string, string>,
 *   peerDependencies?: Record<string, string> }} Manifest
 * @typedef {Manifest & { folder: string, scripts: Record<string, string> }} Workspace
 */

/** The folder of the repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** @param {string} folder @returns {Workspace[]} */
const workspacesIn = (folder) =>
  readdirSync(join(root, folder))
    .sort()
    .filter((name) => existsSync(join(root, folder, name, 'package.json')))
    .map((name) => {
      /** @type {Manifest} */
      const manifest = JSON.parse(readFileSync(join(root, folder, name, 'package.json'), 'utf8'));
      return { scripts: {}, ...manifest, folder: `${folder}/${name}` };
    });

/** Every workspace, with `folder` relative to `root`. */
export const workspaces = ['packages', 'apps', 'examples'].flatMap(workspacesIn);
