import { baselineOf, strategyCalled } from '../data/rows.js';
import type { Input, Report, Strategy } from '../data/types.js';
import { formatNs, formatRatio, words } from '../format.js';
import { Scroller } from './figure.js';

const FORK = 'forkNs';

interface OverviewProps {
  readonly report: Report;
  readonly at: number;
  readonly choose: (at: number) => void;
}

/**
 * All inputs at a glance, and the way to choose one. A cell holds the fork and the bill of a strategy, side by side on
 * purpose: the one without the other misleads.
 */
export const Overview = ({ report, at, choose }: OverviewProps) => {
  // From the fork on, where the document says so much: what came before is alike for all.
  const bill = report.rowDocs.has('sinceForkNsTotal') ? 'sinceForkNsTotal' : 'totalNs';
  const labels = [...new Set(report.inputs.flatMap((input) => input.strategies.map((s) => s.label)))];
  return (
    <section aria-labelledby="inputs">
      <h2 id="inputs">Inputs</h2>
      <p class="note">
        A cell: {[FORK, bill].map((key) => report.rowDocs.get(key)?.label ?? words(key)).join(' / ')}, against the
        baseline. Choose an input to see all of it.
      </p>
      <Scroller label="All inputs">
        <table class="overview">
          <thead>
            <tr>
              <th scope="col">Input</th>
              {labels.map((label) => (
                <th key={label} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {report.inputs.map((input, i) => (
              <tr key={`${i} ${input.name}`} class={i === at ? 'chosen' : ''}>
                <th scope="row">
                  <button
                    type="button"
                    class="choose"
                    aria-current={i === at ? 'true' : undefined}
                    onClick={() => choose(i)}
                  >
                    {input.name}
                  </button>
                </th>
                {labels.map((label) => (
                  <Glance key={label} input={input} strategy={strategyCalled(input.strategies, label)} bill={bill} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
    </section>
  );
};

interface GlanceProps {
  readonly input: Input;
  readonly strategy: Strategy | undefined;
  readonly bill: string;
}

const Glance = ({ input, strategy, bill }: GlanceProps) => {
  const baseline = baselineOf(input.strategies);
  if (!strategy || !baseline) return <td class="absent">–</td>;
  const [fork, total] = [FORK, bill].map((key) => {
    const [value, base] = [strategy.rows.get(key), baseline.rows.get(key)];
    if (value === undefined) return '–';
    return strategy === baseline || base === undefined ? formatNs(value) : formatRatio(value, base) || '=';
  });
  const wrong = (strategy.rows.get('violations') ?? 0) > 0;
  return (
    <td>
      {fork} / {total}
      {wrong && <span class="bad"> wrong</span>}
    </td>
  );
};
