/** From which share of written memory on does a strategy cost more than classic fork? */

/** Total cost at one share. Only their difference matters. */
export interface CostPair {
  readonly strategyNs: number;
  readonly classicNs: number;
}

export interface BreakEvenOptions {
  /** The answer is this close to the true crossing. Above 0, at most 1. Default 1/1024. */
  readonly tolerance?: number;
  /** Shares looked at first, evenly from 0 to 1, both included. At least 2. Default 5. */
  readonly samples?: number;
}

export interface BreakEven {
  /** The share at which the strategy begins (or, for 'below', ceases) to lose; null for 'never' and 'always'. */
  readonly share: number | null;
  /** Where the strategy costs more than classic: nowhere, everywhere, above or below the share. A tie is no loss. */
  readonly loses: 'never' | 'always' | 'above' | 'below';
  /** False when the samples crossed more than once: then the share is the last crossing. */
  readonly monotone: boolean;
  /** How often the costs were asked for. */
  readonly evaluations: number;
}

const checked = (value: number, ok: boolean, name: string, expected: string): number => {
  if (!ok) throw new RangeError(`breakEven: ${name} is ${value}, expected ${expected}`);
  return value;
};

/**
 * Finds the break-even of `costsAt`, which is asked for shares from 0 to 1 and must answer the same to the same share.
 * Samples first, then bisects between the last two samples that disagree, so a crossing and its reverse that lie
 * between two samples are missed. With n samples it asks at most n + log2(1 / ((n - 1) * tolerance)) times, rounded up.
 */
export const breakEven = (costsAt: (writtenShare: number) => CostPair, options: BreakEvenOptions = {}): BreakEven => {
  const { tolerance = 1 / 1024, samples = 5 } = options;
  checked(tolerance, tolerance > 0 && tolerance <= 1, 'tolerance', 'a share above 0, at most 1');
  checked(samples, Number.isInteger(samples) && samples >= 2, 'samples', 'a whole number, at least 2');
  let evaluations = 0;
  const losesAt = (share: number): boolean => {
    evaluations++;
    const { strategyNs, classicNs } = costsAt(share);
    checked(strategyNs, Number.isFinite(strategyNs), `strategyNs at share ${share}`, 'a finite number');
    checked(classicNs, Number.isFinite(classicNs), `classicNs at share ${share}`, 'a finite number');
    return strategyNs > classicNs;
  };
  const shares = Array.from({ length: samples }, (_, i) => i / (samples - 1));
  const seen = shares.map(losesAt);
  const atEnd = seen[samples - 1]!;
  const before = seen.lastIndexOf(!atEnd);
  if (before < 0) return { share: null, loses: atEnd ? 'always' : 'never', monotone: true, evaluations };
  let left = shares[before]!;
  let right = shares[before + 1]!;
  while (right - left > tolerance) {
    const middle = (left + right) / 2;
    // Below the spacing of floating-point numbers the middle is an end: there is nothing left to halve.
    if (middle === left || middle === right) break;
    if (losesAt(middle) === atEnd) right = middle;
    else left = middle;
  }
  const crossings = seen.filter((loses, i) => i > 0 && loses !== seen[i - 1]).length;
  return {
    share: atEnd ? right : left,
    loses: atEnd ? 'above' : 'below',
    monotone: crossings === 1,
    evaluations,
  };
};
