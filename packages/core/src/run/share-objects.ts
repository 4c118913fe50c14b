/**
 * Objects that own page tables, as traces name them. The machine models the file-owned kind, under a strategy that has
 * file hosts: attaching such an object maps its file shared, and the strategy links the file's tables at the fault.
 */
import type { File } from '../file.js';
import { mmap } from '../ops/mmap.js';
import { munmap } from '../ops/munmap.js';
import type { AttachOp, DetachOp, Outcome, ProtectOp, ShareOp } from '../trace/index.js';
import { notModelled, type StepContext } from './step.js';

interface ShareObject {
  readonly file: File;
  /** Bytes of the file that attaching maps. */
  readonly size: number;
}

export class ShareTable {
  readonly #objects = new Map<string, ShareObject>();

  step(c: StepContext, op: ShareOp | AttachOp | DetachOp | ProtectOp): { result: Outcome } {
    const modelled = c.m.options.strategies.some((s) => s.traits.hosts.includes('file'));
    if (!modelled) return notModelled(c, op.op);
    if (op.op === 'share') return this.#create(c, op);
    const object = this.#objects.get(op.object);
    // Created in a way that is not modelled: what follows from it is not, either.
    if (!object) return notModelled(c, op.op);
    switch (op.op) {
      case 'attach':
        return { result: attach(c, object, op) };
      case 'detach':
        return { result: munmap(c.m, c.m.proc(op.proc), op.addr, object.size) };
      case 'protect':
        // What a file owns is tables, not protection: that stays with each process, and there is nothing to change.
        return { result: 'EINVAL' };
    }
  }

  #create(c: StepContext, op: ShareOp): { result: Outcome } {
    if (op.kind !== 'file-owned') return notModelled(c, `share ${op.kind}`);
    this.#objects.set(op.object, { file: c.m.files.get(op.file!)!, size: op.size });
    return { result: 0 };
  }
}

const attach = (c: StepContext, { file, size }: ShareObject, op: AttachOp): Outcome =>
  mmap(c.m, c.m.proc(op.proc), {
    addr: op.addr,
    length: size,
    prot: op.prot,
    shared: true,
    fixed: false,
    populate: false,
    noreserve: false,
    growsdown: false,
    file,
    offset: 0,
  });
