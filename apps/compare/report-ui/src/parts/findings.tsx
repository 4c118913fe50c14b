import type { Input, Strategy, Violation } from '../data/types.js';
import { formatCount } from '../format.js';
import { Scroller } from './figure.js';

const nothingFound = (checked: boolean | null): string =>
  checked === false
    ? 'Invariants were not looked for in this run; --check looks after every step.'
    : 'No invariant was violated under any strategy.';

/** What went wrong, and what was not modelled. Nothing found is said, too. */
export const Findings = ({ input, checked }: { input: Input; checked: boolean | null }) => {
  const wrong = input.strategies.filter((s) => s.violations.length > 0 || (s.rows.get('violations') ?? 0) > 0);
  return (
    <section aria-labelledby="findings">
      <h2 id="findings">Violations and gaps</h2>
      {wrong.length === 0 && <p>{nothingFound(checked)}</p>}
      {wrong.map((strategy) => (
        <Violations key={strategy.label} strategy={strategy} />
      ))}
      <Unmodelled strategies={input.strategies} />
    </section>
  );
};

const Violations = ({ strategy }: { strategy: Strategy }) => {
  const { violations } = strategy;
  const all = Math.max(strategy.rows.get('violations') ?? 0, violations.length);
  return (
    <>
      <h3>
        <span class="name">{strategy.label}</span>: {formatCount(all)} {all === 1 ? 'violation' : 'violations'}
        {all > violations.length && `, the first ${formatCount(violations.length)} of them below`}
      </h3>
      <ol class="violations">
        {violations.map((violation, i) => (
          <li key={`${i} ${violation.invariant}`}>
            <Broken violation={violation} />
          </li>
        ))}
      </ol>
    </>
  );
};

const Broken = ({ violation }: { violation: Violation }) => (
  <>
    <strong class="name">{violation.invariant}</strong>
    {violation.step !== null && <span class="muted"> step {formatCount(violation.step)}</span>}
    {violation.says && <span>: {violation.says}</span>}
    {violation.detail && <pre>{violation.detail}</pre>}
  </>
);

const Unmodelled = ({ strategies }: { strategies: readonly Strategy[] }) => {
  const sites = [...new Set(strategies.flatMap((s) => s.unmodelled.map(({ site }) => site)))];
  if (sites.length === 0) return <p>The model covered every operation of this input.</p>;
  return (
    <>
      <h3>Not modelled: how often the input went where the model stops</h3>
      <Scroller label="Sites that are not modelled">
        <table>
          <thead>
            <tr>
              <th scope="col">Site</th>
              {strategies.map((s) => (
                <th key={s.label} scope="col">
                  {s.label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sites.map((site) => (
              <tr key={site}>
                <th scope="row">{site}</th>
                {strategies.map((s) => (
                  <td key={s.label}>{formatCount(s.unmodelled.find((gap) => gap.site === site)?.count ?? 0)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
    </>
  );
};
