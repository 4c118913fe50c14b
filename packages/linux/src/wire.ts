/** What `native/wire.h` says, for this side of the pipe. Everything is little endian, as x86-64 is. */

export const WIRE_MAGIC = 0x4b4c4604;

/** Below lie the subject's own pages, so a trace must stay above. @see native/wire.h */
export const OWN_END = 0x8000000000;

export const OP = {
  end: 0,
  process: 1,
  syscall: 2,
  mmap: 3,
  file: 4,
  truncate: 5,
  brk: 6,
  read: 7,
  write: 8,
  digest: 9,
  readList: 10,
  writeList: 11,
  fork: 12,
  vfork: 13,
  exec: 14,
  exit: 15,
  pin: 16,
  unpin: 17,
  sample: 18,
  swapout: 19,
  uffd: 20,
  peek: 21,
} as const;

/** What to do with a process's userfaultfd, and which of them: one for each mode. @see native/uffd.h */
export const UFFD = { register: 0, unregister: 1, writeprotect: 2 } as const;
export const UFFD_MODE = { wp: 0, 'wp-unpopulated': 1, 'wp-async': 2 } as const;

export const NO_FILE = 0xffffffff;

/** How pages are held. */
export const PIN_HOW = { buffer: 0, get: 1 } as const;

export const ANSWER = { ready: 1, step: 2, proc: 3, done: 4, fatal: 5 } as const;
export const FATAL = { timeout: 1, trace: 2, killed: 3, host: 4, input: 5 } as const;

/** Added to the number of a signal that ended an access. */
export const RESULT_SIGNAL = 0x10000;

const START_BYTES = 24;
const OP_BYTES = 64;
const ANSWER_VALUES = 16;
const ANSWER_BYTES = 16 + 8 * ANSWER_VALUES;
const TWO_32 = 2 ** 32;

/** The order of the values of a process in a sample, kB. @see native/figures.h */
export const FIGURES = [
  'vmPte',
  'rssAnon',
  'rssFile',
  'rssShmem',
  'swap',
  'pss',
  'private',
  'shared',
  'vmas',
  'mmAnon',
  'mmFile',
  'mmShmem',
  'mmSwap',
] as const;
export type Figure = (typeof FIGURES)[number];

export interface WireOp {
  readonly kind: number;
  readonly index: number;
  readonly proc?: number;
  readonly number?: number;
  readonly args?: readonly number[];
}

export interface Answer {
  readonly kind: number;
  readonly index: number;
  readonly proc: number;
  readonly values: readonly number[];
}

export const encodeStart = (
  procs: number,
  files: number,
  timeoutMs: number,
  thp: boolean,
  swap: boolean,
): Uint8Array => {
  const words = Uint32Array.of(WIRE_MAGIC, procs, files, timeoutMs, thp ? 1 : 0, swap ? 1 : 0);
  return new Uint8Array(words.buffer, 0, START_BYTES);
};

export const encodeOp = (op: WireOp): Uint8Array => {
  const words = new Uint32Array(OP_BYTES / 4);
  words[0] = op.kind;
  words[1] = op.index;
  words[2] = op.proc ?? 0;
  words[3] = op.number ?? 0;
  op.args?.forEach((value, k) => {
    words[4 + 2 * k] = value % TWO_32;
    words[5 + 2 * k] = Math.floor(value / TWO_32);
  });
  return new Uint8Array(words.buffer);
};

/** 64-bit addresses that follow a list operation. */
export const encodeList = (addresses: readonly number[]): Uint8Array => {
  const words = new Uint32Array(addresses.length * 2);
  addresses.forEach((value, k) => {
    words[2 * k] = value % TWO_32;
    words[2 * k + 1] = Math.floor(value / TWO_32);
  });
  return new Uint8Array(words.buffer);
};

const decodeAnswer = (bytes: Buffer, at: number): Answer => {
  const count = bytes.readUInt32LE(at + 12);
  const values = Array.from({ length: count }, (_, k) => Number(bytes.readBigInt64LE(at + 16 + 8 * k)));
  return { kind: bytes.readUInt32LE(at), index: bytes.readUInt32LE(at + 4), proc: bytes.readUInt32LE(at + 8), values };
};

/** Cuts a stream of bytes into answers; what is left of one waits for the next chunk. */
export const answerDecoder = (): ((chunk: Buffer) => Answer[]) => {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const whole = bytes.length - (bytes.length % ANSWER_BYTES);
    rest = bytes.subarray(whole);
    const answers: Answer[] = [];
    for (let at = 0; at < whole; at += ANSWER_BYTES) answers.push(decodeAnswer(bytes, at));
    return answers;
  };
};
