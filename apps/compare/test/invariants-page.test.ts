/** docs/reference/invariants.md is made from the catalogue. */
import { CATALOGUE, type CatalogueEntry, KIT_INVARIANTS } from '@forklab/conformance';
import { INVARIANTS } from '@forklab/core';
import { expect, test } from 'vitest';
import { expectPart } from './support/generated.js';

const WHEN = { step: 'after every operation', exit: 'at the last exit', run: 'by running again' } as const;
const entries = Object.entries(CATALOGUE) as [string, CatalogueEntry][];
const says: Readonly<Record<string, string>> = { ...INVARIANTS, ...KIT_INVARIANTS };

test('there are forty, and each says how it is checked, or why it is not', () => {
  expect(entries.map(([number]) => number)).toEqual(
    Array.from({ length: 40 }, (_, i) => `I${String(i + 1).padStart(2, '0')}`),
  );
  for (const [number, { checks, leaves }] of entries) {
    expect(checks.length > 0 || leaves !== undefined, number).toBe(true);
    for (const check of checks) expect(Object.keys(says), number).toContain(check);
  }
});

test('every check belongs to an invariant', () => {
  const listed = new Set(entries.flatMap(([, { checks }]) => checks as readonly string[]));
  expect(Object.keys(says).filter((check) => !listed.has(check))).toEqual([]);
});

test('invariants.md lists them', () => {
  const rows = entries.map(([number, { says: sentence, when, checks, leaves }]) => {
    const by = checks.length > 0 ? checks.map((check) => `\`${check}\``).join(', ') : 'not checked';
    return `| ${number} | ${sentence} | ${WHEN[when]} | ${by} | ${leaves ?? ''} |`;
  });
  expectPart(
    'invariants.md',
    'invariants',
    ['| id | invariant | checked | by | left out |', '| --- | --- | --- | --- | --- |', ...rows].join('\n'),
  );
  const checks = Object.entries(says).map(([id, sentence]) => `| \`${id}\` | ${sentence} |`);
  expectPart('invariants.md', 'checks', ['| check | says |', '| --- | --- |', ...checks].join('\n'));
});
