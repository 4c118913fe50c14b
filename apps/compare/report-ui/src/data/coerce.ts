/** Readers of unknown JSON that never throw: what has the wrong shape reads as absent. */

export type Fields = ReadonlyMap<string, unknown>;

/** An object's own members. A map, so that a member called `__proto__` is a name like any other. */
export const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : new Map();

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const number = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

export const numbers = (value: unknown): readonly number[] => list(value).map((item) => number(item) ?? Number.NaN);

/** Text for people: strings as they are, other plain values as JSON, absent ones as nothing. */
export const text = (value: unknown): string => {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
};

/** A member of every kind as text, in the order of the document. */
export const texts = (value: unknown): ReadonlyMap<string, string> =>
  new Map([...fields(value)].map(([key, member]) => [key, text(member)]));

/** The members that are numbers. */
export const amounts = (value: unknown): ReadonlyMap<string, number> => {
  const out = new Map<string, number>();
  for (const [key, member] of fields(value)) {
    const amount = Array.isArray(member) ? member.length : number(member);
    if (amount !== null) out.set(key, amount);
  }
  return out;
};

/** An address that is safe to link to, else nothing: data may hold a `javascript:` address. */
export const webAddress = (value: unknown): string => {
  const address = text(value);
  return /^https?:\/\//i.test(address) ? address : '';
};
