/** The address space as the fork finds it, as operations of a trace. */

import type { MmapFlag, MmapOp, Op, Prot } from '@forklab/core';
import { type AccessGroup, groupOps, PARENT, type Proc, READ, rightsFor, SWAPOUT, WRITE } from './access.js';
import { aroundFaults } from './fault-around.js';
import type { FileTable } from './files.js';
import type { Mapping } from './maps.js';
import { ANON, FILE, type Kind, type PageStore, pagesIn, runsOfKind, SWAP, ZERO } from './pages.js';
import type { DetailedMapping } from './smaps.js';

/** What the trace cannot say of a mapping, counted by mappings. */
export interface Unsaid {
  /** Stacks: mapped at the size they had. They do not grow in a replay. */
  growsdown: number;
  /** Advice for or against huge pages. */
  hugepageAdvice: number;
  mergeable: number;
  /** Locked, though not all of it is resident. */
  lockedInPart: number;
}

/** The pages of the base, by kind, and what was done for their sake. */
export interface LayoutCounts {
  readonly anonymous: number;
  readonly zero: number;
  readonly file: number;
  /** Of `file`: pages of shared mappings. */
  readonly shared: number;
  readonly swapped: number;
  /** Mappings that are changed to the rights they really have after their pages were written. */
  readonly protectedLater: number;
  /** Pages that a replay would find mapped by fault-around and the process did not: dropped again. */
  readonly droppedAgain: number;
  readonly unsaid: Unsaid;
}

export interface LayoutOptions {
  /** Keep the flag of stacks, `growsdown`. */
  readonly growsdown: boolean;
}

/** `mmap` of one mapping, with `prot` in place of its own rights. */
export const mmapOp = (
  proc: Proc,
  files: FileTable,
  mapping: Mapping,
  { prot = mapping.prot, extra = [] }: { prot?: Prot; extra?: readonly MmapFlag[] } = {},
): MmapOp => {
  const file = files.name(mapping);
  const flags: MmapFlag[] = [mapping.shared ? 'shared' : 'private', ...(file === null ? (['anonymous'] as const) : [])];
  const place = { op: 'mmap', proc, addr: mapping.start, length: mapping.end - mapping.start } as const;
  const backing = file === null ? {} : { file, ...(mapping.offset > 0 ? { offset: mapping.offset } : {}) };
  return { ...place, prot, flags: [...flags, ...extra], ...backing };
};

/** Whether pages of a shared mapping are written rather than read: where the kernel counts dirty pages. */
export const isSharedDirty = (mapping: Mapping): boolean =>
  mapping.shared &&
  mapping.prot[1] === 'w' &&
  (!('smaps' in mapping) || (mapping as DetailedMapping).smaps.dirtyKb > 0);

/** What populates one mapping, in the order in which it must happen: writes first, for they keep fault-around out. */
const populate = (store: PageStore, mapping: DetailedMapping): AccessGroup[] => {
  const group = (action: AccessGroup['action'], kind: Kind): AccessGroup => ({
    ...{ proc: PARENT, action, mapping },
    runs: runsOfKind(store, mapping, kind),
  });
  // Only a page that holds data can go to swap.
  const swapped = group(SWAPOUT, SWAP);
  return [
    { ...swapped, action: WRITE } as const,
    group(WRITE, ANON),
    group(isSharedDirty(mapping) ? WRITE : READ, FILE),
    group(READ, ZERO),
    swapped,
  ].filter(({ runs }) => runs.length > 0);
};

/** The rights that a mapping needs while it is populated. */
const populateRights = (mapping: Mapping, groups: readonly AccessGroup[]): Prot =>
  groups.reduce<Prot>((prot, { action }) => rightsFor(prot, action), mapping.prot);

/** Operations that give a populated mapping the rights and the advice that it has. */
const finish = (mapping: DetailedMapping, prot: Prot, unsaid: Unsaid): Op[] => {
  const range = { proc: PARENT, addr: mapping.start, length: mapping.end - mapping.start } as const;
  const { flags, rssKb } = mapping.smaps;
  const ops: Op[] = [];
  if (prot !== mapping.prot) ops.push({ op: 'mprotect', ...range, prot: mapping.prot });
  if (flags.has('dc')) ops.push({ op: 'madvise', ...range, advice: 'dontfork' });
  if (flags.has('wf')) ops.push({ op: 'madvise', ...range, advice: 'wipeonfork' });
  // mlock() would bring in what is absent, so it is only replayed where nothing is.
  if (flags.has('lo') && rssKb * 1024 === range.length) ops.push({ op: 'mlock', ...range });
  else if (flags.has('lo')) unsaid.lockedInPart++;
  if (flags.has('hg') || flags.has('nh')) unsaid.hugepageAdvice++;
  if (flags.has('mg')) unsaid.mergeable++;
  return ops;
};

const countPages = (groups: readonly AccessGroup[], wanted: (group: AccessGroup) => boolean): number =>
  groups.reduce((pages, group) => pages + (wanted(group) ? pagesIn(group.runs) : 0), 0);

/**
 * The operations that build the address space: files, mappings, their pages, then rights and advice.
 *
 * All mappings are made before any page, as neighbours that nothing tells apart then merge as they did in the process.
 */
export const layoutOps = (
  store: PageStore,
  mappings: readonly DetailedMapping[],
  files: FileTable,
  options: LayoutOptions,
): { readonly ops: Op[]; readonly counts: LayoutCounts } => {
  const unsaid: Unsaid = { growsdown: 0, hugepageAdvice: 0, mergeable: 0, lockedInPart: 0 };
  const parts = mappings.map((mapping) => {
    const groups = populate(store, mapping);
    return { mapping, groups, prot: populateRights(mapping, groups) };
  });
  const made = files.declare(mappings);
  const maps = parts.map(({ mapping, prot }) => {
    const { flags } = mapping.smaps;
    const stack = flags.has('gd');
    if (stack && !options.growsdown) unsaid.growsdown++;
    const extra: MmapFlag[] = [];
    if (flags.has('nr')) extra.push('noreserve');
    if (stack && options.growsdown) extra.push('growsdown');
    return mmapOp(PARENT, files, mapping, { prot, extra });
  });
  const groups = parts.flatMap((part) => part.groups);
  const dropped = aroundFaults(groups, files);
  const ops: Op[] = [...made, ...maps, ...groups.flatMap((group) => groupOps(group, true))];
  ops.push(...dropped.flatMap((group) => groupOps(group, true)));
  ops.push(...parts.flatMap(({ mapping, prot }) => finish(mapping, prot, unsaid)));
  const ofKind = (kind: Kind): number => mappings.reduce((n, it) => n + pagesIn(runsOfKind(store, it, kind)), 0);
  const counts: LayoutCounts = {
    anonymous: ofKind(ANON),
    zero: ofKind(ZERO),
    file: ofKind(FILE),
    shared: countPages(groups, ({ mapping }) => mapping.shared),
    swapped: ofKind(SWAP),
    protectedLater: parts.filter(({ mapping, prot }) => prot !== mapping.prot).length,
    droppedAgain: countPages(dropped, () => true),
    unsaid,
  };
  return { ops, counts };
};
