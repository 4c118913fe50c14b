/** Numbers as text. Nothing here asks the browser for its language: a report reads the same everywhere. */

// Narrow no-break spaces keep a number and its unit on one line.
const GAP = '\u202f';

/** Three significant digits, without trailing zeros and without an exponent. */
const three = (value: number): number => Number(value.toPrecision(3));

/** An integer with a comma every three digits; up to three digits behind the point otherwise. */
export const formatCount = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: Number.isInteger(value) ? 0 : 3 });

const NS_UNITS: readonly (readonly [number, string])[] = [
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'µs'],
];

/** Nanoseconds in the unit that suits their size: `830 ns`, `1.24 ms`. */
export const formatNs = (ns: number): string => {
  const rounded = three(ns);
  for (const [size, unit] of NS_UNITS)
    if (Math.abs(rounded) >= size) return `${formatCount(three(rounded / size))}${GAP}${unit}`;
  return `${formatCount(rounded)}${GAP}ns`;
};

/** Kilobytes of 1024 bytes, as the kernel prints them. */
export const formatKb = (kb: number): string => `${formatCount(kb)}${GAP}kB`;

/** Kilobytes in the unit that suits their size, for axes. */
export const formatKbShort = (kb: number): string => {
  if (Math.abs(kb) >= 1 << 20) return `${formatCount(three(kb / (1 << 20)))}${GAP}GiB`;
  if (Math.abs(kb) >= 1 << 10) return `${formatCount(three(kb / (1 << 10)))}${GAP}MiB`;
  return `${formatCount(three(kb))}${GAP}kB`;
};

export const formatPercent = (share: number): string => `${formatCount(three(share * 100))}${GAP}%`;

export type Unit = 'ns' | 'kB' | 'count';

/** What a row is in. A row without documentation tells by its key. */
export const unitOf = (key: string, unit: string): Unit => {
  if (unit === 'ns' || unit === 'kB') return unit;
  if (unit === '' && /Ns([A-Z]|$)/.test(key)) return 'ns';
  if (unit === '' && /Kb([A-Z]|$)/.test(key)) return 'kB';
  return 'count';
};

export const formatIn = (unit: Unit, value: number): string => {
  if (unit === 'ns') return formatNs(value);
  return unit === 'kB' ? formatKb(value) : formatCount(value);
};

/** The value with all its digits, for those who ask. */
export const formatExact = (unit: Unit, value: number): string =>
  unit === 'count' ? formatCount(value) : `${formatCount(value)}${GAP}${unit}`;

/** How a value stands to the baseline: `÷38`, `×2.1`, `−3 %`; nothing if either is 0 or both are alike. */
export const formatRatio = (value: number, baseline: number): string => {
  if (!(value > 0) || !(baseline > 0)) return '';
  const ratio = value / baseline;
  if (ratio >= 1.5) return `×${formatCount(Number(ratio.toPrecision(2)))}`;
  if (ratio <= 1 / 1.5) return `÷${formatCount(Number((1 / ratio).toPrecision(2)))}`;
  const percent = Number(((ratio - 1) * 100).toFixed(Math.abs(ratio - 1) < 0.1 ? 1 : 0));
  if (percent === 0) return ratio === 1 ? '' : '≈';
  return `${percent > 0 ? '+' : '−'}${Math.abs(percent)}${GAP}%`;
};

/** `tablesCopied` as words, for keys that no document explains. */
export const words = (key: string): string => key.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
