/** `npm run bench -- <bench> [arguments]`: measures one thing and prints it. */
const benches: Readonly<Record<string, { readonly what: string; readonly run: () => Promise<unknown> }>> = {
  start: { what: 'how long npm start takes, first and later', run: () => import('./start.ts') },
  ingest: {
    what: 'documents and chunks a second  [documents of the story] [of the stack]',
    run: () => import('./ingest.ts'),
  },
  chat: {
    what: 'what an answer costs, beside a hand-minimal peer  [rounds] [questions]',
    run: () => import('./chat.ts'),
  },
  bundles: { what: 'how large the bundles are, and what fills them', run: () => import('./bundles.ts') },
};

const help = [
  'npm run bench -- <bench> [arguments]',
  '',
  ...Object.entries(benches).map(([name, { what }]) => `  ${name.padEnd(8)} ${what}`),
  '',
  'Without a name: start. Run them on a machine that does nothing else, and compare only figures of one run.',
].join('\n');

const name = process.argv[2] ?? 'start';
const bench = benches[name];
if (process.argv.slice(2).some(argument => argument === '--help' || argument === '-h')) console.log(help);
else if (bench) await bench.run();
else {
  console.error(`There is no bench "${name}".\n\n${help}`);
  process.exitCode = 2;
}
