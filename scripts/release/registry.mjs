// A package registry of our own: Verdaccio, on loopback, knowing nothing but @forklab/*.

import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

// The newest release that runs on Node 20. It asks for a dist-tag of node-fetch that a registry may not have.
const MANIFEST = {
  private: true,
  dependencies: { verdaccio: '6.8.0' },
  overrides: { 'node-fetch': '2.7.0' },
};
const START_MS = 30_000;

/** A port that is free now. @returns {Promise<number>} */
const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });

/**
 * Installs Verdaccio into `folder`, starts it and waits until it answers. Returns its address and a file of npm
 * settings to publish with; npm insists on a token even where anyone may publish.
 *
 * @param {ReturnType<typeof import('./runner.mjs').createRunner>} runner @param {string} folder
 * @param {Record<string, string>} env
 */
export const startRegistry = async (runner, folder, env) => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify(MANIFEST));
  await runner.run('npm', ['install', '--no-audit', '--no-fund'], { cwd: folder, env });

  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const all = { access: '$all', publish: '$all', unpublish: '$all' };
  const config = {
    storage: join(folder, 'storage'),
    uplinks: {},
    packages: { '@forklab/*': all },
    auth: { htpasswd: { file: join(folder, 'htpasswd') } },
    web: { enable: false },
    log: { type: 'stdout', format: 'pretty', level: 'warn' },
    max_body_size: '100mb',
  };
  // Verdaccio reads YAML, of which JSON is a part.
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(config));
  const settings = join(folder, 'npmrc');
  writeFileSync(settings, `registry=${url}\n//127.0.0.1:${port}/:_authToken=local-only\n`);

  const bin = join(folder, 'node_modules/verdaccio/bin/verdaccio');
  const child = runner.start(process.execPath, [bin, '--config', 'config.yaml', '--listen', `127.0.0.1:${port}`], {
    cwd: folder,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  for (const end = Date.now() + START_MS; ; await sleep(100)) {
    if (child.exitCode !== null || Date.now() > end) throw new Error(`the registry did not start\n${output}`);
    const answer = await fetch(`${url}-/ping`).catch(() => undefined);
    if (answer?.ok) return { url, settings };
  }
};
