/**
 * What a server is asked to do: to the simulation of requests what a trace is to the machine. Types only. Times are
 * nanoseconds.
 */
import type { Op, TouchPattern } from './trace/index.js';

/**
 * When requests arrive. `poisson` and `fixed`: `perSecond` on average, or exactly. `bursts`: `burst` at once, so often
 * that it makes `perSecond`. `log`: at these times from the start, in order. `closed`: one client that sends the next
 * request when it has the answer to the last, as a fuzzer does; its latency is its time of service.
 */
export type Arrivals =
  | { readonly kind: 'poisson' | 'fixed'; readonly perSecond: number }
  | { readonly kind: 'bursts'; readonly perSecond: number; readonly burst: number }
  | { readonly kind: 'log'; readonly atNs: readonly number[] }
  | { readonly kind: 'closed' };

/** The memory that requests touch: `pages` of the range each, drawn by `pattern`; a share of them is read alone. */
export interface Touches {
  readonly addr: number;
  readonly length: number;
  readonly pages: number;
  readonly pattern: TouchPattern;
  /** Exponent of `zipf`. */
  readonly theta?: number;
  /** From 0 (all are written) to 1 (none is). */
  readonly readShare: number;
}

/** What a forked child does, beside the server or in a request: it works through pages of the range, then ends. */
export interface ChildWork {
  /** Pages that it works through, this many bytes apart, wrapping at the end of the range. */
  readonly pages: number;
  readonly strideBytes: number;
  /** Time for each, faults not counted. */
  readonly perPageNs: number;
  /** Every so many pages it writes the page, from 1 on; 0: it writes none. */
  readonly writesEvery: number;
  readonly ends: 'exit' | 'exec';
}

/**
 * Who serves. `server`: threads of one process, which forks at times given (a snapshot). `workers`: single-threaded
 * processes that the server forked before. `children`: the server forks a child for each request, one at a time.
 */
export type Serving =
  | {
      readonly by: 'server';
      readonly threads: number;
      readonly forksAtNs: readonly number[];
      readonly child: ChildWork;
    }
  | { readonly by: 'workers'; readonly workers: number }
  | { readonly by: 'children'; readonly child: ChildWork };

export interface ServerLoad {
  /** Makes the process `server` and its memory, as operations of a trace. */
  readonly setup: readonly Op[];
  readonly server: string;
  readonly serving: Serving;
  readonly arrivals: Arrivals;
  readonly requests: number;
  /** Time of one request without what the kernel takes. */
  readonly userNs: number;
  readonly touches: Touches;
}
