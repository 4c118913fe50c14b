import { amounts, type Fields, fields, list, number, numbers, text, texts, webAddress } from './coerce.js';
import type {
  BreakEvenPoint,
  Cause,
  Citation,
  Curve,
  FaultClass,
  Flip,
  Input,
  Price,
  PriceList,
  ProcessSample,
  Report,
  RequestSeries,
  RowDoc,
  Series,
  SiteCount,
  Strategy,
  Violation,
} from './types.js';

/** The document is not a comparison at all, so that there is nothing to show. The message is for people. */
export class UnreadableReport extends Error {}

/**
 * Reads a comparison document.
 * @throws UnreadableReport when the text is not JSON, or is JSON of something else.
 */
export const readReport = (json: string): Report => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (error) {
    throw new UnreadableReport(`The data in this page is not JSON (${(error as Error).message}).`);
  }
  const doc = fields(parsed);
  if (doc.get('forklab') !== 'comparison') throw new UnreadableReport('The data in this page is not a comparison.');
  const checked = fields(fields(doc.get('config')).get('machine')).get('check');
  return {
    inputs: list(doc.get('inputs')).map((item, i) => readInput(fields(item), i)),
    rowDocs: new Map([...fields(doc.get('rowDocs'))].map(([key, member]) => [key, readRowDoc(key, fields(member))])),
    prices: readPrices(fields(doc.get('prices'))),
    seed: text(doc.get('seed')),
    versions: [...texts(doc.get('versions'))],
    configHash: text(doc.get('configHash')),
    replay: text(doc.get('replay')),
    config: doc.has('config') ? JSON.stringify(doc.get('config'), null, 2) : '',
    checked: typeof checked === 'boolean' ? checked : null,
  };
};

const readRowDoc = (key: string, doc: Fields): RowDoc => ({
  group: text(doc.get('group')),
  label: text(doc.get('label')) || key,
  unit: text(doc.get('unit')),
  says: text(doc.get('says')),
});

const readInput = (doc: Fields, at: number): Input => {
  const stability = fields(doc.get('stability'));
  const breakEven = fields(doc.get('breakEven'));
  const survives = stability.get('survives');
  const seen = new Map<string, number>();
  return {
    name: text(doc.get('name')) || `input ${at + 1}`,
    description: text(doc.get('description')),
    path: text(doc.get('path')),
    operations: number(doc.get('operations')),
    source: texts(doc.get('source')),
    strategies: list(doc.get('strategies')).map((item) => readStrategy(fields(item), seen)),
    verdict: text(doc.get('verdict')),
    stability: {
      survives: typeof survives === 'boolean' ? survives : null,
      says: text(stability.get('says')),
      flips: list(stability.get('flips')).map((item) => readFlip(fields(item))),
    },
    breakEven: {
      points: list(breakEven.get('points')).map((item) => readPoint(fields(item))),
      curves: list(breakEven.get('curves')).map((item) => readCurve(fields(item))),
      layout: text(fields(breakEven.get('layout')).get('says')),
    },
  };
};

const readStrategy = (doc: Fields, seen: Map<string, number>): Strategy => {
  const name = text(doc.get('name')) || 'unnamed';
  const label = text(doc.get('label')) || name;
  const times = (seen.get(label) ?? 0) + 1;
  seen.set(label, times);
  const models = doc.get('models');
  return {
    name,
    label: times === 1 ? label : `${label} (${times})`,
    options: readOptions(doc.get('options')),
    models: (Array.isArray(models) ? models : [models])
      .map((item) => readCitation(fields(item)))
      .filter((m) => m.title),
    traits: readTraits(doc.get('traits')),
    rows: amounts(doc.get('rows')),
    causes: new Map([...fields(doc.get('byWhy'))].map(([key, member]) => [key, readCauses(member)])),
    series: readSeries(fields(doc.get('series'))),
    requests: readRequests(fields(fields(doc.get('requests')).get('series'))),
    byWork: amounts(fields(doc.get('costs')).get('byWork')),
    faults: list(doc.get('faults')).map((item) => readFaultClass(fields(item))),
    samples: list(doc.get('samples')).flatMap((item) => readSample(fields(item))),
    violations: list(doc.get('violations')).map((item) => readViolation(fields(item))),
    unmodelled: list(doc.get('unmodelled')).map((item) => readSite(item)),
  };
};

const isRecord = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Options as one writes them on the command line, `variant=v1-code,depth=2`; those of a composition behind its parts. */
const readOptions = (value: unknown): string =>
  [...fields(value)]
    .map(([key, member]) => (isRecord(member) ? `${key}:${readOptions(member) || 'none'}` : `${key}=${text(member)}`))
    .join(', ');

/** Traits by name; those of a composition come by part, and are gathered as `part: value`. */
const readTraits = (value: unknown): ReadonlyMap<string, string> => {
  const out = new Map<string, string[]>();
  const add = (name: string, said: string): unknown => out.set(name, [...(out.get(name) ?? []), said]);
  for (const [key, member] of fields(value)) {
    if (!isRecord(member)) add(key, readTrait(member));
    else for (const [name, trait] of fields(member)) add(name, `${key}: ${readTrait(trait)}`);
  }
  return new Map([...out].map(([name, said]) => [name, said.join('; ')]));
};

const readTrait = (value: unknown): string => {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(text).join(', ');
  return text(value);
};

const readCitation = (doc: Fields): Citation => ({
  title: text(doc.get('title')),
  where: text(doc.get('where')),
  url: webAddress(doc.get('url')),
});

const readCauses = (value: unknown): readonly Cause[] =>
  [...amounts(value)].map(([why, count]) => ({ why, count })).filter((cause) => cause.count !== 0);

const readSeries = (doc: Fields): Series => ({
  step: numbers(doc.get('step')),
  ns: numbers(doc.get('ns')),
  pageTablesKb: numbers(doc.get('pageTablesKb')),
  framesKb: numbers(doc.get('framesKb')),
});

const readRequests = (doc: Fields): RequestSeries => ({
  atNs: numbers(doc.get('atNs')),
  perSecond: numbers(doc.get('perSecond')),
  worstNs: numbers(doc.get('worstNs')),
});

const readFaultClass = (doc: Fields): FaultClass => ({
  ns: number(doc.get('ns')) ?? 0,
  count: number(doc.get('count')) ?? 0,
  kind: text(doc.get('kind')),
});

/** One line a process, and one for the machine, which knows the truth. */
const readSample = (doc: Fields): ProcessSample[] => {
  const label = text(doc.get('label'));
  const procs = [...fields(doc.get('procs'))].map(([proc, member]) => {
    const printed = [...amounts(fields(member).get('mm'))].map(([key, kb]): [string, number] => [`mm.${key}`, kb]);
    return { label, proc, values: new Map([...amounts(member), ...printed]) };
  });
  return [...procs, { label, proc: '', values: amounts(doc.get('machine')) }];
};

const readViolation = (doc: Fields): Violation => ({
  invariant: text(doc.get('invariant')),
  says: text(doc.get('says')),
  step: number(doc.get('step')),
  detail: text(doc.get('detail')),
});

const readSite = (item: unknown): SiteCount => {
  if (typeof item === 'string') return { site: item, count: 1 };
  const doc = fields(item);
  return { site: text(doc.get('site')), count: number(doc.get('count')) ?? 1 };
};

const readFlip = (doc: Fields): Flip => {
  const pair = doc.get('pair');
  return {
    row: text(doc.get('row')),
    price: text(doc.get('price')),
    direction: text(doc.get('direction')),
    pair: Array.isArray(pair) ? pair.map(text).join(' ↔ ') : text(pair),
  };
};

const readPoint = (doc: Fields): BreakEvenPoint => ({
  strategy: text(doc.get('strategy')),
  of: text(doc.get('of')) || 'tables',
  share: number(doc.get('share')),
  says: text(doc.get('says')),
});

const readCurve = (doc: Fields): Curve => ({
  strategy: text(doc.get('strategy')),
  of: text(doc.get('of')) || 'tables',
  x: numbers(doc.get('x')),
  y: numbers(doc.get('y')),
});

const readPrices = (doc: Fields): PriceList => ({
  name: text(doc.get('name')),
  about: text(doc.get('about')),
  prices: [...fields(doc.get('prices'))].map(([work, member]) => readPrice(work, fields(member))),
});

const readPrice = (work: string, doc: Fields): Price => ({
  work,
  ns: number(doc.get('ns')),
  low: number(doc.get('low')),
  high: number(doc.get('high')),
  unit: text(doc.get('unit')),
  source: text(doc.get('source')),
  kind: text(doc.get('kind')),
});
