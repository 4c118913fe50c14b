// `npm test`: runs every check and every test of every workspace, then adds the results up into one last line,
// `N passed, N failed` (and `, N skipped`). Exits 1 when anything failed, and when no test ran at all.
//
// Why not `turbo run …` alone: turbo counts tasks, not tests, and a cached task must count like one that ran. Each
// workspace's tests therefore leave .vitest/results.json, which is a turbo output and comes back with a cache hit.

import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { release } from 'node:os';
import { delimiter, join } from 'node:path';
import { root, workspaces } from './workspaces.mjs';

const TASKS = [
  'check',
  'check:lockfile',
  'check:tidy',
  'check:scripts',
  'check:docs',
  'typecheck',
  'build',
  'test',
  'check:package',
  'docs:site',
];

/**
 * @typedef {{ taskId: string, execution?: { exitCode: number } }} TaskRecord turbo's record of how a task ended
 * @typedef {{ passed: number, failed: number, skipped: string[] }} Totals
 */

/** @param {string} command */
const onPath = (command) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

// Tests that need a compiler, a browser or Redis skip themselves without one. The host is part of the tests' cache
// key, so that installing one of them, or booting another kernel, runs them anew instead of replaying the skip.
const HOST_COMMANDS = ['cc', 'gcc', 'chromium', 'redis-server'];
const host = [release(), process.getuid?.() ?? '', ...HOST_COMMANDS.filter(onPath)].join(' ');

const runTurbo = () => {
  for (const { folder } of workspaces) rmSync(join(root, folder, '.vitest'), { recursive: true, force: true });
  rmSync(join(root, '.turbo/runs'), { recursive: true, force: true });
  // Without --continue the first failure would hide all others, and leave tests uncounted.
  const args = ['run', ...TASKS, '--continue=dependencies-successful', '--summarize', ...process.argv.slice(2)];
  const env = { ...process.env, FORKLAB_HOST: host, TURBO_TELEMETRY_DISABLED: '1' };
  const { status } = spawnSync(join(root, 'node_modules/.bin/turbo'), args, { cwd: root, stdio: 'inherit', env });
  return status ?? 1;
};

/** @returns {TaskRecord[]} */
const taskRecords = () => {
  const folder = join(root, '.turbo/runs');
  const name = existsSync(folder) && readdirSync(folder).find((file) => file.endsWith('.json'));
  return name ? JSON.parse(readFileSync(join(folder, name), 'utf8')).tasks : [];
};

/**
 * Totals of one workspace's tests. A file that could not even be loaded has no test to blame and counts as a failure.
 *
 * @param {string} file @returns {Totals}
 */
const readTotals = (file) => {
  /** @type {Totals} */
  const totals = { passed: 0, failed: 0, skipped: [] };
  for (const suite of JSON.parse(readFileSync(file, 'utf8')).testResults) {
    const failedBefore = totals.failed;
    for (const { status, fullName } of suite.assertionResults) {
      if (status === 'passed') totals.passed += 1;
      else if (status === 'failed') totals.failed += 1;
      else totals.skipped.push(fullName);
    }
    if (suite.status === 'failed' && totals.failed === failedBefore) totals.failed += 1;
  }
  return totals;
};

const status = runTurbo();
const failedTasks = new Set(taskRecords().flatMap((t) => ((t.execution?.exitCode ?? 0) !== 0 ? [t.taskId] : [])));
const sum = { passed: 0, failed: 0, skipped: 0 };
console.log();
for (const { name, folder, scripts } of workspaces) {
  if (!scripts.test) continue;
  const file = join(root, folder, '.vitest/results.json');
  const task = `${name}#test`;
  if (!existsSync(file)) {
    console.log(`${name}: the tests left no results`);
    sum.failed += 1;
  } else {
    const { passed, failed, skipped } = readTotals(file);
    for (const test of skipped) console.log(`${name}: skipped: ${test}`);
    sum.passed += passed;
    sum.skipped += skipped.length;
    // An error outside every test (an unhandled rejection, say) fails the task although no test failed.
    sum.failed += failed === 0 && failedTasks.has(task) ? 1 : failed;
  }
  failedTasks.delete(task);
}
for (const task of failedTasks) console.log(`failed: ${task}`);
sum.failed += failedTasks.size;
// Turbo itself may fail before it writes a record, on a broken turbo.json for instance.
if (status !== 0 && sum.failed === 0) sum.failed = 1;
console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}`);
process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;
