/**
 * Tables that a file owns: processes that map a file shared attach to its tables instead of filling tables of their own.
 *
 * Life of a table:
 *
 * ```
 *   state                 refs    slots                          pays
 *   made by a fault       1       the file's                     the file
 *   attached to           1 + n   the file's, and one each       the file
 *   last process left     0       freed with its entries         nobody
 * ```
 *
 * There is nothing copy-on-write about it: what one process maps, every attached one sees mapped. Each file keeps a set
 * of tables for every kind of right, so that protection stays with the process. A slot is attached only when one shared
 * VMA covers all of it at an address congruent to the file's offset modulo the table's span; every other part, and all
 * private memory, is handled as by classic fork. Whatever a process does to its own mapping (unmap, protect, move)
 * detaches it; only truncation, which the file itself suffers, changes the file's tables in place.
 *
 * @paper the file-owned design of A. Lutomirski, "Re: [RFC PATCH 0/6] Introduce Copy-On-Write to Page Table", 2022-05
 */
import type { ForkStrategy, Kernel, Slot, SpaceView, StrategyPlugin, VmaView, Why } from '@forklab/core';

const PAGE_SIZE = 4096;

/** There are none yet: the file is the only owner. */
export type MshareOptions = Readonly<Record<string, never>>;

/** Shared, accessible, and big enough to cover a table. @kernel compare mm/hugetlb.c pmd_sharing_possible() */
const eligible = (at: Slot): boolean => {
  const { vma } = at;
  if (!vma?.shared || !vma.file || !at.whole || vma.uffdWp) return false;
  if (!vma.readable && !vma.writable && !vma.executable) return false;
  return (vma.start - vma.pgoff * PAGE_SIZE) % (at.end - at.start) === 0;
};

/** Which of a file's sets of tables a VMA attaches to. */
const permissionClass = (vma: VmaView): string => `${vma.writable ? 'rw' : 'r-'}${vma.executable ? 'x' : '-'}`;

/** Where the slot's first page lies in the file, in bytes: its address in the file's own space. */
const fileAddress = (at: Slot, vma: VmaView): number => vma.pgoff * PAGE_SIZE + (at.start - vma.start);

const hooks = (k: Kernel): ForkStrategy => {
  /** Which host's table is in a slot, and where: remembered on the table, since the VMA may have changed since. */
  const hostOf = k.tableField('host');
  const addressOf = k.tableField('address');
  const hosts = new Map<number, SpaceView>();

  const attach = (at: Slot, vma: VmaView): 'continue' | 'oom' => {
    const host = k.host(vma.file!, permissionClass(vma));
    if (host === 'oom') return 'oom';
    const address = fileAddress(at, vma);
    const own = k.slotAt(host, address);
    if (own === 'oom') return 'oom';
    if (own.table === 0 && k.allocTable(own, 'fault') === 'oom') return 'oom';
    hosts.set(host.id, host);
    hostOf.set(own.table, host.id);
    addressOf.set(own.table, address);
    k.linkTable({ src: own, dst: at, start: at.start, end: at.end }, 'fault', true);
    return 'continue';
  };

  /** Empties a slot that is attached; the file's table goes with its last process. */
  const detach = (at: Slot, why: Why): void => {
    const { table } = at;
    const host = hosts.get(hostOf.get(table));
    if (k.dropTable(at, why) > 1 || !host) return;
    const own = k.slotAt(host, addressOf.get(table));
    if (own === 'oom') return;
    hostOf.set(table, 0);
    k.dropTable(own, 'last link');
  };

  const attached = (at: Slot): boolean => at.table !== 0 && hostOf.get(at.table) !== 0;

  return {
    copyPteRange: (_fork, pair) => (k.copyPtes(pair, 'fork') === 'oom' ? 'oom' : 'copied'),

    fault(at) {
      if (at.table !== 0 || !eligible(at)) return 'continue';
      return attach(at, at.vma!);
    },

    zap(at, { cause }) {
      if (!attached(at)) return 'continue';
      detach(at, cause);
      return 'dropped';
    },

    touch(at, site) {
      if (!attached(at)) return 'private';
      // What happens to the file's pages, and a pin, which changes nothing: right for every process at once.
      if (site === 'truncate' || site === 'reclaim' || site.startsWith('gup')) return 'in-place';
      // Faults rebuild from the page cache what this process still maps here, in a table of its own or another class.
      detach(at, site);
      return 'private';
    },

    // Shared memory is never walked at fork: the child attaches at its first fault.
    claims: (vma) => vma.shared && vma.file !== null,
  };
};

/** File-owned tables for shared mappings; private memory as classic fork has it. */
export const mshare = (options: MshareOptions = {}): StrategyPlugin => {
  const unknown = Object.keys(options);
  if (unknown.length > 0) throw new TypeError(`mshare has no option "${unknown[0]}"; it has none yet`);
  return {
    api: 1,
    name: 'mshare',
    models: {
      title: 'Page tables owned by a file',
      where: 'linux-mm, 2022-05, in reply to the COW-PTE series; mshare v1 to v3, 2022 to 2025',
    },
    traits: {
      shares: 'nothing',
      charges: 'host',
      shootdown: 'sharers',
      hosts: ['file'],
      keepsPins: true,
      unmodelled: [],
    },
    options,
    setup: hooks,
  };
};
