import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';

/** Languages that the page is written in, as React Aria names them. */
const LANGUAGES = new Set(['en-US', 'de-DE']);

/** Leaves React Aria's own words in other languages out: they are a tenth of it. */
const ownLanguagesOnly: Plugin = {
  name: 'own-languages-only',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]intl[\\/](?:.*[\\/])?[a-z]{2}-[A-Z]{2}\.mjs$/ }, ({ path }) =>
      LANGUAGES.has(basename(path, '.mjs')) ? undefined : { contents: 'export default {}' },
    );
  },
};

/**
 * React Aria puts a style element into the page while a dialog is open on an iPhone, which the page's content security
 * policy would refuse and report. The rule stands in web/styles/base.css.
 */
const noInjectedStyle: Plugin = {
  name: 'no-injected-style',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]overlays[\\/]usePreventScroll\.mjs$/ }, async ({ path }) => {
      const injection = 'document.head.prepend(style);';
      const source = await readFile(path, 'utf8');
      if (!source.includes(injection)) throw new Error(`${path} has changed: look where it puts its style now`);
      return { contents: source.replace(injection, ''), resolveDir: join(path, '..') };
    });
  },
};

/**
 * Builds the page: modules with hashed names, split where something is loaded on demand; one stylesheet; index.html, which
 * holds no script and no style itself. All addresses are relative, so that it can be served under any path.
 * @param root the repository
 * @param outdir emptied first
 * @returns the folder; what it is made of is written beside it, as `<folder>.meta.json`
 */
export async function buildWebSite(root: string, outdir: string): Promise<string> {
  await rm(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { main: 'web/main.tsx', theme: 'web/theme.ts', style: 'web/styles/index.css', icon: 'web/icon.svg' },
    loader: { '.svg': 'copy' },
    outdir,
    entryNames: 'assets/[name]-[hash]',
    chunkNames: 'assets/[name]-[hash]',
    assetNames: 'assets/[name]-[hash]',
    bundle: true,
    platform: 'browser',
    target: ['chrome123', 'firefox128', 'safari17.5'],
    format: 'esm',
    splitting: true,
    minify: true,
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
    metafile: true,
    plugins: [ownLanguagesOnly, noInjectedStyle],
    logLevel: 'warning',
  });
  await writeFile(join(outdir, 'index.html'), indexHtml(builtFiles(metafile)));
  await writeFile(`${outdir}.meta.json`, JSON.stringify(metafile));
  return outdir;
}

/**
 * Builds the page into the bundle of the function that publishes it, as the folder `site`.
 * @param bundle that function's folder, which is built
 */
export async function addWebSite(root: string, bundle: string): Promise<void> {
  const site = await buildWebSite(root, `${bundle}.page`); // beside it, so that what it is made of stays outside
  await cp(site, join(bundle, 'site'), { recursive: true });
}

interface BuiltFiles {
  readonly main: string;
  /** What `main` imports at once, so that it is asked for together with it. */
  readonly modules: readonly string[];
  readonly theme: string;
  readonly style: string;
  readonly icon: string;
}

/** Their addresses from the page. */
function builtFiles({ outputs }: Metafile): BuiltFiles {
  const nameOf = (path: string) => path.slice(path.lastIndexOf('assets/'));
  const outputOf = (source: string): string => {
    const found = Object.entries(outputs).find(([, output]) => source in output.inputs);
    if (!found) throw new Error(`nothing was built of ${source}`);
    return found[0];
  };
  const main = outputOf('web/main.tsx');
  const modules = new Set<string>();
  const follow = (path: string) => {
    for (const { path: imported, kind } of outputs[path]?.imports ?? []) {
      if (kind !== 'import-statement' || modules.has(imported)) continue;
      modules.add(imported);
      follow(imported);
    }
  };
  follow(main);
  return {
    main: nameOf(main),
    modules: [...modules].map(nameOf),
    theme: nameOf(outputOf('web/theme.ts')),
    style: nameOf(outputOf('web/styles/tokens.css')),
    icon: nameOf(outputOf('web/icon.svg')),
  };
}

/** The stylesheet's id is the one of the style element by which React Aria would put a rule of it into the page. */
const indexHtml = ({ main, modules, theme, style, icon }: BuiltFiles): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Groundwork</title>
    <link rel="icon" type="image/svg+xml" href="${icon}">
    <script src="${theme}"></script>
    <link rel="stylesheet" id="react-aria-pressable-style" href="${style}">
${modules.map(name => `    <link rel="modulepreload" href="${name}">\n`).join('')}    <script type="module" src="${main}"></script>
  </head>
  <body>
    <div id="root"></div>
    <noscript>This page needs JavaScript.</noscript>
  </body>
</html>
`;
