/** What `forklab check` found, as text, as a JSON document and as JUnit XML. */
import { CATALOGUE, type CheckId, type Explored, type Finding, numbersOf, type Relaxed } from '@forklab/conformance';
import { formatTrace } from '@forklab/core';

/** One strategy, checked. */
export interface Checked {
  readonly label: string;
  readonly explored: Explored;
  readonly relaxed: readonly Relaxed[];
  /** Findings by id, as they are printed: with the file that holds the trace, and the command that runs it. */
  readonly files: ReadonlyMap<string, { readonly path: string; readonly replay: string }>;
}

const numbered = (invariant: string): string => [...numbersOf(invariant), invariant].join(' ');

const findingText = (finding: Finding, checked: Checked): string => {
  const { path, replay } = checked.files.get(finding.id)!;
  const indent = (text: string) => text.replace(/^/gm, '    ');
  return [
    `  ${finding.id}: ${numbered(finding.invariant)}`,
    `    ${finding.title}`,
    `    at line ${finding.step} of ${path}${finding.seed === null ? '' : `, shrunk from seed ${finding.seed}`}:`,
    indent(indent(formatTrace(finding.trace).trimEnd())),
    indent(finding.dump),
    `    run it again: ${replay}`,
  ].join('\n');
};

export const textOf = (all: readonly Checked[]): string =>
  `${all
    .map((checked) => {
      const { findings, covered, missing } = checked.explored;
      const ran = `${covered.traces} traces, ${covered.operations} operations, ${covered.starved} short of memory`;
      const space = covered.exhaustive;
      const verdict =
        findings.length > 0 ? `${findings.length} findings` : missing.length > 0 ? 'no pass' : 'no finding';
      return [
        `${checked.label}: ${verdict} (${ran})`,
        ...(space
          ? [`  every sequence of ${space.depth} operations: ${space.states} states, ${space.transitions} transitions`]
          : []),
        ...checked.relaxed.map(({ check, because }) => `  not held to ${numbered(check)}: ${because}`),
        ...missing.map((what) => `  never happened: ${what}`),
        ...findings.map((finding) => findingText(finding, checked)),
      ].join('\n');
    })
    .join('\n')}\n`;

export const documentOf = (all: readonly Checked[]) => ({
  forklab: 'findings',
  version: 1,
  strategies: all.map((checked) => ({
    name: checked.label,
    findings: checked.explored.findings.map((finding) => ({
      id: finding.id,
      invariant: finding.invariant,
      numbers: numbersOf(finding.invariant),
      title: finding.title,
      step: finding.step,
      trace: formatTrace(finding.trace),
      dump: finding.dump,
      seed: finding.seed,
      replay: checked.files.get(finding.id)!.replay,
    })),
    covered: checked.explored.covered,
    missing: checked.explored.missing,
    relaxed: checked.relaxed,
  })),
});

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const xml = (text: string): string => text.replace(/[&<>"]/g, (c) => ESCAPES[c]!);

/** A suite for each strategy, a case for each check of the catalogue, a failure for each finding. */
export const junitOf = (all: readonly Checked[]): string => {
  const checks = [...new Set(Object.values(CATALOGUE).flatMap(({ checks: ids }): readonly CheckId[] => ids))].sort();
  const suites = all.map((checked) => {
    const { findings, missing } = checked.explored;
    const relaxed = new Set<string>(checked.relaxed.map(({ check }) => check));
    const cases = checks.map((check) => {
      const found = findings.filter(({ invariant }) => invariant === check);
      const failures = found.map(
        (finding) => `      <failure message="${xml(finding.title)}">${xml(findingText(finding, checked))}</failure>`,
      );
      const skipped = relaxed.has(check) ? ['      <skipped/>'] : [];
      const open = `    <testcase classname="${xml(checked.label)}" name="${xml(numbered(check))}"`;
      const inside = [...failures, ...skipped];
      return inside.length === 0 ? `${open}/>` : [`${open}>`, ...inside, '    </testcase>'].join('\n');
    });
    const lack = missing.map((what) => `      <failure message="${xml(`never happened: ${what}`)}"/>`);
    const branches = `    <testcase classname="${xml(checked.label)}" name="every branch was taken"`;
    cases.push(lack.length === 0 ? `${branches}/>` : [`${branches}>`, ...lack, '    </testcase>'].join('\n'));
    const failing = new Set(findings.map(({ invariant }) => invariant)).size + (missing.length > 0 ? 1 : 0);
    const counts = `tests="${cases.length}" failures="${failing}" skipped="${relaxed.size}"`;
    return [`  <testsuite name="${xml(checked.label)}" ${counts}>`, ...cases, '  </testsuite>'].join('\n');
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('\n')}\n</testsuites>\n`;
};
