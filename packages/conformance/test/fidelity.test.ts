import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OPERATIONS } from '@forklab/core';
import { describe, expect, it } from 'vitest';
import { recordedAreas } from '../src/index.js';
import { fidelityParts } from './fidelity.js';

const PAGE = join(import.meta.dirname, '../../../docs/fidelity.md');
const parts = fidelityParts();

describe('docs/fidelity.md', () => {
  it.each(Object.entries(parts))('has the part %s as the recordings have it', (name, wanted) => {
    const text = readFileSync(PAGE, 'utf8');
    const from = text.indexOf('\n', text.indexOf(`<!-- generated: ${name} -->`)) + 1;
    const to = text.indexOf('<!-- end -->', from);
    expect(from > 0 && to >= from, `a part "${name}"`).toBe(true);
    if (process.env.FORKLAB_WRITE_DOCS) {
      writeFileSync(PAGE, `${text.slice(0, from)}\n${wanted}\n\n${text.slice(to)}`);
      return;
    }
    const mend = 'run FORKLAB_WRITE_DOCS=1 npx vitest run packages/conformance/test/fidelity.test.ts';
    expect(text.slice(from, to).trim(), `the page is behind the recordings: ${mend}`).toBe(wanted);
  });

  it('has every operation of the format, and every recording', () => {
    for (const op of Object.keys(OPERATIONS)) expect(parts.operations).toContain(`| \`${op}\` |`);
    for (const area of recordedAreas()) expect(parts.sources).toContain(`| \`${area}\` |`);
  });
});
