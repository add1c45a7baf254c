/** `npm run bench [-- start|bundles|ingest …]`: measures one thing and prints it. */
const benches: Readonly<Record<string, () => Promise<unknown>>> = {
  start: () => import('./start.ts'),
  bundles: () => import('./bundles.ts'),
  ingest: () => import('./ingest.ts'),
};

const name = process.argv[2] ?? 'start';
const bench = benches[name];
if (bench) {
  await bench();
} else {
  console.error(`There is no bench "${name}"; there are: ${Object.keys(benches).join(', ')}.`);
  process.exitCode = 2;
}
