/** One trace on the kernel and in the model, and what follows from their answers. */

import {
  compareResults,
  type Difference,
  isForklabError,
  type Stop,
  type Trace,
  type TraceResult,
} from '@forklab/core';
import type { KernelRunner } from '../run-on-kernel.js';
import type { Model } from './model.js';

export type Verdict =
  | { readonly is: 'same' }
  /** The same up to an operation that one of them cannot do. */
  | { readonly is: 'partly'; readonly stop: Stop }
  | { readonly is: 'differs'; readonly difference: Difference }
  /**
   * The kernel differs from itself: `model` in the difference is its first answer. `agrees`: the model answers all of the
   * trace as the kernel did one of the times.
   */
  | { readonly is: 'unstable'; readonly difference: Difference; readonly agrees: boolean }
  /** The model broke down, which is its mistake whatever the kernel says. */
  | { readonly is: 'broken'; readonly error: string };

/** How often the kernel answers a trace before a difference counts. */
const KERNEL_RUNS = 3;

const runModel = (model: Model, trace: Trace): TraceResult | string => {
  try {
    return model.run(trace);
  } catch (error) {
    if (isForklabError(error)) throw error;
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
};

/** @throws ForklabError as `KernelRunner.run`, and when the trace is no valid one. */
export const judgeTrace = async (trace: Trace, model: Model, kernel: KernelRunner): Promise<Verdict> => {
  // The kernel works in another process, so the model has its turn meanwhile.
  const asked = kernel.run(trace);
  asked.catch(() => {});
  const ours = runModel(model, trace);
  const theirs = await asked;
  if (typeof ours === 'string') return { is: 'broken', error: ours };
  const { difference, stop } = compareResults(trace, ours, theirs);
  if (difference === null) return stop === null ? { is: 'same' } : { is: 'partly', stop };
  let own: Difference | null = null;
  let agrees = false;
  for (let run = 1; run < KERNEL_RUNS; run++) {
    const again = await kernel.run(trace);
    own ??= compareResults(trace, theirs, again).difference;
    agrees ||= compareResults(trace, ours, again).difference === null;
  }
  return own ? { is: 'unstable', difference: own, agrees } : { is: 'differs', difference };
};
