/** Numbers as people read them. No locale: a report reads the same everywhere. */
import type { RowUnit } from './row-docs.js';

const three = (n: number): string => String(Number(n.toPrecision(3)));

const grouped = (n: number): string => {
  const [whole, part] = String(n).split('.');
  const groups = whole!.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return part === undefined ? groups : `${groups}.${part}`;
};

const NS_UNITS = [
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'µs'],
] as const;

/** Nanoseconds in the unit that suits their size, three digits: `830 ns`, `1.24 ms`. */
export const formatNs = (ns: number): string => {
  const rounded = Number(ns.toPrecision(3));
  for (const [size, unit] of NS_UNITS) if (Math.abs(rounded) >= size) return `${three(ns / size)} ${unit}`;
  return `${three(ns)} ns`;
};

export const formatCount = (n: number): string => grouped(n);

/** kB of 1024 bytes, as the kernel prints them. */
export const formatKb = (kb: number): string => `${grouped(kb)} kB`;

export const formatValue = (unit: RowUnit, value: number): string =>
  unit === 'ns' ? formatNs(value) : unit === 'kB' ? formatKb(value) : formatCount(value);

/** A factor of at least 1, two digits or whole: `1.3`, `38`, `2,100`. */
export const formatFactor = (factor: number): string =>
  factor < 10 ? String(Number(factor.toPrecision(2))) : grouped(Number(Math.round(factor).toPrecision(3)));

export const formatShare = (share: number): string => `${Number((share * 100).toPrecision(2))} %`;
