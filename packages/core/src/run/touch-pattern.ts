/** Which pages a `touch` operation accesses: drawn, so that a trace of millions of accesses stays one line. */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { PAGE_SIZE } from '../geometry.js';
import type { TouchOp } from '../trace/index.js';

/**
 * Page numbers of a Zipf distribution over `pages` pages with exponent `theta`, rank 1 being page 0: the smallest rank
 * whose cumulative weight reaches a uniform draw.
 */
const zipfTable = (pages: number, theta: number): Float64Array => {
  const sums = new Float64Array(pages);
  let sum = 0;
  for (let rank = 1; rank <= pages; rank++) {
    sum += rank ** -theta;
    sums[rank - 1] = sum;
  }
  return sums;
};

const rankOf = (sums: Float64Array, draw: number): number => {
  const target = draw * sums[sums.length - 1]!;
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sums[middle]! > target) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** Ranks beyond this share one weight table's memory: 8 bytes a page. */
const ZIPF_PAGES_MAX = 1 << 24;

/**
 * The addresses of a touch, in order. `uniform` draws `uniformInt(rng, 0, pages - 1)` from xoroshiro128+ seeded with
 * `seed`; `zipf` draws 32 bits, scales them to [0, 1) and takes the rank there; `sequential` starts again at the end.
 */
export const touchAddresses = function* (op: TouchOp): IterableIterator<number> {
  const pages = Math.floor(op.length / PAGE_SIZE);
  if (pages === 0) return;
  const rng = xoroshiro128plus(op.seed);
  if (op.pattern === 'sequential') {
    for (let i = 0; i < op.count; i++) yield op.addr + (i % pages) * PAGE_SIZE;
    return;
  }
  if (op.pattern === 'uniform') {
    for (let i = 0; i < op.count; i++) yield op.addr + uniformInt(rng, 0, pages - 1) * PAGE_SIZE;
    return;
  }
  const sums = zipfTable(Math.min(pages, ZIPF_PAGES_MAX), op.theta ?? 1);
  for (let i = 0; i < op.count; i++) yield op.addr + rankOf(sums, (rng.next() >>> 0) / 2 ** 32) * PAGE_SIZE;
};
