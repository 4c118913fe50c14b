/**
 * The queue: one line of waiting requests, served in order of arrival by threads, each on a processor of its own. It
 * knows times and locks, and nothing of memory, so that the same requests can be served again at other prices.
 */

/** What the threads have in common. */
export interface QueueSetup {
  readonly threads: number;
  /** Threads of one mm: a flush by one interrupts the others, and a fork holds mmap_lock against all of them. */
  readonly oneMm: boolean;
  readonly shootdownNs: number;
  readonly interruptedNs: number;
}

/** Nanoseconds that requests spent, by what they waited for. */
export interface Spent {
  userNs: number;
  faultNs: number;
  /** Waiting for a thread. */
  queueNs: number;
  /** Waiting for mmap_lock, which fork holds for writing. */
  mmapLockNs: number;
  /** Waiting for the lock of a page table. */
  tableLockNs: number;
  /** Telling other processors to flush, and being told. */
  shootdownNs: number;
}

/** One request, as far as time goes. */
export interface Served {
  readonly arrival: number;
  readonly userNs: number;
  readonly faultNs: number;
  readonly flushes: number;
  /** The table whose lock its faults take; 0 when nobody else could hold it. */
  readonly table: number;
  /** Some other processor may hold translations of a table that it flushes, though no thread of its own mm does. */
  readonly foreign: boolean;
}

export class Queue {
  readonly #free: Float64Array;
  readonly #setup: QueueSetup;
  readonly #tables = new Map<number, number>();
  #lockedFrom = 0;
  #lockedUntil = 0;
  readonly spent: Spent = { userNs: 0, faultNs: 0, queueNs: 0, mmapLockNs: 0, tableLockNs: 0, shootdownNs: 0 };

  constructor(setup: QueueSetup) {
    this.#setup = setup;
    this.#free = new Float64Array(setup.threads);
  }

  /** The thread that is free first, the lowest number among those alike. */
  next(): number {
    const free = this.#free;
    let best = 0;
    for (let i = 1; i < free.length; i++) if (free[i]! < free[best]!) best = i;
    return best;
  }

  /** When a request that arrives then would start. */
  startOf(arrival: number, thread = this.next()): number {
    return Math.max(arrival, this.#free[thread]!);
  }

  /** When the first thread, which forks, could do so from `at` on. */
  forkStart(at: number): number {
    return Math.max(at, this.#free[0]!);
  }

  /** The first thread forks: it serves nobody meanwhile, and nobody else of its mm can take a fault. Answers the end. */
  fork(at: number, ns: number, flushes: number): number {
    const start = this.forkStart(at);
    const end = start + ns + this.#tell(start, flushes, 0, false);
    this.#free[0] = end;
    this.#lockedFrom = start;
    this.#lockedUntil = end;
    return end;
  }

  /** The time that a flush by `thread` adds to it; those told lose time, too. */
  #tell(at: number, flushes: number, thread: number, foreign: boolean): number {
    const { oneMm, threads, shootdownNs, interruptedNs } = this.#setup;
    if (flushes === 0 || !((oneMm && threads > 1) || foreign)) return 0;
    const free = this.#free;
    let told = foreign;
    for (let i = 0; oneMm && i < threads; i++) {
      // A thread that waits for work has switched to the idle task and is not told.
      if (i === thread || free[i]! <= at) continue;
      free[i] = free[i]! + flushes * interruptedNs;
      told = true;
    }
    const ns = told ? flushes * shootdownNs : 0;
    this.spent.shootdownNs += ns;
    return ns;
  }

  /** Serves one request. Answers when it is answered. */
  serve({ arrival, userNs, faultNs, flushes, table, foreign }: Served): number {
    const { spent } = this;
    const thread = this.next();
    const start = this.startOf(arrival, thread);
    spent.queueNs += start - arrival;
    spent.userNs += userNs;
    let at = start + userNs;
    if (faultNs > 0) {
      at = this.#fault(at, faultNs, table);
      at += this.#tell(at, flushes, thread, foreign);
    }
    this.#free[thread] = at;
    return at;
  }

  #fault(at: number, ns: number, table: number): number {
    const { spent } = this;
    let from = at;
    if (this.#setup.oneMm && from >= this.#lockedFrom && from < this.#lockedUntil) {
      spent.mmapLockNs += this.#lockedUntil - from;
      from = this.#lockedUntil;
    }
    if (table !== 0) {
      const held = this.#tables.get(table) ?? 0;
      if (held > from) {
        spent.tableLockNs += held - from;
        from = held;
      }
      this.#tables.set(table, from + ns);
    }
    spent.faultNs += ns;
    return from + ns;
  }

  /** A process outside the queue holds the lock of this table until then. */
  holdTable(table: number, until: number): void {
    this.#tables.set(table, Math.max(until, this.#tables.get(table) ?? 0));
  }
}
