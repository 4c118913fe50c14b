/** What a simulation says: latency over all requests, and of those that came while a forked child was at work. */
import { type Latency, type LatencySeries, latencyOf, latencySeries } from './latency.js';
import type { Answered, RequestLog } from './log.js';
import type { Spent } from './queue.js';

export interface RequestReport {
  readonly all: Latency;
  /** Of the requests that arrived from the first fork until the last child had ended; null without such a time. */
  readonly during: Latency | null;
  /** Answered in a second, from the start to the last answer. */
  readonly perSecond: number;
  readonly forks: number;
  /** How long a request spent on what, in nanoseconds, on average. */
  readonly spent: Readonly<Spent>;
  readonly series: LatencySeries;
}

export type Window = readonly [fromNs: number, toNs: number] | null;

/** The latencies of requests that arrived in the window; null without one. */
export const latenciesDuring = (log: RequestLog, latencies: Float64Array, window: Window): Float64Array | null => {
  const { arrivals } = log;
  if (window === null || arrivals === null) return null;
  const [from, to] = window;
  return latencies.filter((_, i) => arrivals[i]! >= from && arrivals[i]! < to);
};

export const reportOf = (log: RequestLog, { ends, latencies, spent }: Answered, window: Window): RequestReport => {
  let last = 0;
  for (let i = 0; i < ends.length; i++) last = Math.max(last, ends[i]!);
  const during = latenciesDuring(log, latencies, window);
  const each = (total: number): number => (log.count > 0 ? Math.round((total * 1000) / log.count) / 1000 : 0);
  return {
    all: latencyOf(latencies),
    during: during === null ? null : latencyOf(during),
    perSecond: last > 0 ? Math.round((log.count * 1e12) / last) / 1000 : 0,
    forks: log.forks.length,
    spent: {
      userNs: each(spent.userNs),
      faultNs: each(spent.faultNs),
      queueNs: each(spent.queueNs),
      mmapLockNs: each(spent.mmapLockNs),
      tableLockNs: each(spent.tableLockNs),
      shootdownNs: each(spent.shootdownNs),
    },
    series: latencySeries(ends, latencies),
  };
};
