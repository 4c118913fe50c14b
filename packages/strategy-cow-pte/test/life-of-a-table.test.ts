import { describeCowTables } from '@forklab/conformance/vitest';
import { expect, it } from 'vitest';
import { cowPte } from '../src/index.js';

describeCowTables(() => cowPte());

it('refuses an option that it does not have', () => {
  expect(() => cowPte({ variant: 'v9' } as never)).toThrow(/variant/);
});
