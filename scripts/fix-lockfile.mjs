// Adds to package-lock.json an entry for every optional platform package that it lacks.
//
// Why: tools with native parts list one optional package per platform. Where the registry in use does not hold such a
// package, npm writes no entry for it, and the next `npm ci` stops with "Missing: … from lock file". An entry without
// an integrity value, but with the right os, cpu and libc, is enough: npm then leaves out what does not fit the host.
//
//   node scripts/fix-lockfile.mjs           adds what is missing
//   node scripts/fix-lockfile.mjs --check   changes nothing, exits 1 when the file would change

import { readFileSync, writeFileSync } from 'node:fs';

/**
 * @typedef {{ version?: string, dev?: boolean, optional?: boolean, link?: boolean, resolved?: string, os?: string[],
 *   cpu?: string[], libc?: string[], optionalDependencies?: Record<string, string> }} LockEntry
 */

const FILE = new URL('../package-lock.json', import.meta.url);

/** How packages spell an operating system, and what npm calls it. */
const OS = new Map([
  ...['android', 'darwin', 'win32', 'freebsd', 'openbsd', 'netbsd', 'sunos', 'aix', 'openharmony', 'linux'].map(same),
  /** @type {[string, string]} */ (['windows', 'win32']),
]);

/** How packages spell a processor, and what npm calls it. */
const CPU = new Map([
  ...['arm64', 'x64', 'ia32', 'arm', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el', 'wasm32'].map(same),
  /** @type {[string, string]} */ (['64', 'x64']),
  /** @type {[string, string]} */ (['armv7', 'arm']),
  /** @type {[string, string]} */ (['ppc64le', 'ppc64']),
]);

/** @param {string} word @returns {[string, string]} */
function same(word) {
  return [word, word];
}

/**
 * Whether Node's own lookup, walking up from the package at `from`, would find an entry for `name`.
 *
 * @param {Record<string, LockEntry>} packages @param {string} from @param {string} name
 */
function isListed(packages, from, name) {
  for (let at = from; ; at = at.includes('/node_modules/') ? at.slice(0, at.lastIndexOf('/node_modules/')) : '') {
    if (packages[`${at && `${at}/`}node_modules/${name}`]) return true;
    if (!at) return false;
  }
}

/**
 * The entry npm would have written, as far as the name of the package tells.
 *
 * @param {string} name @param {string} range @param {LockEntry} owner @returns {LockEntry}
 */
function entryFor(name, range, owner) {
  const version = range.replace(/^[\^~]/, '');
  const tokens = name.split(/[-/@]/);
  const os = tokens.flatMap((token) => OS.get(token) ?? []).slice(0, 1);
  const cpu = tokens.flatMap((token) => CPU.get(token) ?? []).slice(0, 1);
  if (!/^\d+\.\d+\.\d+/.test(version) || os.length === 0)
    throw new Error(`cannot tell the platform of ${name}@${range}: write its package-lock.json entry by hand`);
  const libc = os[0] !== 'linux' ? [] : name.includes('musl') ? ['musl'] : name.includes('gnu') ? ['glibc'] : [];
  return {
    version,
    ...(cpu.length > 0 && { cpu }),
    ...(owner.dev && { dev: true }),
    ...(libc.length > 0 && { libc }),
    optional: true,
    os,
  };
}

const lock = JSON.parse(readFileSync(FILE, 'utf8'));
/** @type {Record<string, LockEntry>} */
const packages = lock.packages;
const added = [];
for (const [key, entry] of Object.entries(packages))
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {}))
    if (!isListed(packages, key, name)) {
      packages[`node_modules/${name}`] = entryFor(name, range, entry);
      added.push(`${name}@${range}`);
    }

// A registry address would tie every clone to the registry of whoever wrote the file last. Links hold a folder.
const addressed = Object.entries(packages).filter(([, entry]) => entry.resolved && !entry.link);
if (addressed.length > 0) {
  console.error(`package-lock.json records registry addresses, first for ${addressed[0]?.[0]}.`);
  console.error(
    'Install with the .npmrc of this repository (omit-lockfile-registry-resolved=true) and commit the result.',
  );
  process.exit(1);
}
if (added.length > 0 && process.argv.includes('--check')) {
  console.error(`package-lock.json lacks ${added.join(', ')}.`);
  console.error('Run `npm run fix:lockfile` and commit the result.');
  process.exit(1);
}
if (added.length > 0) {
  lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
}
console.log(`package-lock.json: ${added.length} platform entries added`);
