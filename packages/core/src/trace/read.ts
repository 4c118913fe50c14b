/** Reading a trace from a file or a stream: plain or gzip, in pieces, with bounds. */

import { Buffer, isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ForklabError } from '../errors.js';
import { osReason } from '../words.js';
import type { TraceBuilder, TraceLimits } from './parse.js';
import { createTraceBuilder, DEFAULT_LIMITS } from './parse.js';
import type { Trace } from './types.js';

export interface ReadOptions {
  /** Stands for the source in messages. Default: the path, or `<stream>`. */
  readonly name?: string;
  readonly limits?: Partial<TraceLimits>;
}

type Chunks = AsyncIterable<Uint8Array>;

const LF = 0x0a;
const GZIP_MAGIC = [0x1f, 0x8b] as const;
const CHUNK_BYTES = 65536;

/** What zlib says, in words. The codes are those of zlib's `inflate()`. */
const gzipReason = (error: unknown): string | undefined => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'Z_BUF_ERROR') return 'the data ends before the gzip stream does';
  if (code === 'Z_DATA_ERROR' || code === 'Z_NEED_DICT') return `the data is damaged (${(error as Error).message})`;
  return undefined;
};

/** The chunks of `source`; what goes wrong while they are fetched becomes a ForklabError. */
async function* guarded(source: () => Chunks, file: string): Chunks & AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of source()) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('the stream gives something else than bytes');
      yield chunk;
    }
  } catch (error) {
    if (error instanceof ForklabError) throw error;
    const reason = gzipReason(error);
    if (reason !== undefined) throw new ForklabError('FL2002', { file, reason }, { cause: error });
    throw new ForklabError('FL2001', { file, reason: osReason(error) }, { cause: error });
  }
}

/** The chunks decompressed. A few gzip members in a row are one text; anything else behind the last one is refused. */
async function* gunzipped(chunks: Chunks, file: string): AsyncGenerator<Uint8Array> {
  let fed = 0;
  const counted = async function* () {
    for await (const chunk of chunks) {
      fed += chunk.length;
      yield chunk;
    }
  };
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  // The loop below sees every error of the pipeline, so that its own callback has nothing left to do.
  pipeline(Readable.from(counted(), { objectMode: true, highWaterMark: 1 }), gunzip, () => undefined);
  yield* gunzip as Chunks;
  if (fed > gunzip.bytesWritten) {
    throw new ForklabError('FL2002', { file, reason: 'something else follows the gzip stream' });
  }
}

/** The text, whether it comes plain or as gzip. A name that ends with `.gz` promises gzip. */
async function* decompressed(chunks: Chunks, file: string): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  let done = false;
  while (start.length < GZIP_MAGIC.length && !done) {
    const next = await iterator.next();
    if (next.done) done = true;
    else start = Buffer.concat([start, next.value]);
  }
  const rest = async function* (): AsyncGenerator<Uint8Array> {
    yield start;
    yield* { [Symbol.asyncIterator]: () => iterator };
  };
  const isGzip = GZIP_MAGIC.every((byte, i) => start[i] === byte);
  try {
    if (isGzip) yield* gunzipped(rest(), file);
    else if (file.endsWith('.gz') && start.length > 0) {
      throw new ForklabError('FL2002', { file, reason: 'its name ends with .gz, and it does not begin as gzip does' });
    } else yield* rest();
  } finally {
    // Not awaited: a stream that is waiting for its other end would hold up the error that ends the reading.
    Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

/** Cuts bytes into lines for `builder`, keeping at most one unfinished line. */
const createLineCutter = (file: string, limits: TraceLimits, builder: TraceBuilder) => {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let bytes = 0;
  let line = 1;

  const refuse = (limit: 'line' | 'bytes', max: number): never => {
    throw new ForklabError('FL2004', { file, line, limit, max });
  };

  const keep = (part: Buffer): void => {
    pendingBytes += part.length;
    if (pendingBytes > limits.lineBytes) refuse('line', limits.lineBytes);
    pending.push(part);
  };

  const emit = (last: boolean): void => {
    const whole = pending.length === 1 ? pending[0]! : Buffer.concat(pending, pendingBytes);
    pending = [];
    pendingBytes = 0;
    if (!isUtf8(whole)) throw new ForklabError('FL2003', { file, line });
    const decoded = whole.toString('utf8');
    const text = line === 1 && decoded.startsWith('\ufeff') ? decoded.slice(1) : decoded;
    if (last && text === '') return;
    builder.line(text, last);
    line++;
  };

  return {
    push(chunk: Uint8Array): void {
      const data = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      let start = 0;
      for (let lf = data.indexOf(LF); lf >= 0; lf = data.indexOf(LF, start)) {
        if (bytes + lf > limits.bytes) refuse('bytes', limits.bytes);
        keep(data.subarray(start, lf));
        emit(false);
        start = lf + 1;
      }
      bytes += data.length;
      if (bytes > limits.bytes) refuse('bytes', limits.bytes);
      // A copy: whoever gave the chunk may use its memory again.
      if (start < data.length) keep(Buffer.from(data.subarray(start)));
    },
    end(): void {
      if (pendingBytes > 0) emit(true);
    },
  };
};

/**
 * Reads and checks a whole trace, plain or gzip (told apart by how it begins), from a file or from chunks of bytes. It
 * holds one chunk, one unfinished line and the operations read so far, and stops at the first thing that does not fit;
 * nothing of such a trace is returned.
 *
 * @throws ForklabError FL2001 to FL2015, FL2017; nothing else, unless raised limits exceed the memory of the process.
 */
export const readTrace = async (source: string | Chunks, options: ReadOptions = {}): Promise<Trace> => {
  const file = options.name ?? (typeof source === 'string' ? source : '<stream>');
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const builder = createTraceBuilder(file, limits);
  const cutter = createLineCutter(file, limits, builder);
  const open = (): Chunks =>
    typeof source === 'string' ? createReadStream(source, { highWaterMark: CHUNK_BYTES }) : source;
  for await (const chunk of guarded(() => decompressed(open(), file), file)) cutter.push(chunk);
  cutter.end();
  return builder.end();
};
