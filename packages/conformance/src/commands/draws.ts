/** Draws that several commands need. */
import { PAGE_SIZE, type Prot } from '@forklab/core';
import fc from 'fast-check';
import { arbPart } from './pool.js';
import type { Target } from './world.js';

export const arbWho = fc.nat(5);

export const arbTarget: fc.Arbitrary<Target> = fc.record({ who: arbWho, vma: fc.nat(11), part: arbPart });

export const arbProt: fc.Arbitrary<Prot> = fc.constantFrom(
  'rw-',
  'rw-',
  'rw-',
  'rw-',
  'rw-',
  'r--',
  'r--',
  '---',
  'rwx',
  'r-x',
  '-w-',
  '--x',
);

/** Accesses of one step, at most: whole tables of 512 pages are touched here and there only. */
const ACCESSES_MAX = 64;

/** A stride that keeps a step over a long range short; none for a short range. */
export const strideFor = (length: number, skew: number): { stride?: number } => {
  const pages = length / PAGE_SIZE;
  return pages <= ACCESSES_MAX ? {} : { stride: (Math.ceil(pages / ACCESSES_MAX) + (skew % 7)) * PAGE_SIZE };
};
