/** What single faults cost. Faults are counted by shape, so percentiles are exact however many there were. */

import type { FaultShape, Work } from '@forklab/core';
import { faultShape, WORKS, workOfShape } from '@forklab/core';
import type { PriceList, WorkCounts } from './price-list.js';
import { countOf } from './price-list.js';
import { nsOf } from './price-work.js';

/** Latency of faults in nanoseconds; all 0 when there was none. Flushes are not in it: a shape does not hold them. */
export interface FaultPrices {
  readonly count: number;
  /** All faults together. Never more than the price of all work of the run. */
  readonly sumNs: number;
  readonly meanNs: number;
  readonly worstNs: number;
  /** What the worst one did; null when there was no fault. */
  readonly worst: FaultShape | null;
  /** Nearest-rank percentiles: the least latency that this share of the faults did not exceed. */
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
}

interface ShapeClass {
  readonly packed: number;
  readonly ns: number;
  readonly count: number;
}

/** The value at rank ceil(count * permille / 1000); `classes` are in order of `ns`. Exact up to 2^53 / 1000 faults. */
const nearestRank = (classes: readonly ShapeClass[], count: number, permille: number): number => {
  const rank = Math.ceil((count * permille) / 1000);
  let seen = 0;
  for (const { ns, count: n } of classes) {
    seen += n;
    if (seen >= rank) return ns;
  }
  return 0;
};

/** Prices the faults of `Counters.faultShapes()`. Shapes with the same price order by shape, so ties are settled. */
export const priceFaults = (shapes: ReadonlyMap<number, number>, list: PriceList): FaultPrices => {
  const classes = [...shapes]
    .filter(([, count]) => count > 0)
    .map(([packed, count]): ShapeClass => ({ packed, count, ns: nsOf(workOfShape(faultShape(packed)), list) }))
    .sort((a, b) => a.ns - b.ns || a.packed - b.packed);
  let count = 0;
  let sumNs = 0;
  for (const each of classes) {
    count += each.count;
    sumNs += each.count * each.ns;
  }
  const worst = classes.at(-1);
  return {
    count,
    sumNs,
    meanNs: count === 0 ? 0 : sumNs / count,
    worstNs: worst?.ns ?? 0,
    worst: worst === undefined ? null : faultShape(worst.packed),
    p50: nearestRank(classes, count, 500),
    p90: nearestRank(classes, count, 900),
    p99: nearestRank(classes, count, 990),
    p999: nearestRank(classes, count, 999),
  };
};

/**
 * Kinds of work of which the fault shapes hold more than the totals do, and by how much. Shapes and totals are counted
 * on two paths, so anything in here is a mistake in the counting; with nothing in it, `sumNs` cannot exceed the total.
 */
export const shapesBeyondTotals = (
  shapes: ReadonlyMap<number, number>,
  totals: WorkCounts,
): Readonly<Partial<Record<Work, number>>> => {
  const held = new Float64Array(WORKS.length);
  for (const [packed, count] of shapes) {
    const work = workOfShape(faultShape(packed));
    for (const [row, name] of WORKS.entries()) held[row] = held[row]! + count * (work[name] ?? 0);
  }
  const beyond: Partial<Record<Work, number>> = {};
  for (const [row, name] of WORKS.entries()) {
    const more = held[row]! - countOf(totals, name, row);
    if (more > 0) beyond[name] = more;
  }
  return beyond;
};
