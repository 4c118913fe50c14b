/** Operations on userfaultfds: see ops.ts. Types only. */

import type { RangeOp } from './op-base.js';
import type { UffdMode } from './vocabulary.js';

/** UFFDIO_REGISTER for write protection, with the process's userfaultfd of this mode. */
export interface UffdRegisterOp extends RangeOp {
  readonly op: 'uffd_register';
  readonly mode: UffdMode;
}

export interface UffdUnregisterOp extends RangeOp {
  readonly op: 'uffd_unregister';
  readonly mode: UffdMode;
}

/** UFFDIO_WRITEPROTECT. */
export interface UffdWriteprotectOp extends RangeOp {
  readonly op: 'uffd_writeprotect';
  readonly protect: boolean;
}
