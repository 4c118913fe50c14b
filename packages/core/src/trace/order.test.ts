import { expect, it } from 'vitest';
import type { ErrorCode } from '../errors.js';
import { ForklabError } from '../errors.js';
import { parseTrace } from './parse.js';

const HEADER = '{"forklab":"trace","version":1,"name":"t"}';
const trace = (...ops: object[]): string => [HEADER, ...ops.map((op) => JSON.stringify(op))].join('\n');

const process = (proc: string) => ({ op: 'process', proc });
const fork = (proc: string, child: string) => ({ op: 'fork', proc, child });
const exit = (proc: string) => ({ op: 'exit', proc });
const file = (name: string) => ({ op: 'file', file: name, size: 4096 });
const share = (object: string) => ({ op: 'share', object, kind: 'mm-owned', size: 4096 });
const write = (proc: string) => ({ op: 'write', proc, addr: 0, length: 1 });

it.each<[string, object[]]>([
  ['a fork of a fork', [process('a'), fork('a', 'b'), fork('b', 'c'), write('c'), exit('a'), write('b')]],
  ['the name of a process that has exited', [process('a'), exit('a'), process('a'), write('a')]],
  ['a process after exec', [process('a'), { op: 'exec', proc: 'a' }, write('a')]],
  [
    'children of vfork and spawn',
    [process('a'), { ...fork('a', 'c'), op: 'spawn' }, { ...fork('a', 'b'), op: 'vfork' }],
  ],
  [
    'a parent whose vfork children have gone or execute',
    [
      process('a'),
      { ...fork('a', 'b'), op: 'vfork' },
      exit('b'),
      { ...fork('a', 'b'), op: 'vfork' },
      { op: 'exec', proc: 'b' },
      write('a'),
    ],
  ],
  ['one name for a process, a file and an object', [process('a'), file('a'), share('a'), { op: 'sample', label: 'a' }]],
  [
    'one label for a sample and a dump',
    [process('a'), { op: 'sample', label: 's' }, { op: 'ptdump', proc: 'a', label: 's' }],
  ],
  ['a file without a process', [file('f'), { op: 'truncate', file: 'f', size: 0 }]],
])('accepts %s', (_, ops) => {
  expect(parseTrace(trace(...ops)).ops).toHaveLength(ops.length);
});

it.each<[ErrorCode, string, object[], object]>([
  ['FL2013', 'a process that nobody made', [write('a')], { line: 2, field: 'proc', kind: 'process', name: 'a' }],
  ['FL2013', 'a fork of nobody', [process('a'), fork('b', 'c')], { line: 3, field: 'proc', name: 'b', guess: 'a' }],
  ['FL2013', 'a file', [{ op: 'truncate', file: 'f', size: 0 }], { field: 'file', kind: 'file' }],
  ['FL2013', 'an actor', [{ ...file('f'), proc: 'a' }], { field: 'proc', kind: 'process' }],
  [
    'FL2013',
    'the file of a mapping',
    [process('a'), { op: 'mmap', proc: 'a', addr: 0, length: 1, prot: 'r--', flags: ['private'], file: 'f' }],
    { field: 'file', kind: 'file' },
  ],
  [
    'FL2013',
    'an object',
    [process('a'), { op: 'attach', proc: 'a', object: 'o', addr: 0, prot: 'r--' }],
    { field: 'object', kind: 'object' },
  ],
  ['FL2013', 'a name that objects inherit from nobody', [write('p')], { name: 'p' }],
  ['FL2014', 'a dead process', [process('a'), exit('a'), write('a')], { line: 4, name: 'a', ended: 3 }],
  ['FL2014', 'a second exit', [process('a'), exit('a'), exit('a')], { line: 4, ended: 3 }],
  ['FL2014', 'a dead parent', [process('a'), exit('a'), fork('a', 'b')], { field: 'proc', ended: 3 }],
  ['FL2015', 'a live process again', [process('a'), process('a')], { line: 3, kind: 'process', made: 2 }],
  ['FL2015', 'a child with the name of its parent', [process('a'), fork('a', 'a')], { field: 'child', made: 2 }],
  ['FL2015', 'a file again', [file('f'), file('f')], { kind: 'file', made: 2 }],
  ['FL2015', 'an object again', [share('o'), share('o')], { kind: 'object', made: 2 }],
  [
    'FL2015',
    'a label again',
    [
      { op: 'sample', label: 's' },
      { op: 'sample', label: 's' },
    ],
    { kind: 'sample', made: 2 },
  ],
  [
    'FL2017',
    'a parent that waits',
    [process('a'), { ...fork('a', 'b'), op: 'vfork' }, write('a')],
    { line: 4, name: 'a', child: 'b', since: 3 },
  ],
])('refuses with %s: %s', (code, _, ops, args) => {
  let error: unknown;
  try {
    parseTrace(trace(...ops), 'a.jsonl');
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(ForklabError);
  expect((error as ForklabError).code).toBe(code);
  expect((error as ForklabError).args).toMatchObject({ file: 'a.jsonl', ...args });
});
