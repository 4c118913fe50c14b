/** Many traces, each on the kernel and in the model. */

import type { Stop, Trace } from '@forklab/core';
import type { KernelRunner } from '../run-on-kernel.js';
import { countsAgainstModel, findingOf, type ValidateFinding } from './finding.js';
import { judgeTrace } from './judge-trace.js';
import type { Model } from './model.js';

export interface ValidateOptions {
  readonly model: Model;
  readonly kernel: KernelRunner;
  /** They are taken one at a time, so that they may be made, or read, as they are needed. */
  readonly traces: Iterable<Trace> | AsyncIterable<Trace>;
  /** Stop after so many findings that count against the model. Default 1. */
  readonly findingsMax?: number;
  /** Called before each trace with how many were done; what it throws ends the run. */
  readonly onTrace?: (done: number, findings: number) => void | Promise<void>;
}

export interface ValidateReport {
  /** Traces run. */
  readonly traces: number;
  /** Operations of them. */
  readonly operations: number;
  /** Traces compared up to an operation that one side cannot do. */
  readonly partly: readonly { readonly trace: string; readonly stop: Stop }[];
  readonly findings: readonly ValidateFinding[];
}

/** @throws ForklabError as `KernelRunner.run`, and whatever `traces` and `onTrace` throw. */
export const validate = async (options: ValidateOptions): Promise<ValidateReport> => {
  const { model, kernel, findingsMax = 1, onTrace } = options;
  const partly: { trace: string; stop: Stop }[] = [];
  const findings: ValidateFinding[] = [];
  let [traces, operations] = [0, 0];
  for await (const trace of options.traces) {
    await onTrace?.(traces, findings.length);
    const verdict = await judgeTrace(trace, model, kernel);
    traces++;
    operations += trace.ops.length;
    if (verdict.is === 'partly') partly.push({ trace: trace.header.name, stop: verdict.stop });
    else if (verdict.is !== 'same') findings.push(await findingOf(trace, verdict, model, kernel));
    if (findings.filter(countsAgainstModel).length >= findingsMax) break;
  }
  return { traces, operations, partly, findings };
};
