import { baselineOf, strategyCalled } from './rows.js';
import type { Curve, Input, Strategy } from './types.js';

/** The cost of one strategy by share written, and where it stops paying. */
export interface CurveOf {
  readonly strategy: Strategy;
  readonly at: number;
  readonly curve: Curve;
  /** The share above which it loses to the baseline, 0 to 1; null where the curves do not cross. */
  readonly crossing: number | null;
  /** The crossing, or why there is none, in words. */
  readonly says: string;
}

/** The break-even of one kind of write: of tables, or of pages. */
export interface BreakEvenOf {
  readonly of: string;
  readonly baseline: CurveOf | undefined;
  readonly curves: readonly CurveOf[];
}

/** The curve's value at a share, straight between its points. */
export const valueAt = (curve: Curve, share: number): number => {
  const right = curve.x.findIndex((x) => x >= share);
  if (right < 0) return curve.y.at(-1) ?? Number.NaN;
  const [x1, y1] = [curve.x[right]!, curve.y[right] ?? Number.NaN];
  if (right === 0 || x1 === share) return y1;
  const [x0, y0] = [curve.x[right - 1]!, curve.y[right - 1] ?? Number.NaN];
  return y0 + ((y1 - y0) * (share - x0)) / (x1 - x0);
};

/** The break-even curves of an input, by what is written. */
export const breakEvenOf = (input: Input): readonly BreakEvenOf[] => {
  const kinds = new Set([...input.breakEven.curves, ...input.breakEven.points].map((part) => part.of));
  const baseline = baselineOf(input.strategies);
  return [...kinds].map((of) => {
    const found = input.breakEven.curves.filter((curve) => curve.of === of);
    const reference = found.find((curve) => strategyCalled(input.strategies, curve.strategy) === baseline);
    const curves = found.flatMap((curve) => curveOf(input, curve, baseline, reference));
    return { of, baseline: curves.find(({ strategy }) => strategy === baseline), curves };
  });
};

/**
 * The curve with the crossing as one more point. Curves are measured at few shares, the crossing was searched for; a line
 * drawn straight past it would miss it.
 */
const meeting = (curve: Curve, reference: Curve, crossing: number): Curve => {
  const points = curve.x.map((x, i) => [x, curve.y[i] ?? Number.NaN] as const).filter(([x]) => x !== crossing);
  const all = [...points, [crossing, valueAt(reference, crossing)] as const].sort(([a], [b]) => a - b);
  return { ...curve, x: all.map(([x]) => x), y: all.map(([, y]) => y) };
};

const curveOf = (
  input: Input,
  curve: Curve,
  baseline: Strategy | undefined,
  reference: Curve | undefined,
): CurveOf[] => {
  const strategy = strategyCalled(input.strategies, curve.strategy);
  if (!strategy) return [];
  const point = input.breakEven.points.find(
    ({ of, strategy: called }) => of === curve.of && strategyCalled(input.strategies, called) === strategy,
  );
  const crossing = strategy === baseline ? null : (point?.share ?? null);
  const found = point?.says || describe(curve, reference, crossing, baseline?.label ?? '');
  const says = strategy === baseline ? 'the baseline' : found;
  const met = crossing === null || !reference ? curve : meeting(curve, reference, crossing);
  return [{ strategy, at: input.strategies.indexOf(strategy), curve: met, crossing, says }];
};

const describe = (curve: Curve, reference: Curve | undefined, crossing: number | null, baseline: string): string => {
  if (crossing !== null) {
    const percent = (crossing * 100).toFixed(crossing < 0.1 ? 1 : 0);
    return `loses to ${baseline} above ${percent}\u202f% of ${curve.of} written`;
  }
  if (!reference) return 'no crossing';
  const gaps = curve.x.map((x, i) => (curve.y[i] ?? Number.NaN) - valueAt(reference, x));
  if (gaps.every((gap) => gap === 0)) return `costs what ${baseline} costs`;
  if (gaps.every((gap) => gap <= 0)) return `never loses to ${baseline}`;
  return gaps.every((gap) => gap >= 0) ? `never wins over ${baseline}` : 'no crossing was given';
};
