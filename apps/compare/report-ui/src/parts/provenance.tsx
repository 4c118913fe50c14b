import type { Report } from '../data/types.js';

/** Where the numbers come from, without a date or a host: the same run gives the same bytes. */
export const Provenance = ({ report }: { report: Report }) => (
  <footer>
    <h2>Provenance</h2>
    <dl>
      {report.seed && <Fact name="seed" value={report.seed} />}
      {report.configHash && <Fact name="config" value={report.configHash} />}
      {report.versions.length > 0 && (
        <Fact name="versions" value={report.versions.map(([name, version]) => `${name} ${version}`).join(' · ')} />
      )}
      {report.replay && <Fact name="replay" value={report.replay} />}
    </dl>
    {report.config && (
      <details>
        <summary>Configuration</summary>
        <pre>{report.config}</pre>
      </details>
    )}
    <p class="note">
      A model’s numbers: counts are facts about the replayed trace, times are counts times the prices above.
    </p>
  </footer>
);

const Fact = ({ name, value }: { name: string; value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);
