/** The operations of a trace, one interface each. Types only; `fields.ts` says the same as data. */

import type { OpBase, ProcOp, RangeOp } from './op-base.js';
import type { AttachOp, DetachOp, ProtectOp, ShareOp } from './share-ops.js';
import type { UffdRegisterOp, UffdUnregisterOp, UffdWriteprotectOp } from './uffd-ops.js';
import type { Advice, MmapFlag, PinHow, Prot, TouchPattern } from './vocabulary.js';

export type { Exclusion } from './op-base.js';
export type * from './share-ops.js';
export type * from './uffd-ops.js';

/** A new process with an empty address space. */
export interface ProcessOp extends ProcOp {
  readonly op: 'process';
}

/** A memory file (tmpfs or memfd semantics) of `size` bytes of holes. */
export interface FileOp extends OpBase {
  readonly op: 'file';
  readonly file: string;
  readonly size: number;
  readonly proc?: string;
}

export interface TruncateOp extends OpBase {
  readonly op: 'truncate';
  readonly file: string;
  readonly size: number;
  readonly proc?: string;
}

/** `file` is ignored beside the flag `anonymous`, as Linux ignores it; with neither, Linux answers EBADF. */
export interface MmapOp extends RangeOp {
  readonly op: 'mmap';
  readonly prot: Prot;
  readonly flags: readonly MmapFlag[];
  readonly file?: string;
  readonly offset?: number;
}

export interface MunmapOp extends RangeOp {
  readonly op: 'munmap';
}

export interface MprotectOp extends RangeOp {
  readonly op: 'mprotect';
  readonly prot: Prot;
}

/** With `newAddr`: MREMAP_MAYMOVE and MREMAP_FIXED; without: in place only. */
export interface MremapOp extends ProcOp {
  readonly op: 'mremap';
  readonly addr: number;
  readonly oldLength: number;
  readonly newLength: number;
  readonly newAddr?: number;
}

export interface MadviseOp extends RangeOp {
  readonly op: 'madvise';
  readonly advice: Advice;
}

export interface BrkOp extends ProcOp {
  readonly op: 'brk';
  readonly addr: number;
}

export interface MlockOp extends RangeOp {
  readonly op: 'mlock';
}

export interface MunlockOp extends RangeOp {
  readonly op: 'munlock';
}

/** Loads 4 bytes at every `stride` bytes (default `DEFAULT_STRIDE`), from `addr` upward. */
export interface ReadOp extends RangeOp {
  readonly op: 'read';
  readonly stride?: number;
}

/** Stores the 32-bit `value` (default `DEFAULT_VALUE`) at every `stride` bytes (default `DEFAULT_STRIDE`). */
export interface WriteOp extends RangeOp {
  readonly op: 'write';
  readonly stride?: number;
  readonly value?: number;
}

/** `count` accesses drawn from xoroshiro128+ seeded with `seed`. `theta` is there exactly when `pattern` is `zipf`. */
export interface TouchOp extends RangeOp {
  readonly op: 'touch';
  readonly pattern: TouchPattern;
  readonly theta?: number;
  readonly count: number;
  readonly seed: number;
  readonly write?: boolean;
  readonly value?: number;
}

/** FNV-1a over the little-endian word at each page start: `h = 2166136261; h = (h XOR word) * 16777619 mod 2^32`. */
export interface DigestOp extends RangeOp {
  readonly op: 'digest';
}

/** `flags` are opt-ins of strategies, such as `cow-pgtable`. */
export interface ForkOp extends ProcOp {
  readonly op: 'fork';
  readonly child: string;
  readonly flags?: readonly string[];
}

/** CLONE_VM, and the parent waits. */
export interface VforkOp extends ProcOp {
  readonly op: 'vfork';
  readonly child: string;
}

/** A new empty process, built from outside. */
export interface SpawnOp extends ProcOp {
  readonly op: 'spawn';
  readonly child: string;
}

/** Drops the address space. The process lives on with an empty one. */
export interface ExecOp extends ProcOp {
  readonly op: 'exec';
}

export interface ExitOp extends ProcOp {
  readonly op: 'exit';
}

/** get_user_pages(): with FOLL_PIN, or, where `how` is `get`, with FOLL_GET. */
interface HoldOp extends RangeOp {
  readonly how?: PinHow;
  readonly write?: boolean;
  readonly longterm?: boolean;
}

export interface PinOp extends HoldOp {
  readonly op: 'pin';
}

export interface UnpinOp extends HoldOp {
  readonly op: 'unpin';
}

/** Reads the pages of a pin, through the pin. */
export interface PeekOp extends RangeOp {
  readonly op: 'peek';
}

/** Reclaims these pages to swap, where they can be. */
export interface SwapoutOp extends RangeOp {
  readonly op: 'swapout';
}

/** Records the page tables themselves, for the viewer. */
export interface PtdumpOp extends ProcOp {
  readonly op: 'ptdump';
  readonly label: string;
}

/** Records the counters of every live process and of the machine. */
export interface SampleOp extends OpBase {
  readonly op: 'sample';
  readonly label: string;
}

/** Every operation of the format, told apart by `op`. */
export type Op =
  | ProcessOp
  | FileOp
  | TruncateOp
  | MmapOp
  | MunmapOp
  | MprotectOp
  | MremapOp
  | MadviseOp
  | BrkOp
  | MlockOp
  | MunlockOp
  | ReadOp
  | WriteOp
  | TouchOp
  | DigestOp
  | ForkOp
  | VforkOp
  | SpawnOp
  | ExecOp
  | ExitOp
  | PinOp
  | UnpinOp
  | PeekOp
  | SwapoutOp
  | UffdRegisterOp
  | UffdUnregisterOp
  | UffdWriteprotectOp
  | PtdumpOp
  | ShareOp
  | AttachOp
  | DetachOp
  | ProtectOp
  | SampleOp;

export type OpName = Op['op'];
