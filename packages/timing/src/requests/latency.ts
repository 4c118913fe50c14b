/** Latencies, told by percentiles of an HDR histogram: three digits, whatever the range. */
import { build } from 'hdr-histogram-js';

export const PERCENTILES = { p50: 50, p90: 90, p99: 99, p999: 99.9, p9999: 99.99 } as const;

export type Latency = Readonly<Record<keyof typeof PERCENTILES | 'max' | 'mean', number>> & { readonly count: number };

const NONE: Latency = { count: 0, p50: 0, p90: 0, p99: 0, p999: 0, p9999: 0, max: 0, mean: 0 };

/** Nanoseconds; all 0 when there are none. The maximum is exact. */
export const latencyOf = (latencies: Float64Array): Latency => {
  if (latencies.length === 0) return NONE;
  const histogram = build({
    bitBucketSize: 32,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 2 ** 50,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });
  let max = 0;
  for (let i = 0; i < latencies.length; i++) {
    const ns = latencies[i]!;
    if (ns > max) max = ns;
    histogram.recordValue(Math.max(1, Math.round(ns)));
  }
  const at = (percentile: number): number => Math.min(max, histogram.getValueAtPercentile(percentile));
  const { p50, p90, p99, p999, p9999 } = PERCENTILES;
  const out = { p50: at(p50), p90: at(p90), p99: at(p99), p999: at(p999), p9999: at(p9999) };
  return { count: latencies.length, ...out, max, mean: histogram.mean };
};

/** Points over time: how many requests were answered, and how long the slowest of them took. */
export interface LatencySeries {
  /** End of each interval, in nanoseconds from the start. */
  readonly atNs: readonly number[];
  readonly perSecond: readonly number[];
  readonly worstNs: readonly number[];
}

const INTERVALS = 100;

/** By the time of the answer, in intervals of equal length. */
export const latencySeries = (ends: Float64Array, latencies: Float64Array): LatencySeries => {
  let last = 0;
  for (let i = 0; i < ends.length; i++) last = Math.max(last, ends[i]!);
  const width = last / INTERVALS;
  const count = new Float64Array(INTERVALS);
  const worst = new Float64Array(INTERVALS);
  for (let i = 0; i < ends.length && width > 0; i++) {
    const k = Math.min(INTERVALS - 1, Math.floor(ends[i]! / width));
    count[k] = count[k]! + 1;
    worst[k] = Math.max(worst[k]!, latencies[i]!);
  }
  const whole = (n: number): number => Math.round(n);
  return {
    atNs: Array.from(count, (_, k) => whole((k + 1) * width)),
    perSecond: Array.from(count, (n) => (width > 0 ? Math.round((n * 1e9) / width) : 0)),
    worstNs: Array.from(worst, whole),
  };
};
