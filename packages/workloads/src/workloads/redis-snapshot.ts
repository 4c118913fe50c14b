/** A key-value server that forks to save itself while it goes on taking writes. */
import type { Arrivals, Op } from '@forklab/core';
import { filledProcess, HEAP, MIB, PAGE } from '../memory.js';
import { real, type Values, whole, word } from '../parameter.js';
import { workload } from '../workload.js';

const ODF = 'On-Demand-Fork (EuroSys 2021), section 5.3.2';

const parameters = {
  mib: whole('resident data', 'MiB', 996, [2, 65_536], 'published', `${ODF}: 996 MB`),
  rate: whole(
    'requests a second, arriving whether or not earlier ones are answered',
    'requests/s',
    50_000,
    [1, 10_000_000],
    'assumption',
    'the paper drives a closed loop at 1.5 M/s from three pipelined connections; a server is run well below that',
  ),
  arrivals: word(
    'how they arrive',
    ['poisson', 'fixed', 'bursts'],
    'poisson',
    'assumption',
    'many independent clients make a Poisson stream',
  ),
  burst: whole(
    'requests that arrive at once, with arrivals=bursts',
    'requests',
    32,
    [1, 100_000],
    'assumption',
    'none',
  ),
  read: real(
    'share of requests that only read',
    'of 1',
    0.9,
    [0, 1],
    'assumption',
    "memtier_benchmark's own default is one SET to ten GETs; the paper does not say",
  ),
  pattern: word(
    'which pages requests touch',
    ['uniform', 'zipf', 'sequential'],
    'uniform',
    'assumption',
    'memtier_benchmark draws keys uniformly unless told otherwise',
  ),
  theta: real('exponent, with pattern=zipf', '', 0.99, [0.01, 5], 'published', 'YCSB takes 0.99'),
  threads: whole('threads that serve', 'threads', 1, [1, 256], 'published', 'Redis serves with one'),
  userNs: whole(
    'a request without page faults',
    'ns',
    667,
    [1, 10_000_000_000],
    'published',
    `${ODF}: 1.5 million requests a second`,
  ),
  pageNs: whole(
    'the child saving one page',
    'ns',
    20_000,
    [1, 1_000_000_000],
    'assumption',
    'about 200 MB/s to disk; a Redis captured here took 83 us a page on two loaded processors',
  ),
  seconds: real('time before the snapshot, and after the child has ended', 's', 1, [0.01, 600], 'assumption', 'none'),
} as const;

type V = Values<typeof parameters>;

const SERVER = 'redis';
/** Pieces in which parent and child take turns in the trace; more would not change what is counted by much. */
const TURNS = 16;

const savingSeconds = (v: V): number => ((v.mib * MIB) / PAGE) * v.pageNs * 1e-9;

const writesIn = (v: V, seconds: number): number => Math.round(v.rate * (1 - v.read) * seconds);

const touch = (v: V, count: number, seed: number): readonly Op[] => {
  if (count === 0) return [];
  const range = { proc: SERVER, addr: HEAP, length: v.mib * MIB };
  const zipf = v.pattern === 'zipf' ? { theta: v.theta } : {};
  return [{ op: 'touch', ...range, pattern: v.pattern, ...zipf, count, seed, write: true, value: seed + 1 }];
};

const ops = (v: V): readonly Op[] => {
  const pages = (v.mib * MIB) / PAGE;
  const turn = Math.ceil(pages / TURNS) * PAGE;
  const out: Op[] = [...filledProcess(SERVER, v.mib * MIB), { op: 'sample', label: 'before' }];
  out.push({ op: 'fork', proc: SERVER, child: 'saver' }, { op: 'sample', label: 'after fork' });
  for (let i = 0; i < TURNS; i++) {
    const from = i * turn;
    if (from >= v.mib * MIB) break;
    out.push(...touch(v, writesIn(v, savingSeconds(v) / TURNS), i));
    out.push({ op: 'read', proc: 'saver', addr: HEAP + from, length: Math.min(turn, v.mib * MIB - from) });
  }
  out.push({ op: 'sample', label: 'saved' }, { op: 'exit', proc: 'saver' });
  out.push(...touch(v, writesIn(v, v.seconds), TURNS), { op: 'sample', label: 'end' }, { op: 'exit', proc: SERVER });
  return out;
};

const arrivalsOf = (v: V): Arrivals =>
  v.arrivals === 'bursts'
    ? { kind: 'bursts', perSecond: v.rate, burst: v.burst }
    : { kind: v.arrivals, perSecond: v.rate };

export const redisSnapshot = workload({
  name: 'redis-snapshot',
  about: 'a key-value server forks to save itself and goes on serving',
  of: 'Redis BGSAVE, as in On-Demand-Fork (EuroSys 2021) and Async-fork (VLDB 2023)',
  parameters,
  says: (v) =>
    `${v.mib} MiB are saved by a forked child in ${savingSeconds(v).toFixed(1)} s, while ${v.rate} requests a second ` +
    `arrive, of which ${Math.round((1 - v.read) * 100)} % write`,
  ops,
  load: (v) => ({
    setup: filledProcess(SERVER, v.mib * MIB),
    server: SERVER,
    serving: {
      by: 'server',
      threads: v.threads,
      forksAtNs: [v.seconds * 1e9],
      child: { pages: (v.mib * MIB) / PAGE, strideBytes: PAGE, perPageNs: v.pageNs, writesEvery: 0, ends: 'exit' },
    },
    arrivals: arrivalsOf(v),
    requests: Math.min(2_000_000, Math.ceil(v.rate * (2 * v.seconds + savingSeconds(v)))),
    userNs: v.userNs,
    touches: {
      addr: HEAP,
      length: v.mib * MIB,
      pages: 1,
      pattern: v.pattern,
      ...(v.pattern === 'zipf' ? { theta: v.theta } : {}),
      readShare: v.read,
    },
  }),
});
