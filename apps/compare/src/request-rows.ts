/** Rows on requests: what those wait who are served meanwhile. All 0 for an input that serves none. */
import type { Simulation } from '@forklab/timing';
import type { RowDoc } from './row-docs.js';

const OF =
  'Of requests that arrived while a forked child was at work; of all requests when no server forks beside them';

const percentile = (label: string, says: string) =>
  ({ group: 'requests', label, unit: 'ns', says: `${OF}: ${says}`, short: true }) as const;

export const REQUEST_ROW_DOCS = {
  requests: { group: 'requests', label: 'requests', unit: 'count', says: 'Requests that were simulated.' },
  requestNsP50: percentile('latency, median', 'half took at most this, from arrival to answer.'),
  requestNsP90: percentile('latency, 90 %', '90 of 100 took at most this.'),
  requestNsP99: percentile('latency, 99 %', '99 of 100 took at most this.'),
  requestNsP999: percentile('latency, 99.9 %', '999 of 1000 took at most this.'),
  requestNsP9999: percentile('latency, 99.99 %', '9999 of 10,000 took at most this.'),
  requestNsMax: percentile('latency, worst', 'the slowest.'),
  requestNsLocked: {
    group: 'requests',
    label: 'waiting for locks, mean',
    unit: 'ns',
    says: 'How long a request waited for mmap_lock, which a fork holds, and for locks of page tables, on average.',
  },
  requestNsFlushes: {
    group: 'requests',
    label: 'flushing elsewhere, mean',
    unit: 'ns',
    says: 'How long a request waited until other processors had flushed, on average.',
  },
  requestsPerSecond: {
    group: 'requests',
    label: 'answered a second',
    unit: 'count',
    says: 'Requests over the time from the start to the last answer. Below the rate of arrival, the server is too slow.',
    short: true,
  },
} as const satisfies Record<string, RowDoc>;

export type RequestRowKey = keyof typeof REQUEST_ROW_DOCS;

/** The rows of a simulation, or of none. */
export const requestRowsOf = (simulation: Simulation | null): Record<RequestRowKey, number> => {
  const report = simulation?.report;
  const latency = report?.during ?? report?.all;
  const spent = report?.spent;
  return {
    requests: report?.all.count ?? 0,
    requestNsP50: latency?.p50 ?? 0,
    requestNsP90: latency?.p90 ?? 0,
    requestNsP99: latency?.p99 ?? 0,
    requestNsP999: latency?.p999 ?? 0,
    requestNsP9999: latency?.p9999 ?? 0,
    requestNsMax: latency?.max ?? 0,
    requestNsLocked: (spent?.mmapLockNs ?? 0) + (spent?.tableLockNs ?? 0),
    requestNsFlushes: spent?.shootdownNs ?? 0,
    requestsPerSecond: report?.perSecond ?? 0,
  };
};
