import type { Input, Price, PriceList } from '../data/types.js';
import { formatNs, formatPercent } from '../format.js';
import { Scroller } from './figure.js';

interface PricesProps {
  readonly list: PriceList;
  readonly input: Input;
}

/** The opinion that turned counts into nanoseconds, spelled out. */
export const Prices = ({ list, input }: PricesProps) => {
  if (list.prices.length === 0) return null;
  const weights = weightsOf(input);
  const prices = [...list.prices].sort((a, b) => (weights.get(b.work) ?? 0) - (weights.get(a.work) ?? 0));
  return (
    <section aria-labelledby="prices">
      <h2 id="prices">Prices</h2>
      <p>
        Time is counts times prices. List: <span class="name">{list.name || 'unnamed'}</span>
        {list.about && `. ${list.about}`}
      </p>
      <p class="note">
        “Weight” is the largest share of a strategy’s total that a price makes up on this input; doubt those first.
      </p>
      <Scroller label="Every price">
        <table class="prices">
          <thead>
            <tr>
              {['Work', 'Price', 'Range', 'Weight', 'Unit', 'Known by', 'Source'].map((name, i) => (
                <th key={name} scope="col" class={i > 3 ? 'prose' : ''}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {prices.map((price) => (
              <PriceRow key={price.work} price={price} weight={weights.get(price.work) ?? 0} />
            ))}
          </tbody>
        </table>
      </Scroller>
    </section>
  );
};

const PriceRow = ({ price, weight }: { price: Price; weight: number }) => (
  <tr>
    <th scope="row">{price.work}</th>
    <td>{price.ns === null ? '–' : formatNs(price.ns)}</td>
    <td>{price.low === null || price.high === null ? '–' : `${formatNs(price.low)} – ${formatNs(price.high)}`}</td>
    <td class={weight >= 0.1 ? 'heavy' : ''}>{weight >= 0.0005 ? formatPercent(Number(weight.toFixed(3))) : '–'}</td>
    <td class="prose">{price.unit}</td>
    <td class="prose">
      <span class={/derived|assumed|guess/i.test(price.kind) ? 'kind doubtful' : 'kind'}>{price.kind || '–'}</span>
    </td>
    <td class="prose">{price.source}</td>
  </tr>
);

/** For each kind of work, the largest share it has in any strategy's total. */
const weightsOf = (input: Input): ReadonlyMap<string, number> => {
  const weights = new Map<string, number>();
  for (const { byWork } of input.strategies) {
    const total = [...byWork.values()].reduce((sum, ns) => sum + ns, 0);
    if (total > 0) for (const [work, ns] of byWork) weights.set(work, Math.max(weights.get(work) ?? 0, ns / total));
  }
  return weights;
};
