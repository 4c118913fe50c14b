import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import preact from '@preact/preset-vite';
import { defineConfig, type Plugin } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Forbids the finished page everything but its own script: no request of any kind, and no code that data could smuggle
 * in, because only the inlined script's hash is allowed. The data block is not code, so no policy applies to it. Runs
 * last, since the hash is that of the script as inlined.
 */
const lockDown = (): Plugin => ({
  name: 'forklab:lock-down',
  enforce: 'post',
  generateBundle: {
    order: 'post',
    handler(_options, bundle) {
      for (const part of Object.values(bundle)) {
        if (part.type !== 'asset' || !part.fileName.endsWith('.html')) continue;
        part.source = withPolicy(String(part.source));
      }
    },
  },
});

const withPolicy = (html: string): string => {
  const hashes = [...html.matchAll(/<script type="module"[^>]*>([\s\S]*?)<\/script>/g)].map(
    (found) => `'sha256-${createHash('sha256').update(found[1]!).digest('base64')}'`,
  );
  if (hashes.length !== 1) throw new Error(`expected one inlined script in the report, found ${hashes.length}`);
  const policy = [
    "default-src 'none'",
    `script-src ${hashes[0]}`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const meta = `<meta http-equiv="Content-Security-Policy" content="${policy}">`;
  return html.replace('<meta charset="utf-8" />', (charset) => `${charset}\n    ${meta}`);
};

export default defineConfig({
  root: here('.'),
  plugins: [preact({ prefreshEnabled: false, devToolsEnabled: false }), viteSingleFile(), lockDown()],
  // A user's environment must not change what is built: the same sources give the same bytes.
  envDir: false,
  publicDir: false,
  logLevel: 'warn',
  build: {
    target: 'es2022',
    outDir: here('../dist'),
    // tsup has put the command there already.
    emptyOutDir: false,
    modulePreload: false,
    rolldownOptions: { input: here('report.html') },
  },
});
