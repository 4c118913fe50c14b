/** The operations on objects that own page tables. Types only; `fields.ts` says the same as data. */

import type { OpBase, ProcOp } from './op-base.js';
import type { Prot, ShareKind } from './vocabulary.js';

/** An object that owns page tables. `file` is there exactly when `kind` is `file-owned`. */
export interface ShareOp extends OpBase {
  readonly op: 'share';
  readonly object: string;
  readonly kind: ShareKind;
  readonly size: number;
  readonly file?: string;
  readonly name?: string;
  readonly proc?: string;
}

export interface AttachOp extends ProcOp {
  readonly op: 'attach';
  readonly object: string;
  readonly addr: number;
  readonly prot: Prot;
}

export interface DetachOp extends ProcOp {
  readonly op: 'detach';
  readonly object: string;
  readonly addr: number;
  readonly prot?: Prot;
}

/** The object's own mprotect(), seen by every process. */
export interface ProtectOp extends OpBase {
  readonly op: 'protect';
  readonly object: string;
  readonly offset: number;
  readonly length: number;
  readonly prot: Prot;
}
