import type { Input } from '../data/types.js';
import { Scroller } from './figure.js';

const otherwise = (flips: number): string =>
  flips === 0 ? 'The ranking stays as it is.' : 'These moves change the ranking:';

/** Whether the ranking stands when each price moves by half. */
export const Stability = ({ input }: { input: Input }) => {
  const { survives, says, flips } = input.stability;
  if (survives === null && says === '' && flips.length === 0) return null;
  return (
    <section aria-labelledby="stability">
      <h2 id="stability">If prices were wrong</h2>
      <p>
        Each price was moved by ±50{'\u202f'}% on its own. {says || otherwise(flips.length)}
      </p>
      {flips.length > 0 && (
        <Scroller label="Prices that change the ranking">
          <table>
            <thead>
              <tr>
                <th scope="col">Price</th>
                <th scope="col" class="prose">
                  Order by
                </th>
                <th scope="col" class="prose">
                  Moved
                </th>
                <th scope="col" class="prose">
                  Changes places
                </th>
              </tr>
            </thead>
            <tbody>
              {flips.map((flip) => (
                <tr key={`${flip.row} ${flip.price} ${flip.direction} ${flip.pair}`}>
                  <th scope="row">{flip.price}</th>
                  <td class="prose">{flip.row || 'total'}</td>
                  <td class="prose">{flip.direction}</td>
                  <td class="prose">{flip.pair}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroller>
      )}
    </section>
  );
};
