/** What a simulation leaves behind: enough to serve the same requests again at other prices. */
import type { PriceList } from '../price-list.js';
import type { ContentionPrices } from './contention.js';
import { Queue, type QueueSetup, type Spent } from './queue.js';
import { priceClasses } from './work-classes.js';

/** A fork of the server, done before the request of that number. */
export interface ForkEvent {
  readonly before: number;
  readonly atNs: number;
  readonly cls: number;
}

export interface RequestLog {
  readonly threads: number;
  readonly oneMm: boolean;
  /** null: a closed loop, in which a request arrives when the last one is answered. */
  readonly arrivals: Float64Array | null;
  readonly count: number;
  readonly userNs: number;
  /** By request: the class of its work, the table whose lock it took, whether other processes were told of flushes. */
  readonly classes: Uint32Array;
  readonly tables: Uint32Array;
  readonly foreign: Uint8Array;
  readonly forks: readonly ForkEvent[];
  readonly works: readonly Float64Array[];
}

/** When each request was answered, and how long that took. */
export interface Answered {
  readonly ends: Float64Array;
  readonly latencies: Float64Array;
  readonly spent: Readonly<Spent>;
}

export const queueSetup = (log: Pick<RequestLog, 'threads' | 'oneMm'>, contention: ContentionPrices): QueueSetup => ({
  threads: log.threads,
  oneMm: log.oneMm,
  shootdownNs: contention.shootdown.ns,
  interruptedNs: contention.interrupted.ns,
});

/**
 * Serves the requests of a log at these prices. What each request and fork did stays as it was, and so does the order:
 * the same faults are taken, and only what they cost changes.
 */
export const serveAgain = (log: RequestLog, list: PriceList, contention: ContentionPrices): Answered => {
  const queue = new Queue(queueSetup(log, contention));
  const { ns, flushes } = priceClasses(log.works, list);
  const ends = new Float64Array(log.count);
  const latencies = new Float64Array(log.count);
  let fork = 0;
  let last = 0;
  for (let i = 0; i < log.count; i++) {
    for (let event = log.forks[fork]; event !== undefined && event.before === i; event = log.forks[++fork]) {
      queue.fork(event.atNs, ns[event.cls]!, flushes[event.cls]!);
    }
    const arrival = log.arrivals === null ? last : log.arrivals[i]!;
    const cls = log.classes[i]!;
    last = queue.serve({
      arrival,
      userNs: log.userNs,
      faultNs: ns[cls]!,
      flushes: flushes[cls]!,
      table: log.tables[i]!,
      foreign: log.foreign[i]! !== 0,
    });
    ends[i] = last;
    latencies[i] = last - arrival;
  }
  return { ends, latencies, spent: queue.spent };
};
