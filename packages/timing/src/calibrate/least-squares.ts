/** Non-negative least squares, and how sure its answer is: a price below nothing would be no price. */
import { random } from '../requests/random.js';

/** One equation: what was counted, what it took. */
export interface Equation {
  readonly counts: readonly number[];
  readonly ns: number;
}

const STEPS = 20_000;
const ENOUGH = 1e-12;

/**
 * Prices, 0 or more, that make the sum of squared relative errors least: of measurements from microseconds to seconds each
 * counts alike. By coordinate descent, which for a convex problem ends at the least one.
 */
export const nonNegativeLeastSquares = (equations: readonly Equation[]): readonly number[] => {
  const n = equations[0]?.counts.length ?? 0;
  const gram = Array.from({ length: n }, () => new Float64Array(n));
  const right = new Float64Array(n);
  for (const { counts, ns } of equations) {
    for (let i = 0; i < n; i++) {
      right[i] = right[i]! + counts[i]! / ns;
      for (let j = 0; j < n; j++) gram[i]![j] = gram[i]![j]! + (counts[i]! * counts[j]!) / (ns * ns);
    }
  }
  const x = new Float64Array(n);
  for (let step = 0; step < STEPS; step++) {
    let moved = 0;
    for (let i = 0; i < n; i++) {
      const diagonal = gram[i]![i]!;
      if (diagonal === 0) continue;
      let slope = -right[i]!;
      for (let j = 0; j < n; j++) slope += gram[i]![j]! * x[j]!;
      const next = Math.max(0, x[i]! - slope / diagonal);
      moved = Math.max(moved, Math.abs(next - x[i]!) / Math.max(next, 1));
      x[i] = next;
    }
    if (moved < ENOUGH) break;
  }
  return [...x];
};

const predict = (prices: readonly number[], counts: readonly number[]): number =>
  counts.reduce((sum, count, i) => sum + count * prices[i]!, 0);

/** The error of a prediction, as a share of what was measured. */
export const errorOf = (prices: readonly number[], { counts, ns }: Equation): number =>
  predict(prices, counts) / ns - 1;

export const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

export interface Fitted {
  readonly ns: number;
  /** Between these lie 95 of 100 fits to measurements drawn again from the same ones. */
  readonly low: number;
  readonly high: number;
}

const DRAWS = 200;

/** The prices with their confidence intervals, by bootstrap. The same equations and seed give the same answer. */
export const fitPrices = (equations: readonly Equation[], seed: number): readonly Fitted[] => {
  const best = nonNegativeLeastSquares(equations);
  const draw = random(seed);
  const again = Array.from({ length: DRAWS }, () =>
    nonNegativeLeastSquares(equations.map(() => equations[Math.floor(draw() * equations.length)]!)),
  );
  return best.map((ns, i) => {
    const seen = again.map((prices) => prices[i]!).sort((a, b) => a - b);
    const [low, high] = [seen[Math.floor(DRAWS * 0.025)]!, seen[Math.ceil(DRAWS * 0.975) - 1]!];
    return { ns, low: Math.min(low, ns), high: Math.max(high, ns) };
  });
};
