/** What tells bugs apart: not the trace, which is one of many that show a bug, but the operations it cannot do without. */
import type { Op } from '@forklab/core';

/** Setting the scene, or looking at it afterwards: every trace does that. */
const SCENERY: ReadonlySet<Op['op']> = new Set(['process', 'file', 'sample', 'ptdump', 'share']);
const LOOKS: ReadonlySet<Op['op']> = new Set(['read', 'digest']);

const mmapName = (op: Op & { op: 'mmap' }): string => {
  const shared = op.flags.includes('shared') ? 'shared' : '';
  const kind = op.flags.includes('hugetlb') ? 'hugetlb' : op.file === undefined ? '' : 'file';
  return ['mmap', shared, kind].filter((word) => word !== '').join(' ');
};

/** An operation by its kind, with what makes it another operation altogether: advice, whether it moves, what it maps. */
export const siteOf = (op: Op): string => {
  if (op.op === 'madvise') return op.advice;
  if (op.op === 'mmap') return mmapName(op);
  if (op.op === 'mremap') return op.newAddr === undefined ? 'mremap in place' : 'mremap';
  if (op.op === 'touch') return op.write ? 'write' : 'read';
  return op.op;
};

/** The operation that did it, as far as a trace tells: the last one that is no mere look. */
export const culpritOf = (ops: readonly Op[]): string => {
  const last = ops.findLast((op) => !LOOKS.has(op.op) && !SCENERY.has(op.op));
  const op = last ?? ops.at(-1);
  // What a mapping replaces goes the same way whatever it maps.
  return op === undefined ? 'nothing' : op.op === 'mmap' ? 'mmap' : siteOf(op);
};

/** Everything in a trace but scenery; what happens twice counts as another thing: a second fork is not the first. */
export const sitesOf = (ops: readonly Op[]): ReadonlySet<string> => {
  const sites = new Set<string>();
  for (const op of ops) {
    if (SCENERY.has(op.op) || LOOKS.has(op.op)) continue;
    const site = siteOf(op);
    if (site === 'mmap' || site === 'write') continue;
    sites.add(sites.has(site) ? `${site} again` : site);
  }
  return sites;
};

/** A bug, as far as two findings of it have something in common. */
export interface Signature {
  readonly invariant: string;
  readonly culprit: string;
  readonly sites: ReadonlySet<string>;
  /** What was found, without the numbers and names of this run. */
  readonly shape: string;
}

export const shapeOf = (detail: string): string => detail.replace(/0x[0-9a-f]+|\b[a-z]?\d[0-9a-f]*\b/g, '#');

/** Checks that speak of what an operation did. All others speak of a state, which many operations may lead to. */
const OF_OPERATIONS: ReadonlySet<string> = new Set([
  'same-result',
  'same-contents',
  'no-change-while-shared',
  'zap-takes-its-range',
  'entry-in-vma',
  'no-stale-translation',
  'pin-keeps-page',
]);

/**
 * Whether `a` needs nothing that `b` does not have, and ends in the same way: then `b` shows no more than `a` does. A state
 * that is wrong in the same words is one bug, whichever operation led there.
 */
export const covers = (a: Signature, b: Signature): boolean => {
  if (a.invariant !== b.invariant) return false;
  if (!OF_OPERATIONS.has(a.invariant)) return a.shape === b.shape;
  return a.culprit === b.culprit && [...a.sites].every((site) => b.sites.has(site));
};
