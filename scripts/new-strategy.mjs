// Starts a strategy of your own as a copy of examples/strategy-hello, under your name.
//
//   npm run new:strategy NAME        NAME in kebab-case, as it will stand in configs and report columns

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { root } from './workspaces.mjs';

const SKIPPED = new Set([
  'node_modules',
  'dist',
  '.turbo',
  '.vitest',
  'CHANGELOG.md',
  'wrong-hello.ts',
  'wrong-hello.test.ts',
]);

/** @param {string} problem @returns {never} */
const refuse = (problem) => {
  console.error(`${problem}\nUsage: npm run new:strategy NAME, for example npm run new:strategy lazy-copy`);
  process.exit(2);
};

/** @param {string} kebab */
const camelCase = (kebab) => kebab.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
/** @param {string} word */
const capital = (word) => word.charAt(0).toUpperCase() + word.slice(1);

/**
 * Renames hello in running text. Names of packages, files and report columns are kebab-case; identifiers are not.
 *
 * @param {string} text @param {string} name
 */
const rename = (text, name) =>
  text
    .replaceAll('strategy-hello', `strategy-${name}`)
    .replace(/(['"`./])hello(?=['"`.])/g, (_, before) => before + name)
    .replace(/\bhello(?=[A-Z(:,;\s)=}]|$)/gm, camelCase(name))
    .replace(/Hello/g, capital(camelCase(name)));

/** @param {string} folder @returns {string[]} */
const filesIn = (folder) =>
  readdirSync(folder).flatMap((entry) => {
    const path = join(folder, entry);
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });

/** The example is never published; yours may be. @param {string} file */
const makePublic = (file) => {
  const { private: _, ...manifest } = JSON.parse(readFileSync(file, 'utf8'));
  const model = JSON.parse(readFileSync(join(root, 'packages/strategy-classic/package.json'), 'utf8'));
  manifest.publishConfig = model.publishConfig;
  manifest.scripts['check:package'] = model.scripts['check:package'];
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
};

const name = process.argv[2] ?? refuse('A strategy needs a name.');
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) refuse(`"${name}" is not a kebab-case name.`);
const target = join(root, 'packages', `strategy-${name}`);
if (existsSync(target)) refuse(`packages/strategy-${name} exists already.`);

cpSync(join(root, 'examples/strategy-hello'), target, {
  recursive: true,
  filter: (from) => !SKIPPED.has(basename(from)),
});
for (const file of filesIn(target)) {
  writeFileSync(file, rename(readFileSync(file, 'utf8'), name));
  if (basename(file).startsWith('hello.')) renameSync(file, join(dirname(file), basename(file).replace('hello', name)));
}
makePublic(join(target, 'package.json'));

// npm links a workspace only when it installs; until then nobody can import the new package.
const steps = [
  ['npm', 'install'],
  ['node', 'scripts/fix-lockfile.mjs'],
];
for (const [command = '', ...args] of steps)
  if (spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status !== 0)
    refuse(`${command} ${args.join(' ')} failed.`);
console.log(`packages/strategy-${name} is ready. Next:
  npx vitest run packages/strategy-${name}     the contract every strategy keeps
  npm run build && npx forklab compare --strategy classic --strategy ${name}`);
