/** Running jobs one after another: as a task list on a terminal, in silence in a pipe. */
import type { Io } from './io.js';

export interface Job {
  readonly title: string;
  /** `say` puts a short text beside the title while the job runs. */
  run(say: (text: string) => void): Promise<void>;
}

/** Runs all jobs in order; the first that throws ends it. Progress goes to standard error, results have the other. */
export const runJobs = async (jobs: readonly Job[], io: Io): Promise<void> => {
  if (!io.errTty) {
    for (const job of jobs) await job.run(() => undefined);
    return;
  }
  const { Listr, ListrLogger, ProcessOutput } = await import('listr2');
  const list = new Listr(
    jobs.map(({ title, run }) => ({
      title,
      task: (_context: unknown, task: { title: string }) =>
        run((text) => {
          task.title = `${title} ${text}`;
        }).then(() => {
          task.title = title;
        }),
    })),
    {
      renderer: 'default',
      // Ctrl-C is ours: it has a status of its own, and nothing half-written to leave.
      registerSignalListeners: false,
      forceTTY: true,
      rendererOptions: {
        logger: new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) }),
      },
    },
  );
  await list.run();
};
