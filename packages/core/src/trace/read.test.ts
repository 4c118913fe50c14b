import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../errors.js';
import { ForklabError } from '../errors.js';
import type { TraceLimits } from './parse.js';
import { DEFAULT_LIMITS, parseTrace } from './parse.js';
import { readTrace } from './read.js';

const HEADER = '{"forklab":"trace","version":1,"name":"t"}';
const PROCESS = '{"op":"process","proc":"p0"}';
const TEXT = `${HEADER}\n${PROCESS}\n{"op":"sample","label":"vor Prozeß 😀"}\n`;
const TRACE = parseTrace(TEXT);

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'forklab-read-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

/** The bytes in pieces of `size`, as a stream gives them. */
async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const whole = (data: string | Uint8Array) => inPieces(typeof data === 'string' ? Buffer.from(data) : data, 1 << 16);

const refusal = async (reading: Promise<unknown>): Promise<ForklabError> => {
  const error = await reading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ForklabError);
  return error as ForklabError;
};

describe('sound traces', () => {
  it.each([1, 2, 3, 7, 64, 4096])('come plain or as gzip, in pieces of %d bytes', async (size) => {
    expect(await readTrace(inPieces(Buffer.from(TEXT), size))).toEqual(TRACE);
    expect(await readTrace(inPieces(gzipSync(TEXT), size))).toEqual(TRACE);
  });

  it('come as gzip by their first bytes, whatever the name', async () => {
    for (const name of ['a.jsonl', 'a.jsonl.gz', 'a']) {
      writeFileSync(join(dir, name), gzipSync(TEXT));
      expect(await readTrace(join(dir, name))).toEqual(TRACE);
    }
  });

  it('come as several gzip members in a row', async () => {
    const members = Buffer.concat([gzipSync(TEXT.slice(0, 50)), gzipSync(TEXT.slice(50))]);
    for (const size of [1, 5, 4096]) expect(await readTrace(inPieces(members, size))).toEqual(TRACE);
  });

  it('may have CRLF, a byte order mark, and no end of the last line', async () => {
    for (const text of [TEXT.replaceAll('\n', '\r\n'), `\ufeff${TEXT}`, TEXT.slice(0, -1)]) {
      expect(await readTrace(whole(text))).toEqual(TRACE);
      expect(parseTrace(text)).toEqual(TRACE);
    }
  });

  it('come from a stream that uses its memory again', async () => {
    const reused = async function* () {
      const memory = Buffer.alloc(5);
      for await (const piece of inPieces(Buffer.from(TEXT), 5)) {
        memory.set(piece);
        yield memory.subarray(0, piece.length);
        memory.fill(0);
      }
    };
    expect(await readTrace(reused())).toEqual(TRACE);
  });

  it('may hold no operation', async () => {
    expect(await readTrace(whole(HEADER))).toEqual({ header: TRACE.header, ops: [] });
  });
});

describe('damaged traces', () => {
  it.each<[ErrorCode, string, string | Uint8Array, object]>([
    ['FL2006', 'an empty file', '', { line: 1 }],
    ['FL2006', 'a byte order mark and nothing else', '\ufeff', { line: 1 }],
    ['FL2006', 'no header', `${PROCESS}\n`, { line: 1 }],
    ['FL2006', 'two traces in one file', TEXT + TEXT, { line: 4 }],
    ['FL2005', 'a line that ends too early', `${HEADER}\n{"op":"process","pro`, { line: 2, last: true }],
    ['FL2005', 'a blank line in the middle', `${HEADER}\n\n${PROCESS}\n`, { line: 2, arrived: '' }],
    ['FL2005', 'a blank line at the end', `${TEXT}\n`, { line: 4, arrived: '' }],
    ['FL2005', 'two objects on a line', `${HEADER}\n${PROCESS}${PROCESS}\n`, { line: 2 }],
    ['FL2005', 'a list', `${HEADER}\n[]\n`, { line: 2 }],
    ['FL2005', 'a byte order mark in the middle', `${HEADER}\n\ufeff${PROCESS}\n`, { line: 2 }],
    ['FL2005', 'brackets beyond the stack', `${HEADER}\n${'['.repeat(1_000_000)}\n`, { line: 2 }],
    ['FL2003', 'UTF-16', Buffer.from(`\ufeff${TEXT}`, 'utf16le'), { line: 1 }],
    ['FL2003', 'Latin-1', Buffer.from(`${HEADER}\n{"op":"process","proc":"Prozeß"}`, 'latin1'), { line: 2 }],
    ['FL2003', 'an overlong zero', Buffer.concat([Buffer.from(`${HEADER}\n`), Buffer.of(0xc0, 0x80)]), { line: 2 }],
    ['FL2003', 'a surrogate', Buffer.concat([Buffer.from(`${HEADER}\n`), Buffer.of(0xed, 0xa0, 0x80)]), { line: 2 }],
    ['FL2011', '__proto__ as a process', TEXT.replace('p0', '__proto__'), { line: 2, arrived: '__proto__' }],
    ['FL2011', 'a number beyond 2^53', `${TEXT}{"op":"brk","proc":"p0","addr":9007199254740993}`, { field: 'addr' }],
    ['FL2008', 'an unknown operation', `${HEADER}\n{"op":"forc"}`, { guess: 'fork' }],
  ])('%s for %s', async (code, _, data, args) => {
    const error = await refusal(readTrace(whole(data), { name: 'a.jsonl' }));
    expect(error.code).toBe(code);
    expect(error.args).toMatchObject({ file: 'a.jsonl', ...args });
  });

  it('every cut of a gzip file is refused, wherever it falls', async () => {
    const gzip = gzipSync(TEXT);
    for (let length = 2; length < gzip.length; length++) {
      const error = await refusal(readTrace(whole(gzip.subarray(0, length))));
      expect(error.code).toBe('FL2002');
    }
  });

  it('gzip with a flipped byte is refused, or the flip is in a part of its header that means nothing', async () => {
    const gzip = gzipSync(TEXT);
    for (let at = 2; at < gzip.length; at++) {
      const flipped = Buffer.from(gzip);
      flipped[at]! ^= 0x55;
      const outcome = await readTrace(whole(flipped)).catch((error: unknown) => error);
      // Bytes 4 to 9 are the time, the level and the system.
      if (at >= 4 && at <= 9) expect(outcome).toEqual(TRACE);
      else expect(outcome).toBeInstanceOf(ForklabError);
    }
  });

  it('something behind the gzip stream is refused', async () => {
    for (const tail of ['\n', 'x', TEXT, '\0'.repeat(512)]) {
      const data = Buffer.concat([gzipSync(TEXT), Buffer.from(tail)]);
      for (const size of [1, 1 << 16, gzipSync(TEXT).length]) {
        expect((await refusal(readTrace(inPieces(data, size)))).code).toBe('FL2002');
      }
    }
  });

  it('a name that ends with .gz promises gzip', async () => {
    expect((await refusal(readTrace(whole(TEXT), { name: 'a.gz' }))).code).toBe('FL2002');
    expect((await refusal(readTrace(whole(Buffer.of(0x1f)), { name: 'a.gz' }))).code).toBe('FL2002');
    expect((await refusal(readTrace(whole(''), { name: 'a.gz' }))).code).toBe('FL2006');
  });
});

describe('traces that the host does not give', () => {
  it('a missing file, a directory, an impossible path', async () => {
    expect((await refusal(readTrace(join(dir, 'absent')))).message).toContain('ENOENT');
    expect((await refusal(readTrace(dir))).message).toContain('EISDIR');
    for (const path of ['', 'a\0b', 'x'.repeat(5000)]) expect((await refusal(readTrace(path))).code).toBe('FL2001');
  });

  // The superuser may read everything, so that this needs another user.
  it.skipIf(process.getuid?.() === 0)('a file without permission', async () => {
    const path = join(dir, 'secret');
    writeFileSync(path, TEXT);
    chmodSync(path, 0);
    expect((await refusal(readTrace(path))).message).toContain('EACCES');
  });

  it('a stream that fails, and one of something else than bytes', async () => {
    const failing = async function* () {
      yield Buffer.from(TEXT);
      throw new Error('unplugged');
    };
    expect((await refusal(readTrace(failing()))).args).toEqual({ file: '<stream>', reason: 'unplugged' });
    const words = async function* () {
      yield Buffer.from(TEXT);
      yield 'x' as unknown as Uint8Array;
    };
    expect((await refusal(readTrace(words()))).code).toBe('FL2001');
    expect((await refusal(readTrace(undefined as unknown as string))).code).toBe('FL2001');
  });
});

describe('bounds', () => {
  /** Gives `start`, then `piece` for ever; counts what was taken. */
  const endless = (start: string, piece: Uint8Array) => {
    const taken = { bytes: 0, closed: false };
    const chunks = async function* () {
      try {
        yield Buffer.from(start);
        for (; ; taken.bytes += piece.length) yield piece;
      } finally {
        taken.closed = true;
      }
    };
    return { taken, chunks: chunks() };
  };

  it('a line is refused at its limit, without the rest of it', async () => {
    const { taken, chunks } = endless(`${HEADER}\n{"op":"`, Buffer.alloc(65536, 'x'));
    const error = await refusal(readTrace(chunks));
    expect(error.args).toMatchObject({ line: 2, limit: 'line', max: DEFAULT_LIMITS.lineBytes });
    expect(taken.bytes).toBeLessThan(DEFAULT_LIMITS.lineBytes + 2 * 65536);
    expect(taken.closed).toBe(true);
  });

  it('a line of 100 MB inside a small gzip file is refused at its limit', async () => {
    const bomb = gzipSync(Buffer.concat([Buffer.from(`${HEADER}\n`), Buffer.alloc(100_000_000, 'x')]));
    expect(bomb.length).toBeLessThan(200_000);
    const before = process.memoryUsage().arrayBuffers;
    const error = await refusal(readTrace(whole(bomb)));
    expect(error.args).toMatchObject({ line: 2, limit: 'line' });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 2 ** 20);
  });

  it('operations are refused at their limit, however many follow', async () => {
    const lines = `${'{"op":"exec","proc":"p0"}\n'.repeat(500)}`;
    const { taken, chunks } = endless(`${HEADER}\n${PROCESS}\n`, Buffer.from(lines));
    const error = await refusal(readTrace(chunks, { limits: { operations: 10_000 } }));
    expect(error.args).toMatchObject({ line: 10_002, limit: 'operations', max: 10_000 });
    expect(taken.bytes).toBeLessThan(21 * lines.length);
  });

  it('the text is refused at its limit, which a gzip bomb reaches', async () => {
    const bomb = gzipSync(`${HEADER}\n${PROCESS}\n${'{"op":"exec","proc":"p0"}\n'.repeat(100_000)}`);
    const error = await refusal(readTrace(whole(bomb), { limits: { bytes: 1_000_000 } }));
    expect(error.args).toMatchObject({ limit: 'bytes', max: 1_000_000 });
  });

  it.each<[keyof TraceLimits, number]>([
    ['lineBytes', Buffer.byteLength('{"op":"sample","label":"vor Prozeß 😀"}')],
    ['operations', 2],
    ['bytes', Buffer.byteLength(TEXT)],
  ])('what reaches %s is read, and one less is too little', async (limit, exact) => {
    expect(await readTrace(whole(TEXT), { limits: { [limit]: exact } })).toEqual(TRACE);
    expect((await refusal(readTrace(whole(TEXT), { limits: { [limit]: exact - 1 } }))).code).toBe('FL2004');
  });

  it('hold for strings, too', () => {
    const long = `${HEADER}\n${'x'.repeat(2 ** 20 + 1)}`;
    expect(() => parseTrace(long)).toThrow(/FL2004: <text>:2: a line is longer/);
    expect(() => parseTrace(TEXT, 't', { operations: 1 })).toThrow(/FL2004: t:3/);
    expect(() => parseTrace(TEXT, 't', { bytes: 60 })).toThrow(/FL2004: t:2: the text is longer/);
    expect(() => parseTrace('')).toThrow('FL2006');
  });
});
