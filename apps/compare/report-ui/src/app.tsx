import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Input, Report } from './data/types.js';
import { formatCount } from './format.js';
import { type Palette, usePalette } from './palette.js';
import { BreakEvenFigures } from './parts/break-even-figures.js';
import { CostFigures } from './parts/cost-figures.js';
import { FaultFigures } from './parts/fault-figures.js';
import { Findings } from './parts/findings.js';
import { Overview } from './parts/overview.js';
import { Prices } from './parts/prices.js';
import { Provenance } from './parts/provenance.js';
import { RequestFigures } from './parts/request-figures.js';
import { RowsTable } from './parts/rows-table.js';
import { Samples } from './parts/samples.js';
import { Stability } from './parts/stability.js';
import { StepFigures } from './parts/step-figures.js';
import { Strategies } from './parts/strategies.js';
import { StrategySwitches } from './parts/switches.js';
import { Verdict } from './parts/verdict.js';
import { shownOf } from './shown.js';

/** `#input-2` opens the second input, so that a link can point at it. */
const inputInAddress = (count: number): number => {
  const at = Number(/^#input-(\d+)$/.exec(location.hash)?.[1] ?? 1) - 1;
  return at >= 0 && at < count ? at : 0;
};

/** The whole page. */
export const App = ({ report }: { report: Report }) => {
  const [at, setAt] = useState(() => inputInAddress(report.inputs.length));
  const palette = usePalette();
  useEffect(() => {
    const moved = (): void => {
      if (location.hash.startsWith('#input-')) setAt(inputInAddress(report.inputs.length));
    };
    addEventListener('hashchange', moved);
    return () => removeEventListener('hashchange', moved);
  }, [report]);
  const choose = (chosen: number): void => {
    setAt(chosen);
    history.replaceState(null, '', `#input-${chosen + 1}`);
  };
  const input = report.inputs[at];
  return (
    <main>
      <header>
        <p class="brand">forklab comparison</p>
        {report.inputs.length > 1 && <Overview report={report} at={at} choose={choose} />}
      </header>
      {input ? (
        <Chosen key={at} report={report} input={input} palette={palette} />
      ) : (
        <p class="verdict">This comparison has no inputs.</p>
      )}
      <Provenance report={report} />
    </main>
  );
};

interface ChosenProps {
  readonly report: Report;
  readonly input: Input;
  readonly palette: Palette;
}

const Chosen = ({ report, input, palette }: ChosenProps) => {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const strategies = useMemo(() => shownOf(input.strategies, hidden), [input, hidden]);
  const data = { report, strategies, palette };
  return (
    <>
      <section aria-labelledby="input">
        <h1 id="input">{input.name}</h1>
        {input.description && <p class="description">{input.description}</p>}
        <Origin input={input} />
        <Verdict says={input.verdict} />
      </section>
      <section aria-labelledby="measures">
        <h2 id="measures">Measures</h2>
        <p class="note">
          The best of a row is marked. Small figures compare with the first column or classic. Point at a name, or focus
          it, for what it means.
        </p>
        <RowsTable report={report} strategies={input.strategies} palette={palette} />
      </section>
      <section aria-labelledby="charts">
        <h2 id="charts">Charts</h2>
        <StrategySwitches strategies={input.strategies} palette={palette} hidden={hidden} set={setHidden} />
        <div class="figures">
          <CostFigures {...data} />
          <RequestFigures {...data} />
          <FaultFigures {...data} />
          <BreakEvenFigures input={input} palette={palette} hidden={hidden} />
          <StepFigures {...data} />
        </div>
      </section>
      <Samples strategies={input.strategies} />
      <Findings input={input} checked={report.checked} />
      <Stability input={input} />
      <Strategies strategies={input.strategies} />
      <Prices list={report.prices} input={input} />
    </>
  );
};

const Origin = ({ input }: { input: Input }) => (
  <>
    <p class="note">
      {input.path && <span class="name">{input.path}</span>}
      {input.operations !== null && ` · ${formatCount(input.operations)} operations`}
      {input.source.get('kind') && ` · ${input.source.get('kind')}`}
      {input.source.get('of') && `: ${input.source.get('of')}`}
    </p>
    {input.source.size > 2 && (
      <details class="numbers">
        <summary>Where this input comes from</summary>
        <dl>
          {[...input.source].map(([key, value]) => (
            <div key={key}>
              <dt>{key}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </details>
    )}
  </>
);
