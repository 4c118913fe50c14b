/** Calls become operations. Whatever a trace could not hold is left out and counted. */
import { ADVICES, type Advice, type MmapFlag, type Op, type Prot } from '@forklab/core';
import { type Call, type Line, numberOf, wordsOf } from './call.js';
import { Processes, type Traced } from './processes.js';

const PAGE = 4096;
const ADDRESS_END = 2 ** 47;
/** The most of one mapping that is touched: a reserve of a terabyte is not used at once. */
const TOUCH_MAX = 2 ** 30;

const pageUp = (bytes: number): number => Math.ceil(bytes / PAGE) * PAGE;

const protOf = (words: ReadonlySet<string>): Prot =>
  `${words.has('READ') ? 'r' : '-'}${words.has('WRITE') ? 'w' : '-'}${words.has('EXEC') ? 'x' : '-'}`;

/** What a call of that name and those flags makes; null when it makes nothing. */
const kindOf = (name: string, flags: string): 'fork' | 'thread' | 'vfork' | null => {
  if (name === 'fork' || name === 'vfork') return name;
  if (name !== 'clone' && name !== 'clone3') return null;
  const words = wordsOf(flags);
  if (!words.has('VM')) return 'fork';
  return words.has('VFORK') ? 'vfork' : 'thread';
};

export class Importer {
  readonly ops: Op[] = [];
  readonly leftOut: Record<string, number> = {};
  readonly #processes = new Processes();
  /** Files by what the log calls them, each as large as any mapping of it needs. */
  readonly #files = new Map<string, { readonly name: string; size: number }>();

  /** `touch`: share of each mapping that is touched when it is mapped. */
  constructor(readonly touch: number) {}

  skip(reason: string): void {
    this.leftOut[reason] = (this.leftOut[reason] ?? 0) + 1;
  }

  line(line: Line): void {
    if (line.is === 'other') this.skip('other lines');
    else if (line.is === 'attached') {
      if (line.by) this.#begun(line.by.pid, line.by.name, line.by.flags);
      this.#process(line.pid);
    } else if (line.is === 'ended') this.#ended(line.pid, line.whole);
    else if (line.is === 'begun') this.#begun(line.pid, line.name, line.flags);
    else this.#call(line.call);
  }

  /** The files come first: a trace says how large each is before anybody maps it. */
  finish(): readonly Op[] {
    const files = [...this.#files.values()].map(({ name, size }): Op => ({ op: 'file', file: name, size }));
    return [...files, ...this.ops];
  }

  /** The process of a number, made if it is new: the first one of the log, or a child whose parent's call is under way. */
  #process(pid: string): Traced | null {
    const known = this.#processes.get(pid);
    if (known) return known;
    if (this.#processes.full) {
      this.skip('processes beyond 4096');
      return null;
    }
    // Without -o, strace writes no number while there is one process alone: the first that has one is that process.
    const alone = this.#processes.get('');
    const unborn = this.#processes.takeUnborn();
    if (unborn) return this.#born(pid, unborn.parent, unborn.kind);
    if (alone) {
      this.#processes.join(pid, alone);
      return alone;
    }
    const traced = this.#processes.make(pid);
    this.ops.push({ op: 'process', proc: traced.name });
    return traced;
  }

  #born(pid: string, parent: Traced, kind: 'fork' | 'thread' | 'vfork'): Traced {
    if (kind === 'thread') {
      this.#processes.join(pid, parent);
      return parent;
    }
    const child = this.#processes.make(pid, parent.heap);
    this.#push(parent, { op: kind, proc: parent.name, child: child.name });
    if (kind === 'vfork') parent.waitsFor = child;
    return child;
  }

  #begun(pid: string, name: string, flags: string): void {
    const parent = this.#process(pid);
    const kind = kindOf(name, flags);
    if (parent && kind) this.#processes.expect(parent, kind);
  }

  #ended(pid: string, whole: boolean): void {
    const traced = this.#processes.get(pid);
    if (!traced || !(this.#processes.leave(pid) || whole)) return;
    this.#processes.release(traced, true);
    this.#push(traced, { op: 'exit', proc: traced.name });
  }

  /** Other threads of a process go on while one of them waits for its vfork child; a trace cannot say so. */
  #push(traced: Traced, op: Op): void {
    if (traced.waitsFor) this.skip('calls of other threads during a vfork');
    else this.ops.push(op);
  }

  #call(call: Call): void {
    const traced = this.#process(call.pid);
    if (!traced) return;
    const kind = kindOf(call.name, call.args.flags ?? '');
    if (kind) this.#forked(call, traced, kind);
    else if (call.result === null) this.skip('calls that failed');
    else this.#mapped(call, traced);
  }

  #mapped(call: Call, traced: Traced): void {
    const { args, name } = call;
    if (name === 'mmap') this.#mmap(call, traced);
    else if (name === 'munmap') {
      this.#range(args.addr, args.len, (addr, length) => {
        this.#push(traced, { op: 'munmap', proc: traced.name, addr, length });
      });
    } else if (name === 'mprotect') this.#mprotect(call, traced);
    else if (name === 'mremap') this.#mremap(call, traced);
    else if (name === 'madvise') this.#madvise(call, traced);
    else if (name === 'brk') this.#brk(call, traced);
    else if (name === 'execve') {
      traced.heap = null;
      this.#processes.release(traced, false);
      this.#push(traced, { op: 'exec', proc: traced.name });
    }
  }

  #forked(call: Call, parent: Traced, kind: 'fork' | 'thread' | 'vfork'): void {
    const waiting = this.#processes.returned(parent);
    if (call.result === null) {
      this.skip('calls that failed');
      return;
    }
    // The child's own side of the call.
    if (call.result === 0) return;
    const pid = String(call.result);
    // When it was begun before and is not waiting any more, its child has been heard of.
    if (this.#processes.get(pid) || this.#processes.full) return;
    if (waiting || !this.#processes.get(pid)) this.#born(pid, parent, kind);
  }

  /** Calls `use` with a range that a trace may hold; counts it as left out otherwise. */
  #range(
    addrText: string | undefined,
    lengthText: string | undefined,
    use: (addr: number, length: number) => void,
  ): void {
    const [addr, length] = [numberOf(addrText), numberOf(lengthText)];
    if (addr === null || length === null || addr % PAGE !== 0 || length === 0 || addr + length > ADDRESS_END) {
      this.skip('ranges that are none');
    } else use(addr, pageUp(length));
  }

  #mmap({ args, result }: Call, traced: Traced): void {
    const proc = traced.name;
    this.#range(String(result), args.len, (addr, length) => {
      const [flags, prot] = [wordsOf(args.flags), wordsOf(args.prot)];
      const anonymous = flags.has('ANONYMOUS');
      const rights = protOf(prot);
      const how: MmapFlag[] = [flags.has('PRIVATE') ? 'private' : 'shared'];
      if (anonymous) how.push('anonymous');
      if (flags.has('FIXED')) how.push('fixed');
      if (flags.has('NORESERVE')) how.push('noreserve');
      const offset = numberOf(args.off?.split(' ')[0]) ?? 0;
      if (offset + length > ADDRESS_END) {
        this.skip('ranges that are none');
        return;
      }
      const file = anonymous ? {} : { file: this.#file(args.fd, offset + length), offset };
      this.#push(traced, { op: 'mmap', proc, addr, length, prot: rights, flags: how, ...file });
      if (flags.has('NORESERVE')) return;
      this.#touched(traced, addr, length, rights, anonymous);
    });
  }

  #file(fd: string | undefined, size: number): string {
    // strace -y writes the path behind the number; without, equal numbers are taken for one file.
    const path = fd?.endsWith('>') && fd.includes('<') ? fd.slice(fd.indexOf('<')) : fd;
    const key = path ?? 'unknown';
    const known = this.#files.get(key);
    const file = known ?? { name: `f${this.#files.size}`, size: 0 };
    file.size = Math.max(file.size, pageUp(size));
    this.#files.set(key, file);
    return file.name;
  }

  #touched(traced: Traced, addr: number, length: number, rights: Prot, anonymous: boolean): void {
    const share = Math.min(TOUCH_MAX, Math.floor((length * this.touch) / PAGE) * PAGE);
    if (share === 0) return;
    const proc = traced.name;
    if (anonymous && rights[1] === 'w') this.#push(traced, { op: 'write', proc, addr, length: share });
    else if (rights[0] === 'r') this.#push(traced, { op: 'read', proc, addr, length: share });
  }

  #mprotect({ args }: Call, traced: Traced): void {
    this.#range(args.start ?? args.addr, args.len, (addr, length) => {
      this.#push(traced, { op: 'mprotect', proc: traced.name, addr, length, prot: protOf(wordsOf(args.prot)) });
    });
  }

  #mremap({ args, result }: Call, traced: Traced): void {
    this.#range(args.addr, args.old_len, (addr, oldLength) => {
      const newLength = numberOf(args.new_len);
      const newAddr = result!;
      if (newLength === null || newLength === 0 || newAddr % PAGE !== 0 || newAddr + newLength > ADDRESS_END) {
        this.skip('ranges that are none');
        return;
      }
      const moved = newAddr !== addr ? { newAddr } : {};
      this.#push(traced, { op: 'mremap', proc: traced.name, addr, oldLength, newLength: pageUp(newLength), ...moved });
    });
  }

  #madvise({ args }: Call, traced: Traced): void {
    const [word = ''] = [...wordsOf(args.behavior ?? args.advice)];
    const advice = word.toLowerCase();
    if (!(ADVICES as readonly string[]).includes(advice)) {
      this.skip(`advice that traces do not have`);
      return;
    }
    this.#range(args.start ?? args.addr, args.len_in ?? args.length, (addr, length) => {
      this.#push(traced, { op: 'madvise', proc: traced.name, addr, length, advice: advice as Advice });
    });
  }

  /** The heap is mapped and unmapped as it grows and shrinks: where it begins is not ours to say. */
  #brk({ result }: Call, traced: Traced): void {
    const end = pageUp(result!);
    if (end > ADDRESS_END) {
      this.skip('ranges that are none');
      return;
    }
    traced.heap ??= { start: end, end };
    const { heap, name: proc } = traced;
    const [from, length] = [Math.min(heap.end, end), Math.abs(end - heap.end)];
    if (length > 0 && end > heap.end) {
      const flags: MmapFlag[] = ['private', 'anonymous', 'fixed'];
      this.#push(traced, { op: 'mmap', proc, addr: from, length, prot: 'rw-', flags });
      this.#touched(traced, from, length, 'rw-', true);
    } else if (length > 0) this.#push(traced, { op: 'munmap', proc, addr: from, length });
    heap.end = end;
  }
}
