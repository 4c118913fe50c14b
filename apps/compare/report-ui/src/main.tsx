import { render } from 'preact';
import { App } from './app.js';
import { readReport, UnreadableReport } from './data/read.js';
import type { Report } from './data/types.js';
import './style/page.css';
import './style/tables.css';
import './style/charts.css';

const Unreadable = ({ says }: { says: string }) => (
  <main>
    <p class="verdict">There is nothing to show.</p>
    <p>{says}</p>
  </main>
);

const read = (): Report | UnreadableReport => {
  const json = document.getElementById('forklab-data')?.textContent ?? '';
  // The template itself, which the command fills with data, holds a word of capitals between underscores instead.
  if (/^__[A-Z_]+__$/.test(json.trim())) return new UnreadableReport('This page is the template of a report.');
  try {
    return readReport(json);
  } catch (error) {
    if (error instanceof UnreadableReport) return error;
    throw error;
  }
};

const report = read();
const place = document.getElementById('app')!;
if (report instanceof UnreadableReport) render(<Unreadable says={report.message} />, place);
else {
  document.title = `forklab: ${report.inputs.map(({ name }) => name).join(', ')}`.slice(0, 100);
  render(<App report={report} />, place);
}
