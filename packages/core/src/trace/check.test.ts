import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../errors.js';
import { ForklabError } from '../errors.js';
import { createLineChecker } from './check.js';

const place = { file: 'a.jsonl', line: 7 };
const header = (value: unknown) => createLineChecker().header(value, place);
const op = (value: unknown) => createLineChecker().op(value, place);

/** The error that `run` throws; a test fails when it throws none, or another kind. */
const refused = (run: () => unknown): ForklabError => {
  try {
    run();
  } catch (error) {
    if (error instanceof ForklabError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

const range = { proc: 'p0', addr: '0x1000', length: '8KiB' };
const touch = { op: 'touch', ...range, pattern: 'uniform', count: 3, seed: 1 };
const share = { op: 'share', object: 'o0', kind: 'mm-owned', size: 4096 };

describe('operations that fit', () => {
  it('come out with numbers for bytes, in the order of the table', () => {
    const line = {
      length: '2MiB',
      flags: ['private', 'anonymous'],
      prot: 'rw-',
      addr: '0x1000',
      proc: 'p0',
      op: 'mmap',
    };
    const read = op({ note: 'heap', ...line });
    expect(read).toEqual({ ...line, addr: 4096, length: 2 ** 21, note: 'heap' });
    expect(Object.keys(read)).toEqual(['op', 'proc', 'addr', 'length', 'prot', 'flags', 'note']);
  });

  it.each([
    [{ op: 'mmap', ...range, prot: '---', flags: ['private'] }],
    [{ op: 'mmap', ...range, length: 0, prot: 'r-x', flags: ['anonymous', 'shared'], file: 'f0' }],
    [{ op: 'fork', proc: 'p0', child: 'p1', flags: ['cow-pgtable'] }],
    [{ op: 'truncate', file: 'f0', size: 1, proc: 'p0' }],
    [{ ...touch, pattern: 'zipf', theta: 0.99 }],
    [{ ...share, kind: 'file-owned', file: 'f0' }],
    [{ op: 'detach', proc: 'p0', object: 'o0', addr: 0 }],
    [{ op: 'detach', proc: 'p0', object: 'o0', addr: 0, prot: 'rw-' }],
    [{ op: 'unpin', ...range, write: true, longterm: true }],
    [{ op: 'read', ...range, notCompared: [{ field: 'minflt', why: 'it varies' }] }],
    [{ op: 'sample', label: 's', notCompared: [{ field: 'mm.swap', why: 'it varies' }] }],
  ])('such as %j', (line) => {
    expect(op(line).op).toBe(line.op);
  });
});

describe('what is not compared', () => {
  it.each([
    [{ op: 'read', ...range, notCompared: [{ field: 'pss', why: 'a step has no such field' }] }],
    [{ op: 'sample', label: 's', notCompared: [{ field: 'minflt', why: 'nor has a sample' }] }],
    [{ op: 'read', ...range, notCompared: [{ field: 'minflt' }] }],
    [{ op: 'read', ...range, notCompared: [{ field: 'minflt', why: ' ' }] }],
    [{ op: 'read', ...range, notCompared: [{ field: 'minflt', why: 'it varies', within: 2 }] }],
    [{ op: 'read', ...range, notCompared: [1, 2].map((n) => ({ field: 'minflt', why: `${n}` })) }],
    [{ op: 'read', ...range, notCompared: { field: 'minflt', why: 'no list' } }],
  ])('is refused in %j', (line) => {
    expect(refused(() => op(line)).code).toBe('FL2011');
  });

  it('is nothing where nothing is answered', () => {
    expect(refused(() => op({ op: 'process', proc: 'p', notCompared: [] })).code).toBe('FL2009');
  });

  it('may be said for the whole trace', () => {
    const head = { forklab: 'trace', version: 1, name: 't', notCompared: [{ field: 'pss', why: 'it varies' }] };
    expect(header(head)).toEqual(head);
  });
});

describe('operations that do not fit', () => {
  it.each<[ErrorCode, unknown, string | undefined]>([
    ['FL2005', null, undefined],
    ['FL2005', [], undefined],
    ['FL2005', 'op', undefined],
    ['FL2005', 1, undefined],
    ['FL2006', { forklab: 'trace', version: 1, name: 'x' }, undefined],
    ['FL2008', {}, undefined],
    ['FL2008', { op: 1 }, undefined],
    ['FL2008', { op: 'mumap', ...range }, undefined],
    ['FL2008', { op: 'constructor' }, undefined],
    ['FL2008', JSON.parse('{"__proto__":{"op":"exit","proc":"p0"}}'), undefined],
    ['FL2009', { op: 'munmap', proc: 'p0', addr: 0, lenght: 1 }, 'lenght'],
    ['FL2009', { op: 'exit', proc: 'p0', description: 'bye' }, 'description'],
    ['FL2009', JSON.parse('{"op":"exit","proc":"p0","__proto__":1}'), '__proto__'],
    ['FL2009', { op: 'exit', proc: 'p0', constructor: 1 }, 'constructor'],
    ['FL2010', { op: 'munmap', proc: 'p0', addr: 0 }, 'length'],
    ['FL2010', { op: 'exit' }, 'proc'],
    ['FL2010', { op: 'exit', proc: undefined }, 'proc'],
    ['FL2011', { op: 'exit', proc: '__proto__' }, 'proc'],
    ['FL2011', { op: 'exit', proc: null }, 'proc'],
    ['FL2011', { op: 'munmap', ...range, addr: 2 ** 53 }, 'addr'],
    ['FL2011', { op: 'munmap', ...range, length: -1 }, 'length'],
    ['FL2011', { op: 'read', ...range, stride: 0 }, 'stride'],
    ['FL2011', { op: 'write', ...range, value: 2 ** 32 }, 'value'],
    ['FL2011', { op: 'mprotect', ...range, prot: 'rwz' }, 'prot'],
    ['FL2011', { op: 'mprotect', ...range, prot: 'wr-' }, 'prot'],
    ['FL2011', { op: 'mprotect', ...range, prot: 3 }, 'prot'],
    ['FL2011', { op: 'mmap', ...range, prot: 'rw-', flags: ['anonymous'] }, 'flags'],
    ['FL2011', { op: 'mmap', ...range, prot: 'rw-', flags: ['private', 'stack'] }, 'flags'],
    ['FL2011', { op: 'madvise', ...range, advice: 'toString' }, 'advice'],
    ['FL2011', { op: 'pin', ...range, write: 1 }, 'write'],
    ['FL2011', { op: 'exit', proc: 'p0', note: 1 }, 'note'],
    ['FL2012', { ...touch, pattern: 'zipf' }, 'theta'],
    ['FL2012', { ...touch, theta: 1 }, 'theta'],
    ['FL2012', { ...share, kind: 'file-owned' }, 'file'],
    ['FL2012', { ...share, file: 'f0' }, 'file'],
  ])('%s for %j', (code, line, field) => {
    const error = refused(() => op(line));
    expect(error.code).toBe(code);
    expect(error.args).toMatchObject({ ...place, ...(field !== undefined && { field }) });
    expect(error.message).toContain('a.jsonl:7');
  });

  it('offer the nearest name of an operation and of a field', () => {
    expect(refused(() => op({ op: 'munamp' })).args).toMatchObject({ guess: 'munmap' });
    const misspelt = { op: 'munmap', proc: 'p0', addr: 0, lenght: 1 };
    expect(refused(() => op(misspelt)).args).toMatchObject({ guess: 'length' });
  });

  it('name a misspelt field before a value that does not fit', () => {
    expect(refused(() => op({ op: 'read', proc: 'p0', addr: -1, length: 1, strid: 1 })).code).toBe('FL2009');
  });

  it('say what arrived, what was expected and what to write', () => {
    const { message } = refused(() => op({ op: 'munmap', ...range, length: '4K' }));
    expect(message).toBe(
      'FL2011: a.jsonl:7: "length" of operation "munmap" is "4K", expected a whole number of bytes below 2^53, as a ' +
        'number or as a string such as "4096", "0x1000" or "2MiB". To fix: write "4KiB".',
    );
  });

  it('say it shortly, whatever arrived', () => {
    const long = refused(() => op({ op: 'exit', proc: 'x'.repeat(1_000_000) }));
    expect(long.message.length).toBeLessThan(600);
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(refused(() => op({ op: 'exit', proc: deep })).message).toContain('a list of 1');
  });
});

describe('headers', () => {
  const fit = { forklab: 'trace', version: 1, name: 't' };

  it('may hold everything that the format gives them', () => {
    const source = { generator: 'random', parameters: { seed: 3, sizes: [1, 2] } };
    const full = { ...fit, description: 'two\nlines', memory: '1GiB', cpus: 2, source };
    expect(header(full)).toEqual({ ...full, memory: 2 ** 30 });
  });

  it.each<[ErrorCode, unknown]>([
    ['FL2005', 3],
    ['FL2006', {}],
    ['FL2006', { op: 'process', proc: 'p0' }],
    ['FL2006', { ...fit, forklab: 'comparison' }],
    ['FL2007', { ...fit, version: 2 }],
    ['FL2007', { ...fit, version: '1' }],
    ['FL2009', { ...fit, op: 'exit' }],
    ['FL2009', { ...fit, nmae: 1 }],
    ['FL2010', { forklab: 'trace', version: 1 }],
    ['FL2011', { ...fit, name: '' }],
    ['FL2011', { ...fit, name: 'constructor' }],
    ['FL2011', { ...fit, memory: 100 }],
    ['FL2011', { ...fit, cpus: 0 }],
    ['FL2011', { ...fit, source: [] }],
    ['FL2011', { ...fit, source: JSON.parse('{"__proto__":1}') }],
  ])('%s for %j', (code, value) => {
    expect(refused(() => header(value)).code).toBe(code);
  });
});
