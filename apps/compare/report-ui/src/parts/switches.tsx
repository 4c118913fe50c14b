import type { Strategy } from '../data/types.js';
import { colourAt, type Palette } from '../palette.js';

interface SwitchesProps {
  readonly strategies: readonly Strategy[];
  readonly palette: Palette;
  readonly hidden: ReadonlySet<string>;
  readonly set: (hidden: ReadonlySet<string>) => void;
}

/** Takes strategies out of all charts, and back. The last one stays: empty charts tell nothing. */
export const StrategySwitches = ({ strategies, palette, hidden, set }: SwitchesProps) => {
  const toggle = (label: string): void => {
    const next = new Set(hidden);
    if (!next.delete(label)) next.add(label);
    if (next.size < strategies.length) set(next);
  };
  return (
    <fieldset class="switches">
      <legend>In the charts</legend>
      {strategies.map(({ label }, at) => (
        <label key={label}>
          <input type="checkbox" checked={!hidden.has(label)} onChange={() => toggle(label)} />
          <span class="swatch" style={{ background: colourAt(palette.strategies, at) }} />
          <span class="name">{label}</span>
        </label>
      ))}
    </fieldset>
  );
};
