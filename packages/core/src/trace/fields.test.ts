import { expect, it } from 'vitest';
import { expected } from './field-types.js';
import type { Field } from './fields.js';
import { HEADER, OPERATIONS } from './fields.js';
import type { Op } from './types.js';

const all = Object.entries(OPERATIONS).flatMap(([op, { fields }]) =>
  Object.entries<Field>(fields).map(([name, field]) => ({ op, name, field })),
);

it('has every operation of the format', () => {
  const names: readonly Op['op'][] = [
    ...(['process', 'file', 'truncate', 'mmap', 'munmap', 'mprotect', 'mremap', 'madvise', 'brk', 'mlock'] as const),
    ...(['munlock', 'read', 'write', 'touch', 'digest', 'fork', 'vfork', 'spawn', 'exec', 'exit', 'pin'] as const),
    ...(['unpin', 'peek', 'swapout', 'uffd_register', 'uffd_unregister', 'uffd_writeprotect'] as const),
    ...(['ptdump', 'share', 'attach', 'detach', 'protect', 'sample'] as const),
  ];
  expect(Object.keys(OPERATIONS)).toEqual(names);
});

it('says about every field what it is and what it must be', () => {
  for (const { field } of [...all, ...Object.values(HEADER).map((field: Field) => ({ field }))]) {
    expect(field.says).toMatch(/\.$/);
    expect(expected(field.type)).toMatch(/^\S(.*[^.\s])?$/);
  }
});

it('gives one type to the fields of one name that hold addresses, so that the writer can go by the name', () => {
  const addresses = new Set(all.filter(({ field }) => field.type.is === 'address').map(({ name }) => name));
  const others = all.filter(({ field }) => field.type.is !== 'address').map(({ name }) => name);
  expect([...addresses].sort()).toEqual(['addr', 'newAddr']);
  expect(others.filter((name) => addresses.has(name))).toEqual([]);
});

it('asks with `when` only for optional fields, by a field and a word that exist', () => {
  const conditional = all.filter(({ field }) => field.when);
  expect(conditional.map(({ op, name }) => `${op}.${name}`)).toEqual(['touch.theta', 'share.file']);
  for (const { op, field } of conditional) {
    const other = all.find((it) => it.op === op && it.name === field.when?.field)?.field.type;
    expect(field.required).toBe(false);
    expect(other?.is === 'choice' && other.of.includes(field.when?.is ?? '')).toBe(true);
  }
});

it('uses no field name that means something to every line', () => {
  expect(all.filter(({ name }) => ['op', 'note', 'notCompared', 'forklab', 'i'].includes(name))).toEqual([]);
});
