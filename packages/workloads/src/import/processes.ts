/** Processes of a log: which thread belongs to which, who forked whom, and who waits. */

/** One process of the trace. */
export interface Traced {
  readonly name: string;
  /** The end of its heap, and where that began; null until it has asked. */
  heap: { readonly start: number; end: number } | null;
  /** The vfork child that it waits for. */
  waitsFor: Traced | null;
}

const PROCESSES_MAX = 4096;

/** Who is who: several threads are one process. */
export class Processes {
  readonly #byPid = new Map<string, Traced>();
  /** Children whose number the log has not told yet, by the call of the parent that has not returned. */
  readonly #unborn: { readonly parent: Traced; readonly kind: 'fork' | 'thread' | 'vfork' }[] = [];
  #made = 0;

  get(pid: string): Traced | undefined {
    return this.#byPid.get(pid);
  }

  get full(): boolean {
    return this.#made >= PROCESSES_MAX;
  }

  make(pid: string, heap: Traced['heap'] = null): Traced {
    this.#made++;
    const traced: Traced = { name: pid === '' ? 'p' : `p${pid}`, heap: heap && { ...heap }, waitsFor: null };
    this.#byPid.set(pid, traced);
    return traced;
  }

  join(pid: string, traced: Traced): void {
    this.#byPid.set(pid, traced);
  }

  /** All threads of it are gone, or it has become another program: whoever waited for it goes on. */
  release(traced: Traced, gone: boolean): void {
    for (const [pid, each] of this.#byPid) {
      if (each.waitsFor === traced) each.waitsFor = null;
      if (gone && each === traced) this.#byPid.delete(pid);
    }
  }

  /** A thread has gone; true when it was the last of its process. */
  leave(pid: string): boolean {
    const traced = this.#byPid.get(pid);
    this.#byPid.delete(pid);
    return traced !== undefined && ![...this.#byPid.values()].includes(traced);
  }

  expect(parent: Traced, kind: 'fork' | 'thread' | 'vfork'): void {
    this.#unborn.push({ parent, kind });
  }

  /** The call that a number which nobody knows must come from: the latest that has not returned. */
  takeUnborn(): { readonly parent: Traced; readonly kind: 'fork' | 'thread' | 'vfork' } | undefined {
    return this.#unborn.pop();
  }

  /** The call of this parent has returned; false when its child was heard of before. */
  returned(parent: Traced): boolean {
    const at = this.#unborn.findIndex((each) => each.parent === parent);
    if (at >= 0) this.#unborn.splice(at, 1);
    return at >= 0;
  }
}
