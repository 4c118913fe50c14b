import type { ProcessSample, Strategy } from '../data/types.js';
import { formatCount } from '../format.js';
import { Scroller } from './figure.js';

/** Per process: what that kernel prints of it, and what is true. */
export const Samples = ({ strategies }: { strategies: readonly Strategy[] }) => {
  if (!strategies.some(({ samples }) => samples.length > 0)) return null;
  return (
    <section aria-labelledby="processes">
      <h2 id="processes">Processes, as the kernel prints them</h2>
      <p class="note">
        In kB, at the samples of the trace. Rss (printed) is what the kernel charges the process for, Rss (mapped) what
        its tables reach; they part where a shared table is charged to another.
      </p>
      {strategies.map((strategy) => (
        <details key={strategy.label} class="numbers">
          <summary>
            <span class="name">{strategy.label}</span>
          </summary>
          <Printed samples={strategy.samples} label={strategy.label} />
        </details>
      ))}
    </section>
  );
};

const sum = (values: ReadonlyMap<string, number>, prefix: string): number | undefined => {
  const parts = ['rssAnon', 'rssFile', 'rssShmem'].map((key) => values.get(`${prefix}${key}`));
  return parts.every((part) => part === undefined)
    ? undefined
    : parts.reduce<number>((total, part) => total + (part ?? 0), 0);
};

const COLUMNS: readonly (readonly [title: string, of: (values: ReadonlyMap<string, number>) => number | undefined])[] =
  [
    ['VmPTE', (values) => values.get('vmPte')],
    ['Rss (printed)', (values) => sum(values, 'mm.')],
    ['Rss (mapped)', (values) => sum(values, '')],
    ['Pss', (values) => values.get('pss')],
    ['private', (values) => values.get('private')],
    ['shared', (values) => values.get('shared')],
    ['swap', (values) => values.get('swap')],
    ['all tables', (values) => values.get('pageTables')],
    ['all frames', (values) => values.get('frames')],
    ['charged to nobody', (values) => values.get('uncharged')],
  ];

const Printed = ({ samples, label }: { samples: readonly ProcessSample[]; label: string }) => (
  <Scroller label={`Processes under ${label}`}>
    <table>
      <thead>
        <tr>
          {['Sample', 'Process', ...COLUMNS.map(([title]) => title)].map((title) => (
            <th key={title} scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {samples.map((sample, i) => (
          <tr key={i}>
            <th scope="row">{sample.label}</th>
            <td class="prose">{sample.proc === '' ? <em>machine</em> : sample.proc}</td>
            {COLUMNS.map(([title, of]) => {
              const value = of(sample.values);
              return <td key={title}>{value === undefined ? '' : formatCount(value)}</td>;
            })}
          </tr>
        ))}
      </tbody>
    </table>
  </Scroller>
);
