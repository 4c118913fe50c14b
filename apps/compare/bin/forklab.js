#!/usr/bin/env node
// npm links a command when it installs, and leaves it out when its file does not exist yet. In a fresh clone dist does
// not, so the command is this file, which is always there, and the built one is what it starts.
import { existsSync } from 'node:fs';

const built = new URL('../dist/cli.js', import.meta.url);
if (existsSync(built)) await import(built.href);
else {
  console.error('forklab is not built yet. Run `npm run build` at the root of the repository, then try again.');
  process.exitCode = 2;
}
