import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** The entry of each function's bundle, by the function's name. */
const entries = {
  intake: 'lambdas/ingest/intake-handler.ts',
  process: 'lambdas/ingest/process-handler.ts',
  recognized: 'lambdas/ingest/recognized-handler.ts',
  embed: 'lambdas/ingest/embed-handler.ts',
  remove: 'lambdas/ingest/remove-handler.ts',
  statistics: 'lambdas/lexical/statistics-handler.ts',
  'dead-letter': 'lambdas/ingest/dead-letter-handler.ts',
  jobs: 'lambdas/jobs/handler.ts',
  'job-dead-letter': 'lambdas/jobs/dead-letter-handler.ts',
  chat: 'lambdas/chat/handler.ts',
  records: 'lambdas/api/records-handler.ts',
  upkeep: 'lambdas/upkeep/handler.ts',
  search: 'lambdas/api/search-handler.ts',
  authorizer: 'lambdas/identity/authorizer-handler.ts',
  claims: 'lambdas/identity/claims-handler.ts',
  'vector-index': 'lambdas/vector-index/handler.ts',
  'empty-bucket': 'lambdas/empty-bucket/handler.ts',
  'web-site': 'lambdas/web-site/handler.ts',
} as const;

/** Programs beside the handler, in the same bundle: `reading-process.mjs` next to `index.mjs`. */
const programs: Partial<Record<keyof typeof entries, Readonly<Record<string, string>>>> = {
  process: { 'reading-process': 'lambdas/ingest/reading-process.ts' },
};

export type BundleName = keyof typeof entries;
export const bundleNames = Object.keys(entries) as readonly BundleName[]; // Object.keys forgets the literal names
/**
 * Takes Node's own modules from `process.getBuiltinModule`: an `import` of node:http reads all that it exports, and so loads
 * undici and more, which costs a cold start tens of milliseconds.
 */
const builtinModules: Plugin = {
  name: 'builtin-modules',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'builtin' }));
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
    }));
  },
};

/** The folder of each bundle, ready for `Code.fromAsset`. */
export type Bundles = Readonly<Record<BundleName, string>>;

/** Some CommonJS dependencies call `require` for Node's own modules. */
const banner =
  "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);";

/**
 * Bundles every function: ESM, minified, holding only what it uses. Modules that are imported on demand, such as the
 * document parsers, become files of their own beside `index.mjs`, read only when they are needed.
 * @param root the repository
 * @param outdir emptied first; each bundle gets a folder in it
 */
export async function buildBundles(root: string, outdir: string): Promise<Bundles> {
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  const folders = await Promise.all(
    bundleNames.map(async name => [name, await buildBundle(root, outdir, name)] as const),
  );
  return Object.fromEntries(folders) as Bundles; // every name is in it
}

/** @returns the bundle's folder in `outdir` */
export async function buildBundle(root: string, outdir: string, name: BundleName): Promise<string> {
  return bundle(root, join(outdir, name), { index: entries[name], ...programs[name] });
}

/**
 * Bundles one function; what the bundle is made of is written beside its folder, as `<folder>.meta.json`.
 * @param entryPoints files of the repository by the names they get in the folder
 * @returns the folder
 */
export async function bundle(
  root: string,
  folder: string,
  entryPoints: Readonly<Record<string, string>>,
): Promise<string> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: { ...entryPoints },
    outdir: folder,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    splitting: true,
    minify: true,
    mainFields: ['module', 'main'],
    outExtension: { '.js': '.mjs' },
    banner: { js: banner },
    legalComments: 'none',
    metafile: true,
    plugins: [builtinModules],
    logLevel: 'warning',
  });
  await writeFile(`${folder}.meta.json`, JSON.stringify(result.metafile));
  return folder;
}
