/** The model that is held against the kernel. */

import {
  createRunner,
  dumpSpace,
  type KernelRelease,
  type StrategyPlugin,
  type Trace,
  type TraceResult,
} from '@forklab/core';

export interface Model {
  readonly name: string;
  readonly run: (trace: Trace) => TraceResult;
  /** VMAs and tables of all processes after the operation of line `i`. */
  readonly dump: (trace: Trace, i: number) => string;
}

/** What of core a model is made of. A core with a bug planted in it makes another one. */
export interface ModelParts {
  readonly createRunner: typeof createRunner;
  readonly dumpSpace: typeof dumpSpace;
}

/** The machine of core under these strategies. */
export const modelOf = (
  strategies: readonly StrategyPlugin[],
  kernel: KernelRelease = '6.18',
  parts: ModelParts = { createRunner, dumpSpace },
): Model => {
  const runTo = (trace: Trace, i: number) => {
    const runner = parts.createRunner(trace, { strategies, kernel });
    for (let k = 0; k < i && runner.next(); k++);
    return runner;
  };
  return {
    name: strategies.map(({ name }) => name).join('+'),
    run: (trace) => runTo(trace, trace.ops.length).result,
    dump: (trace, i) => {
      const { machine } = runTo(trace, i);
      return [...machine.procs.keys()].map((name) => parts.dumpSpace(machine, name)).join('\n');
    },
  };
};
