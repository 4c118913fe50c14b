/** @packageDocumentation The smallest strategy: a starting point for your own. */
export { hello, hello as strategy } from './hello.js';
