/** When requests arrive, in nanoseconds from the start. */
import type { Arrivals } from '@forklab/core';
import { random } from './random.js';

const SECOND = 1e9;

/** Arrival times of `count` requests, in order. Of a closed loop there are none: a request arrives when one is answered. */
export const arrivalTimes = (arrivals: Arrivals, count: number, seed: number): Float64Array | null => {
  const times = new Float64Array(arrivals.kind === 'log' ? Math.min(count, arrivals.atNs.length) : count);
  switch (arrivals.kind) {
    case 'closed':
      return null;
    case 'log':
      return times.map((_, i) => arrivals.atNs[i]!);
    case 'fixed':
      return times.map((_, i) => (i * SECOND) / arrivals.perSecond);
    case 'bursts': {
      const { burst, perSecond } = arrivals;
      return times.map((_, i) => (Math.floor(i / burst) * burst * SECOND) / perSecond);
    }
    case 'poisson': {
      const draw = random(seed);
      let at = 0;
      return times.map(() => {
        // The logarithm of 1 - u: u may be 0 and is never 1.
        at -= (Math.log(1 - draw()) * SECOND) / arrivals.perSecond;
        return at;
      });
    }
  }
};
