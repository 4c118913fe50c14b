/** Whatever has page tables: an mm, or a host that no task runs in. */
import type { Heap } from './ops/brk.js';
import type { Pin } from './ops/pin.js';
import type { Addr, SpaceView, TableId } from './strategy.js';
import type { UffdMode } from './trace/index.js';
import type { UffdContext } from './uffd-context.js';
import type { Vma } from './vma.js';

export class Space implements SpaceView {
  /** From 1, never reused. */
  readonly id: number;
  readonly name: string;
  readonly kind: 'mm' | 'host';
  /** Sorted by address, never overlapping. */
  readonly vmas: Vma[] = [];
  /** The root table; 0 after exit. */
  pgd: TableId;

  // What it is charged: what /proc/PID/status prints. Pages, and tables of the PTE, PMD and PUD levels.
  rssAnon = 0;
  rssShmem = 0;
  swapEnts = 0;
  tables = 0;

  /** Faults that completed. @kernel task_struct min_flt */
  minflt = 0;
  /** Those of them that waited for a page to be read. Not counted in `minflt`. @kernel task_struct maj_flt */
  majflt = 0;
  /** Set at the first pin, for good. @kernel MMF_HAS_PINNED */
  hasPins = false;
  /** Set when a page of it is first held, by a pin or by a plain reference, for good. Linux keeps no such mark. */
  hasHeld = false;
  /** Where brk has put its heap; null before the first call. */
  heap: Heap | null = null;
  /** Pins that descriptors of its processes hold. */
  readonly pins: Pin[] = [];
  /** Its userfaultfds, by mode. */
  readonly uffds = new Map<UffdMode, UffdContext>();
  /** Its faults may wait for a handler. Else an event that needs one ends them. @kernel FAULT_FLAG_ALLOW_RETRY */
  mayWait = true;
  /** A move has left protection behind in entries of a VMA that is registered no more. Linux does that, too. */
  strayWp = false;
  /** PTE tables that a host owns: at none its upper tables go, too. */
  hostTables = 0;

  /** As posted: told before a VMA is cut. */
  beforeSplit: ((vma: Vma, addr: Addr) => void) | null = null;

  // For the counters: merges and splits so far, taken up by the operation that caused them.
  merges = 0;
  splits = 0;

  constructor(id: number, name: string, kind: 'mm' | 'host', pgd: TableId) {
    this.id = id;
    this.name = name;
    this.kind = kind;
    this.pgd = pgd;
  }
}
