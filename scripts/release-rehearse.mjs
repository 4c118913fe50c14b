// A release from start to end that leaves no trace: versions, publishes and installs forklab without any registry but
// one of its own, on this machine's loopback, for as long as the rehearsal takes.
//
//   npm run release:rehearse             the result is the exit status
//   npm run release:rehearse -- --keep   leaves the scratch folder in place and prints where it is
//
// Everything happens in a scratch folder: a copy of the repository is versioned and built there (the working tree is
// only read), the registry keeps its files there, and so do npm's cache and the consumer that installs the packages.

import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { consumerFiles, expectedOps, resolutions } from './release/consumer.mjs';
import { startRegistry } from './release/registry.mjs';
import { createRunner } from './release/runner.mjs';
import { root, workspaces } from './workspaces.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'forklab-rehearsal-'));
const runner = createRunner();
const { run } = runner;
let interrupted = false;

const cleanUp = async () => {
  await runner.stopAll();
  if (process.argv.includes('--keep')) console.log(`kept: ${scratch}`);
  else rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
};
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.once(signal, async () => {
    console.error(`\n${signal}: cleaning up`);
    interrupted = true;
    await cleanUp();
    process.exit(130);
  });

/** @param {string} file */
const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** Copies what git would commit, so that ignored files cannot help. @param {string} copy */
const copyRepository = async (copy) => {
  const listed = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  // A file that was deleted but not committed is still listed.
  const files = new Set(listed.split('\0').filter((file) => file && existsSync(join(root, file))));
  for (const file of files) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    copyFileSync(join(root, file), join(copy, file));
  }
  // Changesets asks git for the commit of each changeset.
  const identity = ['-c', 'user.name=rehearsal', '-c', 'user.email=rehearsal@localhost', '-c', 'commit.gpgsign=false'];
  await run('git', ['init', '-q', '-b', 'main'], { cwd: copy });
  await run('git', ['add', '-A'], { cwd: copy });
  await run('git', [...identity, 'commit', '-q', '--no-verify', '-m', 'rehearsal'], { cwd: copy });
};

/** @param {string} copy @param {Record<string, string>} env */
const buildRelease = async (copy, env) => {
  await run('npm', ['ci'], { cwd: copy, env });
  await run('npm', ['run', 'release:version'], { cwd: copy, env });
  await run('npm', ['run', 'build', '--', '--output-logs=errors-only', '--cache-dir', join(scratch, 'turbo')], {
    cwd: copy,
    env,
  });
};

/** What must be on the registry afterwards, read from the versioned copy. @param {string} copy */
const releases = (copy) =>
  workspaces
    .map(({ folder }) => readJson(join(copy, folder, 'package.json')))
    .filter((manifest) => !manifest.private)
    .map(({ name, version }) => ({ name, version }));

/** @param {string} url @param {{ name: string, version: string }[]} wanted */
const checkPublished = async (url, wanted) => {
  for (const { name, version } of wanted) {
    const answer = await fetch(`${url}${name.replace('/', '%2f')}`);
    /** @type {{ 'dist-tags'?: { latest?: string } }} */
    const manifest = answer.ok ? JSON.parse(await answer.text()) : {};
    const latest = manifest['dist-tags']?.latest;
    if (latest !== version)
      throw new Error(`${name}: expected ${version} on the registry, found ${latest ?? 'nothing'}`);
  }
};

/** @param {string} folder @param {string} url @param {Record<string, string>} env */
const installConsumer = async (folder, url, env) => {
  mkdirSync(folder);
  for (const [name, text] of Object.entries(consumerFiles(url))) writeFileSync(join(folder, name), text);
  const { typescript, '@types/node': nodeTypes } = readJson(join(root, 'package.json')).devDependencies;
  const ours = ['@forklab/compare', '@forklab/core', '@forklab/strategy-cow-pte'];
  const theirs = [`typescript@${typescript}`, `@types/node@${nodeTypes}`];
  await run('npm', ['install', '-E', ...ours, ...theirs], { cwd: folder, env });
};

/** @param {string} folder @param {Record<string, string>} env */
const checkConsumer = async (folder, env) => {
  const tsc = join(folder, 'node_modules/typescript/bin/tsc');
  for (const options of resolutions) {
    const compilerOptions = {
      ...options,
      target: 'ES2022',
      strict: true,
      types: ['node'],
      outDir: 'out',
      rootDir: '.',
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    await run(process.execPath, [tsc, '-p', '.'], { cwd: folder });
  }
  await run(process.execPath, ['out/check.js'], { cwd: folder });
  // Node 20.19 loads ES modules through require() too, and users in CommonJS rely on it.
  await run(process.execPath, ['-e', "require('@forklab/core').createMachine.call"], { cwd: folder });

  const forklab = ['forklab', 'run', 'trace.jsonl', '--strategy', 'cow-pte', '--json'];
  const { strategy, steps } = JSON.parse(await run('npx', ['--no-install', ...forklab], { cwd: folder, env }));
  const ops = steps.map((/** @type {{ op: string, result: unknown }} */ s) => (s.result === 0 ? s.op : `${s.op}!`));
  if (strategy !== 'cow-pte' || ops.join() !== expectedOps.join())
    throw new Error(`npx ${forklab.join(' ')} answered ${JSON.stringify({ strategy, steps })}`);
};

/** @template T @param {string} what @param {() => Promise<T>} work */
const step = async (what, work) => {
  const start = Date.now();
  const result = await work();
  console.log(`${what} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
  return result;
};

const rehearse = async () => {
  const copy = join(scratch, 'repository');
  const consumer = join(scratch, 'consumer');
  // A cache of its own: packages of the same name and version may differ from one rehearsal to the next.
  const env = { npm_config_cache: join(scratch, 'npm-cache'), npm_config_update_notifier: 'false', CI: 'true' };
  await step('copied the repository', () => copyRepository(copy));
  await step('versioned and built it', () => buildRelease(copy, env));
  const { url, settings } = await step('started a registry', () =>
    startRegistry(runner, join(scratch, 'registry'), env),
  );
  const wanted = releases(copy);
  await step(`published ${wanted.map(({ name, version }) => `${name}@${version}`).join(', ')}`, async () => {
    const publishEnv = { ...env, npm_config_userconfig: settings, npm_config_registry: url };
    await run('npx', ['--no-install', 'changeset', 'publish', '--no-git-tag'], { cwd: copy, env: publishEnv });
    await checkPublished(url, wanted);
  });
  await step('installed the command and a strategy', () => installConsumer(consumer, url, env));
  await step('type-checked and ran a consumer', () => checkConsumer(consumer, env));
};

try {
  await rehearse();
  console.log('The rehearsal went well. Nothing was published, and nothing of it is left.');
} catch (error) {
  // The step that a signal stopped fails too, and that is no news.
  if (!interrupted) console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  if (!interrupted) await cleanUp();
}
