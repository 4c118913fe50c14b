/** Help texts. One layout for all commands, examples included. */
import type { ArgsDef } from 'citty';
import type { Command } from './commands/command.js';

const WIDTH = 100;

/** Folds a paragraph. */
const fold = (text: string, indent: string): string => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > WIDTH) {
      lines.push(indent + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, indent + line].join('\n');
};

const columns = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
};

const usageOf = ({ name, args }: Command): string => {
  const words = Object.keys(args).filter((key) => args[key]?.type === 'positional');
  return ['forklab', name, ...words, '[options]'].join(' ');
};

const optionRows = (args: ArgsDef): (readonly [string, string])[] => [
  ...Object.entries(args).map(([key, def]): readonly [string, string] => {
    if (def.type === 'positional') return [key, def.description ?? ''];
    const value = 'valueHint' in def && def.valueHint ? ` ${def.valueHint}` : '';
    return [`--${key}${value}`, def.description ?? ''];
  }),
  ['--help', 'print this'],
];

export const helpOf = (command: Command): string => {
  const more = command.more ? `\n${fold(command.more, '')}\n` : '';
  const examples = command.examples.map(({ call, does }) => `  ${call}\n      ${does}`).join('\n');
  const options = columns(optionRows(command.args));
  return `${fold(command.about, '')}\n${more}\nUsage: ${usageOf(command)}\n\n${options}\n\nExamples:\n${examples}\n`;
};

export const overview = (commands: Readonly<Record<string, { readonly about: string }>>): string => {
  const rows = Object.entries(commands).map(([name, { about }]) => [name, about] as const);
  return `What would another fork() do? An executable model of Linux's fork, with interchangeable strategies.

Usage: forklab COMMAND [options]; forklab COMMAND --help tells more

${columns(rows)}

Examples:
  forklab compare
      the built-in inputs, a captured Redis among them, under every strategy
  forklab compare trace.jsonl --strategies classic,cow-pte --report out
      one trace, two strategies, the report in out/
  forklab run trace.jsonl --strategy ondemand-fork --json
      results and samples as one JSON document

Exit status: 0 fine; 1 ran, and found violations or differences; 2 could not run: the message says what to mend.
`;
};
