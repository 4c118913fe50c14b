// The house rules that a script can check: who may import whom, how long things may be, and what may not be left
// behind. Each rule says why it is there. Prints one line per breach and exits 1 when there is any.
//
//   node scripts/tidy.mjs

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import ts from 'typescript';
import { root, workspaces } from './workspaces.mjs';

/** @typedef {{ path: string, text: string, lines: string[] }} SourceFile */

const GENERATED = new Set(['node_modules', '.git', '.turbo', '.vitest', 'dist', 'coverage', 'api', 'report']);
// The formatter wraps code at 120; what it cannot wrap (a sentence in a string, an address) gets some room.
const MAX_COLUMNS = 140;
const MAX_FUNCTION_LINES = 70;

/**
 * The first pattern that fits a path rules. A file at its cap is split by noun, never into "part 2", so that the tree
 * alone tells a newcomer which file to open. A strategy must read in one sitting, like the patch it models.
 *
 * @type {[RegExp, number][]}
 */
const LINE_CAPS = [
  [/\.(test|test-d)\.tsx?$/, 400],
  [/^packages\/core\/src\/verbs\.ts$/, 400],
  // A table, one entry a row.
  [/^apps\/compare\/src\/row-docs\.ts$/, 300],
  [/^(packages|examples)\/strategy-[^/]+\/src\/.*\.ts$/, 300],
  [/^(packages|examples)\/strategy-[^/]+\/README\.md$/, 120],
  [/^docs\/guides\/.*\.md$/, 200],
  [/^(packages|apps|examples|scripts)\/.*\.(ts|tsx|mjs|js)$/, 250],
  [/^packages\/.*\.[ch]$/, 400],
];

/**
 * The dependency rule. What two strategies share is a verb and belongs in core; what core would need from a strategy
 * is a hook. A border that holds only most of the time is none, so tests keep it too, but may use the contract suite.
 *
 * @param {string} name @param {boolean} inTests @returns {(dependency: string) => boolean}
 */
const allowedBy = (name, inTests) => {
  const isCore = (/** @type {string} */ d) => d === '@forklab/core';
  if (name === '@forklab/core') return () => false;
  if (name.startsWith('@forklab/strategy-')) return (d) => isCore(d) || (inTests && d === '@forklab/conformance');
  if (['conformance', 'workloads', 'timing', 'linux'].some((n) => name === `@forklab/${n}`)) return isCore;
  return () => true;
};

/** @type {string[]} */
const breaches = [];
/** @param {string} path @param {number} line @param {string} text */
const report = (path, line, text) => breaches.push(`${path}:${line}: ${text}`);

/** @param {string} folder @returns {string[]} */
const filesIn = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return GENERATED.has(entry.name) ? [] : filesIn(join(folder, entry.name));
    return entry.isFile() ? [join(folder, entry.name)] : [];
  });

/** @param {SourceFile} file */
const checkSize = ({ path, lines }) => {
  const cap = LINE_CAPS.find(([pattern]) => pattern.test(path))?.[1];
  const count = lines.at(-1) === '' ? lines.length - 1 : lines.length;
  if (cap && count > cap) report(path, count, `${count} lines, the cap is ${cap}: split it by noun`);
};

/** The formatter breaks code, but neither comments nor long strings. @param {SourceFile} file */
const checkColumns = ({ path, lines }) => {
  for (const [i, line] of lines.entries())
    if (line.length > MAX_COLUMNS) report(path, i + 1, `${line.length} columns, the cap is ${MAX_COLUMNS}`);
};

// Written so that this file does not match itself.
const LEFTOVER = /\b(?:TO[D]O|FIX[M]E|X[X]X|[Nn]ot implement[e]d)\b/;
// At the start of a line, so that `if (…) test.skip('why')` inside a test is fine: it says why.
const MUTED_TEST = /^\s*(?:it|test|describe|suite|bench)\.(?:only|skip|todo|fails)\b/;
const MUTED_TYPE = /@ts-(?:ignor[e]|nochec[k])/;

/**
 * A gap is declared in the docs and in reports, where users see it. A test that cannot run on some host says so with
 * `skipIf` and its reason, so that it runs again where it can.
 *
 * @param {SourceFile} file
 */
const checkLeftovers = ({ path, lines }) => {
  for (const [i, line] of lines.entries()) {
    if (LEFTOVER.test(line)) report(path, i + 1, 'unfinished by its own words: finish it, or declare the gap in docs');
    if (MUTED_TEST.test(line)) report(path, i + 1, 'a muted test: use skipIf with a reason, or delete it');
    if (MUTED_TYPE.test(line)) report(path, i + 1, 'a muted type error: fix it, or use @ts-expect-error with a reason');
  }
};

/** Names differ in case between file systems, so ours have none. @param {SourceFile} file */
const checkName = ({ path }) => {
  if (!/^[a-z0-9]+([.-][a-z0-9]+)*$/.test(basename(path))) report(path, 1, 'file names are kebab-case');
};

const { devDependencies: shared = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/**
 * Whether a package may count on finding `name`. In this repository everything is found, because all packages share one
 * node_modules; a user has only what the manifest says. Tests run here alone.
 *
 * @param {import('./workspaces.mjs').Workspace} workspace @param {string} name @param {boolean} inTests
 */
const declared = ({ dependencies, peerDependencies, devDependencies }, name, inTests) =>
  name in { ...dependencies, ...peerDependencies, ...(inTests && { ...devDependencies, ...shared }) };

/** @param {SourceFile} file */
const checkImports = ({ path, text }) => {
  const workspace = workspaces.find(({ folder }) => path.startsWith(`${folder}/`));
  if (!workspace) return;
  const inSource = path.startsWith(`${workspace.folder}/src/`);
  const inTests = !inSource || path.includes('.test.');
  if (!inSource && !path.startsWith(`${workspace.folder}/test/`)) return;
  const allowed = allowedBy(workspace.name, inTests);
  for (const { fileName: to, pos } of ts.preProcessFile(text, true, true).importedFiles) {
    const line = text.slice(0, pos).split('\n').length;
    const ours = /^@forklab\/[^/]+/.exec(to)?.[0];
    if (ours && ours !== workspace.name && !allowed(ours))
      report(path, line, `${workspace.name} may not import ${ours}`);
    const external = /^(?![.]|node:)(@[^/]+\/)?[^/]+/.exec(to)?.[0];
    if (external && external !== workspace.name && !declared(workspace, external, inTests))
      report(path, line, `${external} is not in ${workspace.folder}/package.json: npm may not install it for a user`);
    const target =
      to.startsWith('.') &&
      relative(root, join(root, path, '..', to))
        .split(sep)
        .join('/');
    if (target && !target.startsWith(`${workspace.folder}/`)) report(path, line, `${to} leaves the package`);
  }
};

/** A manifest that lists a package opens the border, even before a line imports it. */
const checkManifests = () => {
  for (const { name, folder, dependencies, peerDependencies, devDependencies } of workspaces) {
    for (const d of Object.keys({ ...dependencies, ...peerDependencies }))
      if (d.startsWith('@forklab/') && !allowedBy(name, false)(d))
        report(`${folder}/package.json`, 1, `${name} may not depend on ${d}`);
    for (const d of Object.keys(devDependencies ?? {}))
      if (d.startsWith('@forklab/') && !allowedBy(name, true)(d))
        report(`${folder}/package.json`, 1, `${name} may not use ${d}`);
  }
};

/**
 * A function fits a screen. Functions inside it are counted on their own: a factory that returns ten hooks is ten
 * short functions, not one long one. Test files are lists of cases and are left alone.
 *
 * @param {SourceFile} file
 */
const checkFunctions = ({ path, text }) => {
  if (/\.test\./.test(path)) return;
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const lineOf = (/** @type {number} */ at) => source.getLineAndCharacterOfPosition(at).line;
  /** Lines of the functions in `node`, each without its own inner ones. @param {ts.Node} node @returns {number} */
  const visit = (node) => {
    let inner = 0;
    ts.forEachChild(node, (child) => {
      inner += visit(child);
    });
    if (!ts.isFunctionLike(node) || !('body' in node) || !node.body) return inner;
    const start = node.getStart(source);
    const own = lineOf(node.end) - lineOf(start) + 1;
    if (own - inner > MAX_FUNCTION_LINES)
      report(path, lineOf(start) + 1, `a function of ${own - inner} lines, the cap is ${MAX_FUNCTION_LINES}`);
    // A one-line callback shares its line with the code around it, which therefore still counts it.
    return own > 1 ? own : inner;
  };
  visit(source);
};

checkManifests();
for (const absolute of filesIn(root)) {
  const path = relative(root, absolute).split(sep).join('/');
  if (!/\.(ts|tsx|mjs|js|c|h|md)$/.test(path)) continue;
  const text = readFileSync(absolute, 'utf8');
  /** @type {SourceFile} */
  const file = { path, text, lines: text.split('\n') };
  checkSize(file);
  if (path.endsWith('.md')) continue;
  checkColumns(file);
  checkLeftovers(file);
  checkName(file);
  if (/\.(ts|tsx|mjs|js)$/.test(path)) checkFunctions(file);
  if (/\.tsx?$/.test(path)) checkImports(file);
}
for (const breach of breaches) console.error(breach);
console.log(breaches.length === 0 ? 'tidy' : `${breaches.length} breaches of the house rules`);
process.exitCode = breaches.length === 0 ? 0 : 1;
