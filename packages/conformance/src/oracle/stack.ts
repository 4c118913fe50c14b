/** Memory that grows downwards when somebody accesses what lies below it. @kernel 6.18 mm/vma.c */
import { PAGE_SIZE } from '@forklab/core';
import { FLAG, type FlatProc, type FlatVma } from './types.js';
import { ensureAnon } from './vmas.js';

/** Where the room that must stay free below a VMA begins. @kernel vm_start_gap() */
export const guardedStart = (proc: FlatProc, vma: FlatVma): number => {
  const gap = vma.flags & FLAG.growsdown ? proc.geometry.stackGuardPages * PAGE_SIZE : 0;
  return Math.max(0, vma.start - gap);
};

/** The stack that an access below it makes longer. @kernel expand_downwards() */
export const growStack = (proc: FlatProc, addr: number): FlatVma | undefined => {
  const i = proc.vmas.findIndex((vma) => vma.end > addr);
  const vma = proc.vmas[i];
  if (vma === undefined || !(vma.flags & FLAG.growsdown)) return undefined;
  const page = addr - (addr % PAGE_SIZE);
  const below = proc.vmas[i - 1];
  const { stackGuardPages, stackLimit } = proc.geometry;
  const guards = below !== undefined && !(below.flags & FLAG.growsdown) && below.prot !== '---';
  if (guards && page - below.end < stackGuardPages * PAGE_SIZE) return undefined;
  ensureAnon(proc, vma);
  const pages = (vma.start - page) / PAGE_SIZE;
  if (pages > vma.pgoff || vma.end - page > stackLimit) return undefined;
  vma.start = page;
  vma.pgoff -= pages;
  return vma;
};
