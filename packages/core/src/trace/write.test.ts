import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ForklabError } from '../errors.js';
import { formatTrace } from './format.js';
import { parseTrace } from './parse.js';
import { readTrace } from './read.js';
import type { Op, Trace } from './types.js';
import { writeWhole } from './whole-file.js';
import { writeTrace } from './write.js';

const TRACE: Trace = {
  header: { forklab: 'trace', version: 1, name: 't', source: { generator: 'hand' } },
  ops: [
    { op: 'process', proc: 'p0', note: 'the parent\nof all' },
    { op: 'mmap', proc: 'p0', addr: 2 ** 44, length: 2 ** 21, prot: 'rw-', flags: ['private', 'anonymous'] },
    { op: 'mremap', proc: 'p0', addr: 2 ** 44, oldLength: 4096, newLength: 4096, newAddr: 0 },
  ],
};

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'forklab-write-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const refusal = async (writing: Promise<unknown>): Promise<ForklabError> => {
  const error = await writing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ForklabError);
  return error as ForklabError;
};

describe('formatTrace', () => {
  it('writes one line an operation, and addresses in hexadecimal', () => {
    expect(formatTrace(TRACE)).toBe(
      [
        '{"forklab":"trace","version":1,"name":"t","source":{"generator":"hand"}}',
        '{"op":"process","proc":"p0","note":"the parent\\nof all"}',
        '{"op":"mmap","proc":"p0","addr":"0x100000000000","length":2097152,"prot":"rw-","flags":["private","anonymous"]}',
        '{"op":"mremap","proc":"p0","addr":"0x100000000000","oldLength":4096,"newLength":4096,"newAddr":"0x0"}',
        '',
      ].join('\n'),
    );
    expect(parseTrace(formatTrace(TRACE))).toEqual(TRACE);
  });

  it('refuses what could not be read back', () => {
    const bad = (op: unknown): (() => string) => {
      return () => formatTrace({ header: TRACE.header, ops: [...TRACE.ops, op as Op] });
    };
    expect(bad({ op: 'brk', proc: 'p0', addr: Number.NaN })).toThrow(/FL2011: <trace>:5/);
    expect(bad({ op: 'exit', proc: 'p1' })).toThrow(/FL2013: <trace>:5/);
    expect(bad({ op: 'exit', proc: 'p0', note: 'ß'.repeat(2 ** 19) })).toThrow(/FL2004: <trace>:5: a line/);
    expect(bad(undefined)).toThrow('FL2005');
    expect(() => formatTrace(TRACE, { operations: 2 })).toThrow('FL2004');
    expect(() => formatTrace(TRACE, { bytes: 100 })).toThrow('FL2004');
    expect(
      formatTrace({ header: TRACE.header, ops: [{ op: 'process', proc: 'p0', note: 'x'.repeat(2 ** 19) }] }),
    ).toBeTruthy();
  });
});

describe('writeTrace', () => {
  it('writes plain text, and gzip when the name says so', async () => {
    await writeTrace(join(dir, 'a.jsonl'), TRACE);
    await writeTrace(join(dir, 'a.jsonl.gz'), TRACE);
    expect(readFileSync(join(dir, 'a.jsonl'), 'utf8')).toBe(formatTrace(TRACE));
    expect(gunzipSync(readFileSync(join(dir, 'a.jsonl.gz'))).toString()).toBe(formatTrace(TRACE));
    expect(await readTrace(join(dir, 'a.jsonl.gz'))).toEqual(TRACE);
    expect(readdirSync(dir).sort()).toEqual(['a.jsonl', 'a.jsonl.gz']);
  });

  it('gives the same bytes for the same trace', async () => {
    for (const name of ['a.gz', 'b.gz']) await writeTrace(join(dir, name), TRACE);
    expect(readFileSync(join(dir, 'a.gz'))).toEqual(readFileSync(join(dir, 'b.gz')));
  });

  it('writes long traces in pieces, and they come back', async () => {
    const ops = [...TRACE.ops, ...Array.from({ length: 20_000 }, (_, i): Op => ({ op: 'brk', proc: 'p0', addr: i }))];
    await writeTrace(join(dir, 'long.gz'), { ...TRACE, ops });
    expect(await readTrace(join(dir, 'long.gz'))).toEqual({ ...TRACE, ops });
  });

  it('replaces a file, follows a symbolic link, and keeps what was there when it fails', async () => {
    const path = join(dir, 'a.jsonl');
    writeFileSync(path, 'before');
    symlinkSync(path, join(dir, 'link'));
    const endless = { header: TRACE.header, ops: [...TRACE.ops, { op: 'exit', proc: 'nobody' } as const] };
    expect((await refusal(writeTrace(path, endless))).args).toMatchObject({ file: path, line: 5 });
    expect(readFileSync(path, 'utf8')).toBe('before');
    await writeTrace(join(dir, 'link'), TRACE);
    expect(lstatSync(join(dir, 'link')).isSymbolicLink()).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe(formatTrace(TRACE));
    expect(readdirSync(dir).sort()).toEqual(['a.jsonl', 'link']);
  });

  it('says what the host said, and leaves nothing behind', async () => {
    mkdirSync(join(dir, 'folder'));
    const absent = await refusal(writeTrace(join(dir, 'absent', 'a.jsonl'), TRACE));
    expect([absent.code, absent.message]).toEqual(['FL2016', expect.stringContaining('ENOENT')]);
    expect((await refusal(writeTrace(join(dir, 'folder'), TRACE))).message).toContain('EISDIR');
    expect((await refusal(writeTrace(join(dir, 'folder', 'x'.repeat(300)), TRACE))).message).toContain('ENAMETOOLONG');
    expect((await refusal(writeTrace('a\0b', TRACE))).code).toBe('FL2016');
    expect(readdirSync(dir)).toEqual(['folder']);
    expect(readdirSync(join(dir, 'folder'))).toEqual([]);
  });

  it.skipIf(!existsSync('/dev/full'))('a full disk is an error, and a device stays a device', async () => {
    const error = await refusal(writeTrace('/dev/full', TRACE));
    expect(error.message).toContain('ENOSPC');
    expect(statSync('/dev/full').isCharacterDevice()).toBe(true);
  });

  it.skipIf(process.platform === 'win32')('a pipe is written to, also through a symbolic link', async () => {
    const pipe = join(dir, 'pipe');
    execFileSync('mkfifo', [pipe]);
    symlinkSync(pipe, join(dir, 'link'));
    const [text] = await Promise.all([readFile(pipe, 'utf8'), writeTrace(join(dir, 'link'), TRACE)]);
    expect(text).toBe(formatTrace(TRACE));
    expect(statSync(pipe).isFIFO()).toBe(true);
  });
});

describe('writeWhole', () => {
  it('leaves nothing when what it writes fails on the way', async () => {
    const failing = function* () {
      yield 'x'.repeat(200_000);
      throw new Error('out of ideas');
    };
    for (const name of ['a', 'a.gz']) {
      await expect(writeWhole(join(dir, name), failing())).rejects.toThrow('out of ideas');
    }
    expect(readdirSync(dir)).toEqual([]);
  });

  it('writes bytes, and two at a time do not meet', async () => {
    const path = join(dir, 'a');
    await Promise.all(['1', '2', '3', '4'].map((text) => writeWhole(path, [Buffer.from(text.repeat(100_000))])));
    expect(readFileSync(path, 'utf8')).toMatch(/^(1{100000}|2{100000}|3{100000}|4{100000})$/);
    expect(readdirSync(dir)).toEqual(['a']);
  });
});
