import type { Addr, VmaView } from '@forklab/core';

/** A VMA with other ends: a range that code judges by this VMA, whether it lies in it or not. */
export const stretch = (vma: VmaView, start: Addr, end: Addr): VmaView =>
  Object.create(vma, { start: { value: start }, end: { value: end } }) as VmaView;
