/** Arguments that the kernel refuses, accesses that end with a signal, and what lies on the edge of both. */

import { type Advice, type Op, PAGE_SIZE } from '@forklab/core';
import type { Weighted } from '../draw.js';
import type { Family, Maker, Scene } from '../family.js';
import { drawAddress } from '../places.js';

const TASK_END = 0x7ffffffff000;

type Range = Readonly<{ addr: number; length: number }>;

/** A range with something wrong. */
const drawOddRange = ({ world, draw, layout }: Scene): Range => {
  const sound = world.drawRange(layout.filter(({ large }) => !large)) ?? { addr: drawAddress(draw), length: PAGE_SIZE };
  const { addr, length } = sound;
  const odd: Weighted<Range> = [
    [4, { addr: addr + draw.int(1, PAGE_SIZE - 1), length }],
    [4, { addr, length: 0 }],
    [4, { addr, length: Math.max(1, length - draw.int(1, PAGE_SIZE - 1)) }],
    [2, { addr: addr + 1, length: 0 }],
    [3, { addr: drawAddress(draw), length: PAGE_SIZE }],
    [2, { addr: TASK_END - PAGE_SIZE, length: 2 * PAGE_SIZE }],
    [2, { addr: TASK_END, length: PAGE_SIZE }],
    [2, { addr: 0x800000000000, length: PAGE_SIZE }],
    [1, { addr: 2 ** 52, length: PAGE_SIZE }],
    [1, { addr, length: 2 ** 47 }],
    [1, { addr, length: 2 ** 52 }],
  ];
  return draw.weighted(odd);
};

const ADVICES: readonly [Advice, ...Advice[]] = ['dontneed', 'dontfork', 'wipeonfork', 'normal', 'populate_read'];

/** System calls fail on these before they change anything, or do what the rounded range asks for. */
const drawOddCall: Maker = (scene) => {
  const { draw, proc } = scene;
  const range = drawOddRange(scene);
  const calls: Weighted<Op> = [
    [3, { op: 'mprotect', proc, ...range, prot: draw.pick(['rw-', 'r--', '---']) }],
    [2, { op: 'madvise', proc, ...range, advice: draw.pick(ADVICES) }],
    [2, { op: 'mmap', proc, ...range, prot: 'r--', flags: ['private', 'anonymous'] }],
    [1, { op: 'mmap', proc, ...range, prot: 'r--', flags: ['private', 'anonymous', 'fixed', 'noreserve'] }],
    [1, { op: 'mmap', proc, ...range, prot: 'rw-', flags: ['private'] }],
    [2, { op: 'munlock', proc, ...range }],
  ];
  return { op: draw.weighted(calls) };
};

const drawOddUnmap: Maker = (scene) => {
  const range = drawOddRange(scene);
  // What it may take away is not followed; later operations then meet holes, which is what this family is for.
  return { op: { op: 'munmap', proc: scene.proc, ...range } };
};

const drawOddRemap: Maker = (scene) => {
  const { draw, proc } = scene;
  const { addr, length } = drawOddRange(scene);
  const [oldLength, newLength] = draw.pick([
    [length, length],
    [0, PAGE_SIZE],
    [length, 0],
    [length, length + PAGE_SIZE],
    [PAGE_SIZE, PAGE_SIZE],
  ]) as readonly [number, number];
  const target = draw.pick([drawAddress(draw), drawAddress(draw) + 8, addr, addr + PAGE_SIZE, TASK_END - PAGE_SIZE]);
  const to = draw.chance(70) ? { newAddr: target } : {};
  return { op: { op: 'mremap', proc, addr, oldLength, newLength, ...to } };
};

/** Unaligned and straddling accesses, past the end, and at addresses that no process can have. */
const drawOddAccess: Maker = (scene) => {
  const { world, draw, proc, layout } = scene;
  const region = draw.pickOr(layout);
  const inside = region ? region.start + draw.int(0, PAGE_SIZE * 2) : drawAddress(draw);
  const edge = region ? region.end - draw.int(1, 3) : inside;
  const addr = draw.weighted<number>([
    [4, inside],
    [4, edge],
    [2, region ? region.end : inside],
    [1, TASK_END],
    [1, 0x800000000000],
    [1, 2 ** 52],
  ]);
  const length = draw.pick([1, 3, 4, 0, PAGE_SIZE + 1]);
  if (draw.chance(50)) return { op: { op: 'write', proc, addr, length, value: world.nextValue() } };
  return { op: { op: draw.chance(50) ? 'read' : 'digest', proc, addr, length } };
};

export const errors: Family = {
  area: 'errors',
  makers: [
    [14, drawOddCall],
    [3, drawOddUnmap],
    [8, drawOddRemap],
    [14, drawOddAccess],
  ],
};
