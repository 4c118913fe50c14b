/** mmap, munmap and mprotect. */

import { type MmapFlag, type Op, PAGE_SIZE, type Prot } from '@forklab/core';
import type { Weighted } from '../draw.js';
import type { Family, Maker, Scene } from '../family.js';
import { type Backing, changed, endOf, isFree, mapped, type Region, unmapped } from '../layout.js';
import { drawAddress, drawBeside, drawPages, drawRange } from '../places.js';

const PROTS: Weighted<Prot> = [
  [70, 'rw-'],
  [17, 'r--'],
  [13, '---'],
  [2, 'rwx'],
  [1, '-w-'],
];

const BACKINGS: Weighted<Backing> = [
  [62, 'anonymous'],
  [12, 'shared'],
  [15, 'file'],
  [11, 'shared-file'],
];

const OFFSETS: Weighted<number> = [
  [12, 0],
  [5, 3 * PAGE_SIZE],
  [5, 100 * PAGE_SIZE],
  [5, 512 * PAGE_SIZE],
  [1, 1000],
];

const place = ({ draw, layout }: Scene, length: number): { addr: number; fixed: boolean } => {
  const over = draw.chance(15) ? drawRange(draw, layout) : undefined;
  if (over) return { addr: over.addr, fixed: true };
  const beside = draw.chance(25) ? drawBeside(draw, layout, length) : undefined;
  return { addr: beside ?? drawAddress(draw), fixed: draw.chance(5) };
};

export const drawMmap: Maker = (scene) => {
  const { world, draw, proc, layout } = scene;
  const length = drawPages(draw) * PAGE_SIZE;
  const { addr, fixed } = place(scene, length);
  const prot = draw.weighted(PROTS);
  const wanted = draw.weighted(BACKINGS);
  const file = wanted === 'file' || wanted === 'shared-file' ? draw.pickOr(world.files) : undefined;
  const shared = wanted === 'shared' || wanted === 'shared-file';
  const backing: Backing = file === undefined ? (shared ? 'shared' : 'anonymous') : wanted;
  const flags: MmapFlag[] = [shared ? 'shared' : 'private'];
  if (file === undefined) flags.push('anonymous');
  if (fixed) flags.push('fixed');
  if (draw.chance(6)) flags.push('populate');
  if (draw.chance(2)) flags.push('noreserve');
  const offset = draw.weighted(OFFSETS);
  const op: Op = { op: 'mmap', proc, addr, length, prot, flags, ...(file === undefined ? {} : { file, offset }) };
  const end = endOf(addr, length);
  const fails = (file !== undefined && offset % PAGE_SIZE !== 0) || (!fixed && !isFree(layout, addr, end));
  const region: Region = { start: addr, end, prot, backing, dontfork: false, wipeonfork: false };
  return fails ? { op } : { op, layout: mapped(layout, region) };
};

const drawMunmap: Maker = ({ draw, proc, layout }) => {
  const range = drawRange(draw, layout);
  if (!range) return undefined;
  return { op: { op: 'munmap', proc, ...range }, layout: unmapped(layout, range.addr, range.addr + range.length) };
};

const drawMprotect: Maker = ({ draw, proc, layout }) => {
  const range = drawRange(draw, layout);
  if (!range) return undefined;
  const prot = draw.weighted(PROTS);
  return {
    op: { op: 'mprotect', proc, ...range, prot },
    layout: changed(layout, range.addr, range.addr + range.length, { prot }),
  };
};

export const mappings: Family = {
  area: 'memory',
  makers: [
    [130, drawMmap],
    [70, drawMprotect],
    [55, drawMunmap],
  ],
};
