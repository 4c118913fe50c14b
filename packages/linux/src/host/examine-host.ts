/** What the kernel of this machine lets a comparison look at. Looks, changes nothing. */

import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { release, totalmem } from 'node:os';
import type { KernelRelease } from '@forklab/core';

export interface HostFacts {
  /** `uname -r`. */
  readonly kernel: string;
  /** The machine option that fits it: the release whose behaviour it shares as far as it is known. */
  readonly fits: KernelRelease;
  /** Whether it shares that release's behaviour in everything that is modelled. */
  readonly exactly: boolean;
  readonly root: boolean;
  /** Frame numbers in pagemap, which need CAP_SYS_ADMIN. */
  readonly frameNumbers: boolean;
  readonly memoryBytes: number;
  /** A swap device can be made for a trace: root, and a kernel with zram. */
  readonly zram: boolean;
  /** `always`, `madvise` or `never`; null of a kernel without transparent huge pages. */
  readonly thp: string | null;
  /** Huge pages of 2 MiB that are reserved and free. */
  readonly hugetlbFree: number;
  /** 0 heuristic, 1 always, 2 never more than there is. */
  readonly overcommit: number;
  /** 0: everybody may; 1: who has CAP_SYS_ADMIN; 2: nobody; null: this kernel does not say. */
  readonly ioUringDisabled: number | null;
  readonly userfaultfd: boolean;
}

/** What a file says, without blanks around it; null when it cannot be read. */
export const textOf = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
};

const numberOrNull = (path: string): number | null => {
  const text = textOf(path);
  return text === null ? null : Number(text);
};

/** Frame numbers read as zero without the right to see them; the first mapped page of this process tells. */
const showsFrameNumbers = (): boolean => {
  const start = Number.parseInt(textOf('/proc/self/maps')?.split('-', 1)[0] ?? '', 16);
  let file: number | null = null;
  try {
    file = openSync('/proc/self/pagemap', 'r');
    const entry = Buffer.alloc(8);
    readSync(file, entry, 0, 8, Math.floor(start / 4096) * 8);
    return (entry.readBigUInt64LE() & ((1n << 55n) - 1n)) !== 0n;
  } catch {
    return false;
  } finally {
    if (file !== null) closeSync(file);
  }
};

/** The word in brackets. */
const chosen = (text: string | null): string | null => /\[(\w+)\]/.exec(text ?? '')?.[1] ?? null;

/**
 * What a trace can see changed step by step: guard regions came with 6.13, MADV_DONTNEED frees the tables that it empties
 * since 6.14, and mremap moves several VMAs at once since 6.17. In between neither release fits whole.
 */
const AS_6_18_SINCE = [6, 17] as const;
const AS_6_1_UNTIL = [6, 12] as const;

/** The machine option for a kernel of this `uname -r`, and whether it answers as that release in all that is modelled. */
export const fittingRelease = (kernel: string): { readonly fits: KernelRelease; readonly exactly: boolean } => {
  const [major = 0, minor = 0] = kernel.split('.').map((part) => Number.parseInt(part, 10));
  const number = major * 1000 + minor;
  const numberOf = ([a, b]: readonly [number, number]): number => a * 1000 + b;
  if (number >= numberOf(AS_6_18_SINCE)) return { fits: '6.18', exactly: true };
  return { fits: '6.1', exactly: number <= numberOf(AS_6_1_UNTIL) };
};

export const examineHost = (): HostFacts => {
  return {
    kernel: release(),
    ...fittingRelease(release()),
    root: process.getuid?.() === 0,
    frameNumbers: showsFrameNumbers(),
    memoryBytes: totalmem(),
    zram: process.getuid?.() === 0 && existsSync('/sys/class/zram-control/hot_add'),
    thp: chosen(textOf('/sys/kernel/mm/transparent_hugepage/enabled')),
    hugetlbFree: numberOrNull('/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages') ?? 0,
    overcommit: numberOrNull('/proc/sys/vm/overcommit_memory') ?? 0,
    ioUringDisabled: numberOrNull('/proc/sys/kernel/io_uring_disabled'),
    userfaultfd: existsSync('/dev/userfaultfd') || existsSync('/proc/sys/vm/unprivileged_userfaultfd'),
  };
};
