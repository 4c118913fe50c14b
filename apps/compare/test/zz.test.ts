import { appendFileSync } from 'node:fs';
import { test } from 'vitest';
import { hunt } from './mutants/mutant.js';
import { OPERATION_MUTANTS } from './mutants/operations.js';
import { STRATEGY_MUTANTS } from './mutants/strategies.js';
import { VERB_MUTANTS } from './mutants/verbs.js';

test('all', async () => {
  for (const m of [...VERB_MUTANTS, ...OPERATION_MUTANTS, ...STRATEGY_MUTANTS]) {
    try {
      const a = await hunt(m, [], 1500);
      const b = a.by === null ? a : await hunt(m, [a.by], 300);
      appendFileSync(
        '/tmp/killers.txt',
        `${b.by === null ? 'SOLE' : 'many'}\t${a.by}\t${b.by}\t${m.name}\t${a.traces}\n`,
      );
    } catch (e) {
      appendFileSync('/tmp/killers.txt', `BROKEN ${m.name} ${String(e).slice(0, 150)}\n`);
    }
  }
}, 1200000);
