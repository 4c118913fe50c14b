// Child processes that cannot be left behind. Each gets a process group of its own, so that all it starts ends with it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** @typedef {{ cwd: string, env?: Record<string, string> }} RunOptions */

const STOP_MS = 5000;

// npm tells its scripts about the project they belong to. A child in another folder must not believe it.
const OF_THIS_PROJECT = /^(npm_package_|npm_lifecycle_|npm_config_local_prefix$|INIT_CWD$)/i;

/** @param {Record<string, string>} more */
const environment = (more) => {
  const replaced = new Set(Object.keys(more).map((key) => key.toLowerCase()));
  // npm reads its settings in either case, so an inherited NPM_CONFIG_REGISTRY would compete with our lower-case one.
  const kept = Object.entries(process.env).filter(
    ([key]) => !OF_THIS_PROJECT.test(key) && !replaced.has(key.toLowerCase()),
  );
  return { ...Object.fromEntries(kept), ...more };
};

/** Starts processes, waits for them, and stops whatever still runs. */
export const createRunner = () => {
  /** @type {Set<import('node:child_process').ChildProcess>} */
  const running = new Set();

  /** @param {string} command @param {string[]} args @param {RunOptions} options */
  const start = (command, args, { cwd, env = {} }) => {
    const child = spawn(command, args, {
      cwd,
      env: environment(env),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    child.once('close', () => running.delete(child));
    return child;
  };

  /**
   * Runs to the end and gives stdout. Throws with everything that was printed when the exit status is not 0.
   *
   * @param {string} command @param {string[]} args @param {RunOptions} options @returns {Promise<string>}
   */
  const run = (command, args, options) =>
    new Promise((resolve, reject) => {
      const child = start(command, args, options);
      let [out, all] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text) => {
        out += text;
        all += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text) => {
        all += text;
      });
      child.once('error', reject);
      child.once('close', (status, signal) => {
        if (status === 0) resolve(out);
        else reject(new Error(`${command} ${args.join(' ')} ended with ${status ?? signal}\n${all}`));
      });
    });

  /** Stops everything that was started, and waits until it is gone, so that nobody writes files any more. */
  const stopAll = async () => {
    const gone = [...running].map((child) => once(child, 'close'));
    for (const { pid } of running)
      try {
        if (pid) process.kill(-pid, 'SIGKILL');
      } catch {
        // It ended between the look and the kill.
      }
    await Promise.race([Promise.all(gone), sleep(STOP_MS, undefined, { ref: false })]);
  };

  return { start, run, stopAll };
};
