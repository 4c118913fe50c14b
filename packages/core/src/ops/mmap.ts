/** @kernel mm/mmap.c do_mmap(), mm/vma.c mmap_region(), release 6.18 */
import type { File } from '../file.js';
import { isPageAligned, PAGE_SIZE, pageAlign } from '../geometry.js';
import type { Machine } from '../machine.js';
import type { Space } from '../space.js';
import type { Addr } from '../strategy.js';
import {
  anyVmaIn,
  insertVma,
  VM_ACCOUNT,
  VM_EXEC,
  VM_GROWSDOWN,
  VM_NORESERVE,
  VM_READ,
  VM_SHARED,
  VM_WRITE,
  Vma,
} from '../vma.js';
import { mergeNewRange } from '../vma-merge.js';
import { countVmaWork } from '../walk.js';
import type { Errno } from './errno.js';
import { populateRange } from './gup.js';
import { unmapRange } from './munmap.js';

export interface MmapArgs {
  readonly addr: Addr;
  readonly length: number;
  /** Three characters: r or -, w or -, x or -. */
  readonly prot: string;
  readonly shared: boolean;
  /** Replace what is there; else the range must be free. */
  readonly fixed: boolean;
  readonly populate: boolean;
  readonly noreserve: boolean;
  readonly growsdown: boolean;
  /** null: anonymous. */
  readonly file: File | null;
  /** Bytes into the file. */
  readonly offset: number;
}

/** VM_READ, VM_WRITE and VM_EXEC of 'rwx'. */
export const protFlags = (prot: string): number =>
  (prot[0] === 'r' ? VM_READ : 0) | (prot[1] === 'w' ? VM_WRITE : 0) | (prot[2] === 'x' ? VM_EXEC : 0);

/** Private memory is charged to the commit limit when it is writable. @kernel accountable_mapping() */
const accountable = (flags: number): number =>
  (flags & (VM_NORESERVE | VM_SHARED | VM_WRITE)) === VM_WRITE ? VM_ACCOUNT : 0;

export const mmap = (m: Machine, space: Space, args: MmapArgs): Errno => {
  m.syscall('mmap');
  const { addr, shared, file, offset } = args;
  const size = pageAlign(args.length);
  if (size === 0 || !isPageAligned(addr) || !isPageAligned(offset)) return 'EINVAL';
  const end = addr + size;
  if (end > m.geometry.taskSize) return 'ENOMEM';
  if (!args.fixed && anyVmaIn(space.vmas, addr, end)) return 'EEXIST';
  if (args.growsdown && (shared || file)) return 'EINVAL';
  const replaced = unmapRange(m, space, addr, end, 'mmap');
  if (replaced !== 0) return replaced;
  const base =
    protFlags(args.prot) |
    (shared ? VM_SHARED : 0) |
    (args.noreserve ? VM_NORESERVE : 0) |
    (args.growsdown ? VM_GROWSDOWN : 0);
  const flags = base | accountable(base);
  const pgoff = file ? offset / PAGE_SIZE : shared ? 0 : addr / PAGE_SIZE;
  const range = { start: addr, end, flags, pgoff, file, anonVma: null, uffd: null };
  // Each shared anonymous mapping is a file of its own, so it has no neighbour that it could merge with.
  const merged = shared && !file ? null : mergeNewRange(space, range);
  if (!merged) {
    const backing = shared && !file ? m.newFile('', size, false) : file;
    insertVma(space.vmas, new Vma(addr, end, flags, pgoff, backing));
  }
  countVmaWork(m, space, 'mmap');
  const prefault = m.asPosted && m.strategy.populate?.(space) === 'read';
  if (args.populate || prefault) populateRange(m, space, addr, end);
  return 0;
};
