import type { Input } from '../data/types.js';
import { Scroller } from './figure.js';

/** Whether the ranking stands when each price moves by half. */
export const Stability = ({ input }: { input: Input }) => {
  const { survives, flips } = input.stability;
  if (survives === null && flips.length === 0) return null;
  return (
    <section aria-labelledby="stability">
      <h2 id="stability">If prices were wrong</h2>
      <p>
        {flips.length === 0
          ? 'Each price was moved by ±50\u202f% on its own: the ranking by total time stays as it is.'
          : 'Each price was moved by ±50\u202f% on its own. These moves change the ranking by total time:'}
      </p>
      {flips.length > 0 && (
        <Scroller label="Prices that change the ranking">
          <table>
            <thead>
              <tr>
                <th scope="col">Price</th>
                <th scope="col">Moved</th>
                <th scope="col">Changes places</th>
              </tr>
            </thead>
            <tbody>
              {flips.map((flip) => (
                <tr key={`${flip.price} ${flip.direction} ${flip.pair}`}>
                  <th scope="row">{flip.price}</th>
                  <td>{flip.direction}</td>
                  <td>{flip.pair}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroller>
      )}
    </section>
  );
};
