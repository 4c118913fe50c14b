/** The program: bin/forklab.js starts the built form of this file. */
import { start } from './main.js';

await start();
