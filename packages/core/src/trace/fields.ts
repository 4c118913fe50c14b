/**
 * The trace format as data: every operation, every field, its type, whether it must be there, and a sentence. The
 * checker and the writer are driven by this table, the types in `ops.ts` are held against it by the compiler, and
 * `docs/reference/trace.md` is generated from it.
 */

import type { FieldType, NameKind } from './field-types.js';
import { U32_MAX } from './field-types.js';
import type { Op, OpName, TraceHeader } from './types.js';
import {
  ADVICES,
  DEFAULT_STRIDE,
  DEFAULT_VALUE,
  MMAP_FLAGS,
  PIN_HOWS,
  PROTS,
  SAMPLE_FIELDS,
  SHARE_KINDS,
  STEP_FIELDS,
  THP_MODES,
  TOUCH_PATTERNS,
  UFFD_MODES,
} from './vocabulary.js';

/** One field. `when` asks for the field exactly when another field has a certain value. */
export interface Field<Required extends boolean = boolean> {
  readonly type: FieldType;
  readonly required: Required;
  readonly says: string;
  readonly when?: { readonly field: string; readonly is: string };
}

/** A field for each member of `T`, in the order in which they are written; optional where the member is. */
type Fields<T> = {
  readonly [F in keyof T]-?: Field<Record<never, never> extends Pick<T, F> ? false : true>;
};

/** One operation: what it does in a sentence, and its fields. Besides, it may have those of `commonFields`. */
export interface Operation {
  readonly says: string;
  readonly fields: { readonly [field: string]: Field };
}

type Operations = {
  readonly [N in OpName]: {
    readonly says: string;
    readonly fields: Fields<Omit<Extract<Op, { op: N }>, 'op' | 'note' | 'notCompared'>>;
  };
};

const must = (type: FieldType, says: string): Field<true> => ({ type, required: true, says });
const may = (type: FieldType, says: string): Field<false> => ({ type, required: false, says });

const ADDRESS: FieldType = { is: 'address' };
const U32: FieldType = { is: 'integer', min: 0, max: U32_MAX };
const TITLE: FieldType = { is: 'title' };
const TEXT: FieldType = { is: 'text' };
const YES: FieldType = { is: 'boolean' };
const UFFD_MODE: FieldType = { is: 'choice', of: UFFD_MODES };
const PROT: FieldType = { is: 'choice', of: PROTS };

const bytesFrom = (min: number): FieldType => ({ is: 'bytes', min });
const BYTES = bytesFrom(0);
const made = (of: NameKind): FieldType => ({ is: 'name', of, role: 'new' });
const used = (of: NameKind): FieldType => ({ is: 'name', of, role: 'use' });

const proc = must(used('process'), 'The process that does it. It must be alive.');
const child = must(made('process'), 'The new process. No live process has this name.');
const actor = may(used('process'), 'The process that does it, for runs on a real kernel.');
const file = must(used('file'), 'The file.');
const object = must(used('object'), 'The object.');
const prot = must(PROT, '`r` or `-`, `w` or `-`, `x` or `-`.');
const addr = must(ADDRESS, 'Where the range starts. Not rounded.');
const length = must(BYTES, 'Its length. Rounded up to whole pages where Linux does so.');
const range = { proc, addr, length };
const stride = may(bytesFrom(1), `Bytes from one access to the next. Default ${DEFAULT_STRIDE}.`);
const value = may(U32, `The 32-bit word that is stored. Default ${DEFAULT_VALUE}.`);
const pinFlags = {
  how: may(
    { is: 'choice', of: PIN_HOWS },
    '`slow` or `fast`: FOLL_PIN; `get`: FOLL_GET, as vmsplice has it. Default `slow`.',
  ),
  write: may(YES, 'FOLL_WRITE. Default false.'),
  longterm: may(YES, "FOLL_LONGTERM: with `write`, what io_uring's fixed buffers do. Default false."),
};

/** The comment that every operation may carry. */
const NOTE: Field<false> = may(TEXT, 'A comment. It changes nothing, and survives reading and writing.');

const notCompared = (of: readonly string[], where: string): Field<false> =>
  may({ is: 'exclusions', of }, `Fields ${where} in which the kernel is not deterministic, each with the reason.`);

const NOT_COMPARED = notCompared(STEP_FIELDS, 'of the answer');
const NOT_COMPARED_IN_SAMPLE = notCompared(SAMPLE_FIELDS, 'of every process');

/** The fields that every operation may carry. Nothing is answered to `process` and `ptdump`. */
export const commonFields = (op: OpName): { readonly [field: string]: Field } => {
  if (op === 'process' || op === 'ptdump') return { note: NOTE };
  return { note: NOTE, notCompared: op === 'sample' ? NOT_COMPARED_IN_SAMPLE : NOT_COMPARED };
};

/** The fields of the first line. */
export const HEADER: Fields<TraceHeader> = {
  forklab: must({ is: 'constant', value: 'trace' }, 'What the file is.'),
  version: must({ is: 'constant', value: 1 }, 'The version of the format.'),
  name: must(TITLE, 'Names the trace in results and reports.'),
  description: may(TEXT, 'What the trace is about.'),
  memory: may(bytesFrom(4096), 'How much memory the machine has. Default: without bound.'),
  swap: may(BYTES, 'How much swap the machine has. Default: 1 GiB.'),
  cpus: may({ is: 'integer', min: 1, max: 8192 }, 'How many processors the machine has.'),
  thp: may(
    { is: 'choice', of: THP_MODES },
    'Which private anonymous memory gets huge pages: none, what MADV_HUGEPAGE named, all but what MADV_NOHUGEPAGE named. Default `never`.',
  ),
  source: may(
    { is: 'object' },
    'Where it comes from: a generator and its parameters, or host, kernel, command and date.',
  ),
  notCompared: notCompared([...STEP_FIELDS, ...SAMPLE_FIELDS], 'of every answer'),
};

/** Every operation of the format, in the order of the documentation. */
export const OPERATIONS: Operations = {
  process: { says: 'A new process with an empty address space.', fields: { proc: must(made('process'), child.says) } },
  file: {
    says: 'A memory file (tmpfs or memfd semantics), full of holes.',
    fields: { file: must(made('file'), 'The new file.'), size: must(BYTES, 'Its size.'), proc: actor },
  },
  truncate: { says: 'ftruncate().', fields: { file, size: must(BYTES, 'The new size.'), proc: actor } },
  mmap: {
    says: 'Maps a file or anonymous memory. Without the flag `fixed` it behaves as MAP_FIXED_NOREPLACE.',
    fields: {
      ...range,
      prot,
      flags: must({ is: 'flags', of: MMAP_FLAGS, exactlyOne: ['private', 'shared'] }, 'The kind of mapping.'),
      file: may(used('file'), 'The file. Ignored with `anonymous`; EBADF when both are absent, as in Linux.'),
      offset: may(BYTES, 'Where in the file the mapping starts. Default 0.'),
    },
  },
  munmap: { says: 'Unmaps the range.', fields: range },
  mprotect: { says: 'Changes the rights of the range.', fields: { ...range, prot } },
  mremap: {
    says: 'Grows, shrinks or moves. With `newAddr`: MREMAP_MAYMOVE and MREMAP_FIXED; without: in place only.',
    fields: {
      proc,
      addr,
      oldLength: must(BYTES, 'The length that is moved.'),
      newLength: must(BYTES, 'The length that it gets.'),
      newAddr: may(ADDRESS, 'Where it goes.'),
    },
  },
  madvise: { says: 'madvise().', fields: { ...range, advice: must({ is: 'choice', of: ADVICES }, 'The advice.') } },
  brk: {
    says: 'Moves the end of the heap; the first one of a process says where its heap begins.',
    fields: { proc, addr: must(ADDRESS, 'The new end. Not rounded.') },
  },
  mlock: { says: 'mlock().', fields: range },
  munlock: { says: 'munlock().', fields: range },
  read: { says: 'Loads 4 bytes at every `stride` bytes, from `addr` upward.', fields: { ...range, stride } },
  write: { says: 'Stores `value` at every `stride` bytes, from `addr` upward.', fields: { ...range, stride, value } },
  touch: {
    says: 'Accesses drawn from xoroshiro128+ (that of pure-rand), so that the trace stays small.',
    fields: {
      ...range,
      pattern: must({ is: 'choice', of: TOUCH_PATTERNS }, 'How the places are drawn.'),
      theta: {
        ...may({ is: 'real', min: 0, max: 10 }, 'The skew of `zipf`.'),
        when: { field: 'pattern', is: 'zipf' },
      },
      count: must(U32, 'How many accesses.'),
      seed: must(U32, 'The seed of the generator.'),
      write: may(YES, 'Whether they store. Default false: they load.'),
      value,
    },
  },
  digest: {
    says: 'Reads the little-endian word at each page start; answers their 32-bit FNV-1a.',
    fields: range,
  },
  fork: {
    says: 'fork().',
    fields: { proc, child, flags: may({ is: 'flags' }, 'Opt-ins of strategies, such as `cow-pgtable`.') },
  },
  vfork: {
    says: 'One address space for two; the parent waits, unnamed, until the child exits or executes.',
    fields: { proc, child },
  },
  spawn: { says: 'A new empty process, built from outside.', fields: { proc, child } },
  exec: { says: 'Drops the address space, and pins. The process lives on with an empty one.', fields: { proc } },
  exit: {
    says: 'The process ends. Its name may be used again.',
    fields: { proc: must({ is: 'name', of: 'process', role: 'last' }, proc.says) },
  },
  pin: {
    says: 'get_user_pages(): holds the pages until `unpin`, an exec or the exit.',
    fields: { ...range, ...pinFlags },
  },
  unpin: { says: 'Ends the latest pin of this very range.', fields: { ...range, ...pinFlags } },
  peek: {
    says: 'Reads through the latest pin of this very range: the FNV-1a of `digest`, over the pages that are held.',
    fields: range,
  },
  swapout: {
    says: 'Reclaims the pages that the range maps, from every process that maps them; what cannot be reclaimed stays.',
    fields: range,
  },
  uffd_register: {
    says: 'UFFDIO_REGISTER with UFFDIO_REGISTER_MODE_WP, by a userfaultfd that the process has for each mode.',
    fields: { ...range, mode: must(UFFD_MODE, 'How writes are noted: see below.') },
  },
  uffd_unregister: {
    says: 'UFFDIO_UNREGISTER. It takes the protection off.',
    fields: { ...range, mode: must(UFFD_MODE, 'Which userfaultfd does it.') },
  },
  uffd_writeprotect: {
    says: 'UFFDIO_WRITEPROTECT.',
    fields: { ...range, protect: must(YES, 'Whether the pages get the protection, or lose it.') },
  },
  ptdump: {
    says: 'Records the page tables themselves, for the viewer.',
    fields: { proc, label: must(made('dump'), 'Names the dump. No other dump has it.') },
  },
  share: {
    says: 'An object that owns page tables.',
    fields: {
      object: must(made('object'), 'The new object.'),
      kind: must({ is: 'choice', of: SHARE_KINDS }, 'Who owns the tables.'),
      size: must(BYTES, 'The size of the object.'),
      file: { ...may(used('file'), 'The file that owns them.'), when: { field: 'kind', is: 'file-owned' } },
      name: may(TITLE, 'A name under which other processes find it.'),
      proc: actor,
    },
  },
  attach: { says: 'Maps a share object.', fields: { proc, object, addr: must(ADDRESS, 'Where.'), prot } },
  detach: {
    says: 'Unmaps a share object.',
    fields: { proc, object, addr: must(ADDRESS, 'Where it is mapped.'), prot: may(PROT, 'Ignored.') },
  },
  protect: {
    says: "The object's own mprotect(), seen by every process.",
    fields: { object, offset: must(BYTES, 'Where in the object the range starts.'), length, prot },
  },
  sample: {
    says: 'Records the counters of every live process and of the machine.',
    fields: { label: must(made('sample'), 'Names the sample. No other sample has it.') },
  },
};
