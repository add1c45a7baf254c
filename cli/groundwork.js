#!/usr/bin/env node
// Plain JavaScript: the Node that the machine has need not be able to read TypeScript.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [major = 0] = process.versions.node.split('.').map(Number);
if (major >= 24) {
  await import('./main.ts');
} else {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const node = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node');
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // The terminal tells the child as well; this one waits for how it ends.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('error', error => {
    console.error(`Node 24 is not there (${error.message}). Run npm ci first.`);
    process.exitCode = 1;
  });
  child.once('close', code => {
    process.exitCode = code ?? 1;
  });
}
