import type { Citation, Strategy } from '../data/types.js';
import { words } from '../format.js';
import { Scroller } from './figure.js';

/** What each column is: the system it models, how it was set, what it promises. */
export const Strategies = ({ strategies }: { strategies: readonly Strategy[] }) => {
  const traits = [...new Set(strategies.flatMap((s) => [...s.traits.keys()]))];
  return (
    <section aria-labelledby="strategies">
      <h2 id="strategies">Strategies</h2>
      <Scroller label="What each strategy is">
        <table class="about">
          <thead>
            <tr>
              <th scope="col">
                <span class="visually-hidden">Property</span>
              </th>
              {strategies.map((s) => (
                <th key={s.label} scope="col">
                  {s.label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">models</th>
              {strategies.map((s) => (
                <td key={s.label}>
                  {s.models.map((model) => (
                    <Source key={`${model.title} ${model.where}`} model={model} />
                  ))}
                </td>
              ))}
            </tr>
            <tr>
              <th scope="row">options</th>
              {strategies.map((s) => (
                <td key={s.label}>{s.options || '–'}</td>
              ))}
            </tr>
            {traits.map((trait) => (
              <tr key={trait}>
                <th scope="row">{words(trait)}</th>
                {strategies.map((s) => (
                  <td key={s.label}>{s.traits.get(trait) || '–'}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
    </section>
  );
};

const Source = ({ model }: { model: Citation }) => (
  <span class="source">
    {model.url ? (
      <a href={model.url} rel="noopener noreferrer" target="_blank">
        {model.title}
      </a>
    ) : (
      model.title
    )}
    {model.where && <span class="muted"> {model.where}</span>}
  </span>
);
