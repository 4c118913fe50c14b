/** The trace of a seed. */
import { type Trace, X86_64 } from '@forklab/core';
import fc from 'fast-check';
import { EXIT_ORDERS, withClosing } from './closing.js';
import { arbTrace, type RandomTraceOptions } from './commands/index.js';

/** The trace of one seed, ending as `withClosing` ends it. Same seed and options, same trace. */
export const randomTrace = (seed: number, options: RandomTraceOptions = {}): Trace => {
  const arb = fc.tuple(arbTrace(options), fc.constantFrom(...EXIT_ORDERS));
  const [trace, order] = fc.sample(arb, { seed, numRuns: 1 })[0] as [Trace, (typeof EXIT_ORDERS)[number]];
  return withClosing(trace, order, options.geometry ?? X86_64);
};
