import { useMemo, useState } from 'preact/hooks';
import { breakEvenPlot, tooClose } from '../charts/break-even.js';
import { type BreakEvenOf, breakEvenOf, valueAt } from '../data/break-even.js';
import type { Input } from '../data/types.js';
import { formatNs, formatPercent } from '../format.js';
import { colourAt, type Palette } from '../palette.js';
import { Chart } from './chart.js';
import { Figure, Key, Numbers, Switch } from './figure.js';

interface BreakEvenProps {
  readonly input: Input;
  readonly palette: Palette;
  readonly hidden: ReadonlySet<string>;
}

/** From which share of tables, or pages, written after fork a strategy costs more than the baseline. */
export const BreakEvenFigures = ({ input, palette, hidden }: BreakEvenProps) => {
  const kinds = useMemo(() => {
    const seen = breakEvenOf(input).filter(({ curves }) => curves.length > 0);
    return seen.map((kind) => ({ ...kind, curves: kind.curves.filter((c) => !hidden.has(c.strategy.label)) }));
  }, [input, hidden]);
  return (
    <>
      {kinds.map((kind) => (
        <Curves key={kind.of} kind={kind} palette={palette} />
      ))}
      {input.breakEven.layout && <p class="note wide">Break-even: {input.breakEven.layout}</p>}
    </>
  );
};

const Curves = ({ kind, palette }: { kind: BreakEvenOf; palette: Palette }) => {
  const [difference, setDifference] = useState(() => tooClose(kind));
  const plot = useMemo(() => breakEvenPlot(palette, kind, difference), [palette, kind, difference]);
  const { of, curves, baseline } = kind;
  const judged = curves.filter((curve) => curve !== baseline && curve.strategy !== baseline?.strategy);
  const shares = curves[0]?.curve.x ?? [];
  return (
    <Figure
      title={`Break-even by ${of} written`}
      says={`Fork, the writes after it and exit, by the share of ${of} written. Crossings are marked.`}
      actions={
        baseline && <Switch label={`difference from ${baseline.strategy.label}`} on={difference} set={setDifference} />
      }
    >
      <Key items={curves.map((c) => ({ name: c.strategy.label, colour: colourAt(palette.strategies, c.at) }))} />
      <Chart plot={plot} label={judged.map((c) => `${c.strategy.label} ${c.says}`).join('; ')} />
      <ul class="says">
        {judged.map((c) => (
          <li key={c.strategy.label}>
            <span class="name">{c.strategy.label}</span> {c.says}
          </li>
        ))}
      </ul>
      <Numbers
        head={['strategy', ...shares.map(formatPercent)]}
        rows={curves.map((c) => [c.strategy.label, ...shares.map((share) => formatNs(valueAt(c.curve, share)))])}
      />
    </Figure>
  );
};
