/**
 * docs/findings.md: what the checker finds in the patches as they were posted. It is written by
 * `FORKLAB_WRITE_DOCS=1 npx vitest run apps/compare/test/findings-page.test.ts`; without, each of its traces is run again
 * and must break what the page says.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CheckedRun, type Explored, explore, numbersOf, relaxedBy } from '@forklab/conformance';
import { formatTrace, parseTrace, TINY, X86_64 } from '@forklab/core';
import { COW_PTE_VARIANTS } from '@forklab/strategy-cow-pte';
import { ONDEMAND_FORK_VARIANTS } from '@forklab/strategy-ondemand-fork';
import { describe, expect, test } from 'vitest';
import { resolveColumns } from '../src/resolve.js';
import { parseStrategy } from '../src/spec.js';
import { standingOf } from './findings/standing.js';
import { APP } from './support/cli.js';

const PAGE = join(APP, '../../docs/findings.md');
const RUNS = 300;

const SPECS = [
  ...COW_PTE_VARIANTS.map((variant) => `cow-pte:variant=${variant}`),
  ...ONDEMAND_FORK_VARIANTS.map((variant) => `ondemand-fork:variant=${variant}`),
];

const pluginsOf = async (spec: string) => {
  const [column] = await resolveColumns([{ entry: parseStrategy(spec), dir: APP }]);
  return column!.plugins;
};

const exploredOf = async (spec: string): Promise<Explored> => {
  const search = explore(await pluginsOf(spec), { runs: RUNS });
  for (let next = search.next(); ; next = search.next()) if (next.done) return next.value;
};

const HEAD = `# Findings

What \`forklab check\` finds in the patches as they were posted, from ${RUNS} random traces from seed 1 and the fixed ones. The
repaired defaults of the same strategies have no finding. Each trace is the smallest that was found; a test runs all of them
again. Saved in a file, \`forklab run FILE --strategy NAME --check\` shows it.

Standing: *confirmed on a real kernel* names the recording in which a kernel with the patch shows it; *reported* is what authors or
reviewers wrote; *inferred* is what reading the code suggests.
`;

const sectionOf = (spec: string, { findings }: Explored): string => {
  const rows = findings.map(
    ({ id, invariant, title }) => `| ${id} | ${numbersOf(invariant).join(' ')} | ${title.replaceAll('|', '\\|')} |`,
  );
  const each = findings.map((finding) => {
    const tiny = finding.geometry === TINY ? ' with `--geometry tiny`' : '';
    return [
      `### ${finding.id}`,
      `\`${finding.invariant}\` after line ${finding.step}${tiny}. Standing: ${standingOf(spec, finding.invariant, finding.culprit)}.`,
      `\`\`\`jsonl\n${formatTrace(finding.trace).trimEnd()}\n\`\`\``,
    ].join('\n\n');
  });
  const table = ['| finding | invariants | what |', '| --- | --- | --- |', ...rows].join('\n');
  return [`## ${spec}`, `${findings.length} bugs.`, table, ...each].join('\n\n');
};

test.runIf(process.env.FORKLAB_WRITE_DOCS)('writes findings.md', async () => {
  const sections: string[] = [];
  for (const spec of SPECS) sections.push(sectionOf(spec, await exploredOf(spec)));
  writeFileSync(PAGE, `${HEAD}\n${sections.join('\n\n')}\n`);
});

interface Listed {
  readonly spec: string;
  readonly id: string;
  readonly invariant: string;
  readonly step: number;
  readonly tiny: boolean;
  readonly text: string;
}

const listed = (): readonly Listed[] =>
  readFileSync(PAGE, 'utf8')
    .split(/^## /m)
    .slice(1)
    .flatMap((section) => {
      const spec = section.slice(0, section.indexOf('\n'));
      return section
        .split(/^### /m)
        .slice(1)
        .map((part) => {
          const [, invariant, step] = /^`([a-z-]+)` after line (\d+)/m.exec(part)!;
          const text = /```jsonl\n([^`]*)```/.exec(part)![1]!;
          const id = part.slice(0, part.indexOf('\n'));
          return { spec, id, invariant: invariant!, step: Number(step), tiny: part.includes('--geometry tiny'), text };
        });
    });

describe('findings.md', () => {
  test('speaks of every variant there is', () => {
    expect([...new Set(listed().map(({ spec }) => spec))].sort()).toEqual([...SPECS].sort());
  });

  test.each(listed().map((finding) => [`${finding.spec} ${finding.id}`, finding] as const))(
    '%s is shown by its trace',
    async (_name, { spec, invariant, step, tiny, text }) => {
      const geometry = tiny ? TINY : X86_64;
      const trace = parseTrace(text, 'finding.jsonl');
      expect(trace.ops.length).toBeLessThanOrEqual(12);
      const plugins = await pluginsOf(spec);
      const relaxed = new Set<string>(relaxedBy(plugins.map(({ traits }) => traits)).map(({ check }) => check));
      const run = new CheckedRun(trace, plugins, { geometry, relaxed });
      while (run.breakage === null && run.next());
      expect(run.breakage).toMatchObject({ invariant, step });
      // The repaired default of the same strategy does not.
      const repaired = new CheckedRun(trace, await pluginsOf(spec.split(':')[0]!), { geometry });
      while (repaired.next());
      expect(repaired.breakage).toBeNull();
    },
  );
});
