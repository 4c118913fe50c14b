/** What follows a fork that nobody watched: an assumption, stated in the header of the trace. */

import type { Op, TouchPattern } from '@forklab/core';
import { PARENT } from './access.js';
import type { Mapping } from './maps.js';
import { PAGE } from './pagemap.js';
import { ANON, type PageStore, runsOfKind } from './pages.js';

/** The writes of the parent that are assumed to follow the fork. */
export interface Assumption {
  /** Accesses as a share of the writable private pages that are there. Some pages may be drawn twice. 0 to 10. */
  readonly writtenShare: number;
  readonly pattern: TouchPattern;
  /** The skew of `zipf`, 0 to 10. */
  readonly theta: number;
  /** 0 to 2^32 - 1. */
  readonly seed: number;
}

export const DEFAULT_ASSUMPTION: Assumption = { writtenShare: 0.05, pattern: 'uniform', theta: 1, seed: 1 };

/** The assumption as a sentence. */
export const assumptionText = ({ writtenShare, pattern, theta, seed }: Assumption): string => {
  const drawn = pattern === 'zipf' ? `zipf (theta ${theta})` : pattern;
  const share = Math.round(writtenShare * 1e6) / 1e4;
  return (
    `Nobody watched the process fork. Assumed: the parent writes ${share} % as often as it has writable private pages, ` +
    `drawn ${drawn} within each run of them, seed ${seed}; the child only exits.`
  );
};

/**
 * One `touch` for each run of private pages that are there and may be written. The shares are rounded along the runs, so
 * that they add up: the runs before a page get as many accesses as the share of the pages before it.
 */
export const assumedOps = (store: PageStore, mappings: readonly Mapping[], assumption: Assumption): Op[] => {
  const { writtenShare, pattern, theta, seed } = assumption;
  const skew = pattern === 'zipf' ? { theta } : {};
  const ops: Op[] = [];
  let pages = 0;
  let given = 0;
  for (const mapping of mappings) {
    if (mapping.prot[1] !== 'w' || mapping.shared) continue;
    const runs = runsOfKind(store, mapping, ANON);
    for (let i = 0; i < runs.length; i += 2) {
      pages += runs[i + 1]!;
      const count = Math.round(pages * writtenShare) - given;
      if (count === 0) continue;
      given += count;
      const range = { proc: PARENT, addr: runs[i]! * PAGE, length: runs[i + 1]! * PAGE };
      // Each run draws from its own stream: with one seed for all, equal runs would be written alike.
      ops.push({ op: 'touch', ...range, pattern, ...skew, count, seed: (seed + ops.length) % 2 ** 32, write: true });
    }
  }
  return ops;
};
