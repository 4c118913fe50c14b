// Keeps the documentation honest: every relative link must lead somewhere, and every snippet marked `run` must work.
//
//   ```ts run     is type-checked and run as an ES module; it may import any package of this repository
//   ```sh run     is run by bash -eu; `forklab` and `npx forklab` are the built command
//
// Both start in a scratch folder in which the files of the repository can be read under their usual names, so that a
// snippet may write what it likes. Needs a build.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { root, workspaces } from './workspaces.mjs';

/** @typedef {{ where: string, language: 'ts' | 'sh', code: string }} Snippet */

const SNIPPET_SECONDS = 120;
/** Folders whose documents are not ours, and what a snippet must not find: it writes its own report. */
const FOREIGN = new Set(['node_modules', 'api', 'dist']);
const HIDDEN = new Set(['.git', '.turbo', 'coverage', 'report']);

/** @param {string} folder @returns {string[]} */
const markdownIn = (folder) =>
  !existsSync(folder)
    ? []
    : readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return FOREIGN.has(entry.name) ? [] : markdownIn(path);
        return entry.name.endsWith('.md') && entry.name !== 'CHANGELOG.md' ? [path] : [];
      });

const documents = [
  ...['README.md', 'CONTRIBUTING.md'].map((name) => join(root, name)).filter((path) => existsSync(path)),
  ...['docs', ...workspaces.map(({ folder }) => folder)].flatMap((folder) => markdownIn(join(root, folder))),
];

/** @type {string[]} */
const problems = [];

/** @param {string} path @param {number} index @param {string} line */
const checkLinks = (path, index, line) => {
  for (const [, link = ''] of line.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)) {
    const file = link.replace(/#.*$/, '');
    if (file && !/^[a-z]+:/.test(file) && !existsSync(join(dirname(path), decodeURIComponent(file))))
      problems.push(`${relative(root, path)}:${index + 1}: the link ${link} leads nowhere`);
  }
};

/**
 * Reads one document: collects its snippets, and checks its links on the way.
 *
 * @param {string} path @returns {Snippet[]}
 */
const readDocument = (path) => {
  /** @type {Snippet[]} */
  const snippets = [];
  const name = relative(root, path);
  const lines = readFileSync(path, 'utf8').split('\n');
  for (let i = 0; i < lines.length; i += 1) {
    const fence = /^ *(`{3,})(.*)$/.exec(lines[i] ?? '');
    if (!fence) {
      checkLinks(path, i, lines[i] ?? '');
      continue;
    }
    const start = i + 1;
    do i += 1;
    while (i < lines.length && !/^ *`{3,} *$/.test(lines[i] ?? ''));
    const language = /^(ts|sh) run$/.exec(fence[2]?.trim() ?? '')?.[1];
    const code = lines.slice(start, i).join('\n');
    if (language === 'ts' || language === 'sh') snippets.push({ where: `${name}:${start}`, language, code });
  }
  return snippets;
};

/** @param {Snippet[]} snippets @param {string} scratch */
const typeCheck = (snippets, scratch) => {
  const files = new Map(snippets.map(({ where }, i) => [join(scratch, `snippet-${i}.mts`), where]));
  const base = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile).config;
  // Readers have the published packages, so the snippets see dist and not the sources.
  const { options } = ts.convertCompilerOptionsFromJson({ ...base.compilerOptions, customConditions: [] }, scratch);
  const program = ts.createProgram([...files.keys()], { ...options, typeRoots: [join(root, 'node_modules/@types')] });
  for (const { file, start = 0, messageText } of ts.getPreEmitDiagnostics(program)) {
    const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
    const where = (file && files.get(file.fileName)) ?? file?.fileName ?? 'a snippet';
    problems.push(`${where}: line ${line} of the snippet: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
  }
};

/** @param {Snippet} snippet @param {string} scratch @param {number} index */
const run = ({ where, language, code }, scratch, index) => {
  const script = join(scratch, `snippet-${index}.mjs`);
  const options = { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } };
  if (language === 'ts') writeFileSync(script, ts.transpileModule(code, options).outputText);
  const [command, ...args] = language === 'ts' ? [process.execPath, script] : ['bash', '-euo', 'pipefail', '-c', code];
  const env = { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`, NO_COLOR: '1' };
  const timeout = SNIPPET_SECONDS * 1000;
  const result = spawnSync(command, args, {
    cwd: scratch,
    env,
    timeout,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (result.status !== 0)
    problems.push(`${where}: ended with ${result.status ?? result.error?.message}\n${result.stdout}${result.stderr}`);
};

const snippets = documents.flatMap(readDocument);
const scratch = mkdtempSync(join(tmpdir(), 'forklab-docs-'));
try {
  for (const entry of readdirSync(root)) if (!HIDDEN.has(entry)) symlinkSync(join(root, entry), join(scratch, entry));
  const modules = snippets.filter(({ language }) => language === 'ts');
  for (const [i, { code }] of modules.entries()) writeFileSync(join(scratch, `snippet-${i}.mts`), code);
  typeCheck(modules, scratch);
  for (const [i, snippet] of snippets.entries()) run(snippet, scratch, i);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
for (const problem of problems) console.error(problem);
console.log(`${documents.length} documents, ${snippets.length} snippets run, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
