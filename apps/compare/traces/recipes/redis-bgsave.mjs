// Records apps/compare/traces/captured/redis-bgsave.jsonl.gz: a Redis with 250000 values of 1 KiB that takes writes at a
// fixed rate and forks to save itself (BGSAVE). Starts a Redis of its own on a Unix socket in a temporary folder, and
// stops it; nothing else on the machine is touched.
//
//   npm run build && node apps/compare/traces/recipes/redis-bgsave.mjs [OUT.jsonl.gz]
//
// Needs Linux, redis-server and redis-cli (Debian: redis-server), and root, for frame numbers. The environment may set
// KEYS, VALUE_BYTES, WRITES_PER_SECOND, INTERVAL_MS and SEED.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readTrace, writeTrace } from '@forklab/core';
import { capture } from '@forklab/linux';

/** @param {string} name @param {number} otherwise */
const setting = (name, otherwise) => {
  const value = Number(process.env[name] ?? otherwise);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} must be a whole number from 1`);
  return value;
};

const KEYS = setting('KEYS', 250_000);
const VALUE_BYTES = setting('VALUE_BYTES', 1024);
const WRITES_PER_SECOND = setting('WRITES_PER_SECOND', 10_000);
const INTERVAL_MS = setting('INTERVAL_MS', 100);
const SEED = setting('SEED', 1);

/** mulberry32: which keys are written, and with what, is the same in every run. */
let state = SEED;
const random = () => {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};

/** Bytes that do not compress, of which each value is a piece. */
const noise = Buffer.alloc(1 << 20);
for (let i = 0; i < noise.length; i += 4) noise.writeUInt32LE(Math.floor(random() * 2 ** 32), i);

/** One connection that sends commands and counts replies. @param {string} path */
const connect = async (path) => {
  const socket = createConnection({ path });
  await once(socket, 'connect');
  let replies = 0;
  let failed = '';
  socket.on('data', (data) => {
    for (const byte of data) if (byte === 10) replies++;
    if (data.includes('-ERR') || data.includes('-MISCONF') || data.includes('-OOM')) failed = data.toString('latin1', 0, 200);
  });
  let sent = 0;
  return {
    /** SETs the key of this number. */
    set(/** @type {number} */ key) {
      const name = `key:${String(key).padStart(12, '0')}`;
      const from = Math.floor(random() * (noise.length - VALUE_BYTES));
      socket.write(`*3\r\n$3\r\nSET\r\n$${name.length}\r\n${name}\r\n$${VALUE_BYTES}\r\n`);
      socket.write(noise.subarray(from, from + VALUE_BYTES));
      socket.write('\r\n');
      sent++;
    },
    /** Waits until at most `behind` replies are missing. */
    async settle(behind = 0) {
      while (sent - replies > behind) await once(socket, 'data');
      if (failed) throw new Error(`Redis answered ${JSON.stringify(failed)}`);
    },
    get sent() {
      return sent;
    },
    close: () => socket.destroy(),
  };
};

/** Writes random keys at the fixed rate until told to stop. @param {Awaited<ReturnType<typeof connect>>} client */
const startLoad = (client) => {
  const began = performance.now();
  const before = client.sent;
  const timer = setInterval(() => {
    const due = ((performance.now() - began) / 1000) * WRITES_PER_SECOND;
    // Not more than a tenth of a second at once: a pause must not become a burst.
    const many = Math.min(due - (client.sent - before), WRITES_PER_SECOND / 10);
    for (let i = 0; i < many; i++) client.set(Math.floor(random() * KEYS));
  }, 5);
  return () => {
    clearInterval(timer);
    return Math.round((client.sent - before) / ((performance.now() - began) / 1000));
  };
};

/** @param {string} socket @param {string[]} words */
const redisCli = (socket, ...words) => {
  const { status, stdout, stderr, error } = spawnSync('redis-cli', ['-s', socket, ...words], { encoding: 'utf8' });
  if (error || status !== 0) throw new Error(`redis-cli ${words.join(' ')}: ${error?.message ?? stderr}`);
  return stdout.trim();
};

/** One section of INFO, numbers as numbers. @param {string} socket @param {string} section */
const info = (socket, section) => {
  /** @type {Record<string, string | number>} */
  const fields = {};
  for (const line of redisCli(socket, 'INFO', section).split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const value = line.slice(colon + 1);
    fields[line.slice(0, colon)] = value !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
  }
  return fields;
};

/** @param {string} socket @param {string} key @param {number} [value] */
const waitFor = async (socket, key, value = 0) => {
  while (info(socket, 'persistence')[key] !== value) await sleep(100);
};

/** Starts Redis in a folder of its own. */
const startRedis = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'forklab-redis-'));
  const socket = join(folder, 'redis.sock');
  const options = { port: '0', unixsocket: socket, dir: folder, save: '', appendonly: 'no', daemonize: 'no' };
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const server = spawn('redis-server', words, { stdio: 'ignore' });
  await Promise.race([once(server, 'spawn'), once(server, 'error').then(([error]) => Promise.reject(error))]);
  const stop = async () => {
    if (server.exitCode === null && server.signalCode === null) {
      const ended = once(server, 'exit');
      server.kill('SIGTERM');
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  };
  for (let tries = 0; ; tries++) {
    if (spawnSync('redis-cli', ['-s', socket, 'PING'], { encoding: 'utf8' }).stdout?.trim() === 'PONG') break;
    if (tries === 100 || server.exitCode !== null) {
      await stop();
      throw new Error('redis-server does not answer; are redis-server and redis-cli installed?');
    }
    await sleep(100);
  }
  return { pid: /** @type {number} */ (server.pid), socket, stop };
};

/** @param {string} out */
const record = async (out) => {
  const redis = await startRedis();
  try {
    const client = await connect(redis.socket);
    for (let key = 0; key < KEYS; key++) {
      client.set(key);
      if (key % 1000 === 999) await client.settle(2000);
    }
    await client.settle();
    const memory = info(redis.socket, 'memory');
    const server = info(redis.socket, 'server');
    const stopLoad = startLoad(client);
    await sleep(1000);
    const trigger = ['redis-cli', '-s', redis.socket, 'BGSAVE'];
    const description =
      `Redis ${server.redis_version}, ${KEYS} values of ${VALUE_BYTES} bytes, SET of random keys at ` +
      `${WRITES_PER_SECOND} a second, BGSAVE. Recorded by traces/recipes/redis-bgsave.mjs.`;
    const options = { name: 'redis-bgsave', description, watch: 120, intervalMs: INTERVAL_MS, trigger };
    const { trace, summary } = await capture(redis.pid, options);
    const writesPerSecond = stopLoad();
    await client.settle();
    client.close();
    await waitFor(redis.socket, 'rdb_bgsave_in_progress');
    const persistence = info(redis.socket, 'persistence');
    if (persistence.rdb_last_bgsave_status !== 'ok') throw new Error('BGSAVE failed');
    const thp = await readFile('/sys/kernel/mm/transparent_hugepage/enabled', 'utf8').catch(() => 'unknown');
    const source = trace.header.source ?? {};
    const measured = {
      .../** @type {Record<string, import('@forklab/core').Json>} */ (source.measured),
      redis: {
        version: server.redis_version ?? null,
        allocator: memory.mem_allocator ?? null,
        latestForkUsec: info(redis.socket, 'stats').latest_fork_usec ?? null,
        rdbLastCowSize: persistence.rdb_last_cow_size ?? null,
        rdbLastBgsaveTimeSec: persistence.rdb_last_bgsave_time_sec ?? null,
        usedMemory: memory.used_memory ?? null,
        usedMemoryRss: memory.used_memory_rss ?? null,
        writesPerSecond,
      },
      transparentHugepage: thp.trim(),
    };
    const recipe = { keys: KEYS, valueBytes: VALUE_BYTES, writesPerSecond: WRITES_PER_SECOND, intervalMs: INTERVAL_MS, seed: SEED };
    await writeTrace(out, { ...trace, header: { ...trace.header, source: { ...source, recipe, measured } } });
    await readTrace(out);
    console.log(JSON.stringify({ out, measured, summary }, null, 1));
  } finally {
    await redis.stop();
  }
};

const DEFAULT_OUT = fileURLToPath(new URL('../captured/redis-bgsave.jsonl.gz', import.meta.url));
await record(resolve(process.argv[2] ?? DEFAULT_OUT)).catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
});
