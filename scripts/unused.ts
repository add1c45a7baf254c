/**
 * Finds what nothing uses: files that no entry reaches, exports that no other file imports, dependencies that nothing
 * imports or runs; and packages that are imported without being a dependency. It reads the text, because TypeScript 7
 * has no programming interface, and relies on the one form in which Biome leaves imports and exports.
 */
import { glob, readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, join, normalize } from 'node:path';

interface Use {
  /** A path from the root, or `npm:` and a package. */
  readonly target: string;
  /** Undefined: everything that it exports. */
  readonly names?: readonly string[];
}

interface Source {
  readonly exports: readonly { readonly name: string; readonly usedInFile: boolean }[];
  readonly uses: readonly Use[];
  /** Strings that end in `.ts` or `.tsx`: an entry of a bundle, a worker, a program to run. */
  readonly mentions: readonly string[];
}

interface Manifest {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

interface TypeScriptConfig {
  readonly compilerOptions?: { readonly types?: readonly string[] };
}

interface InstalledPackage {
  readonly bin?: string | Readonly<Record<string, string>>;
}

export interface Unused {
  readonly files: readonly string[];
  /** As `path: name`. */
  readonly exports: readonly string[];
  readonly dependencies: readonly string[];
  readonly undeclared: readonly string[];
}

const ignoredFolder = /(^|\/)(node_modules|cdk\.out|dist|\.[^/]+)(\/|$)/;
/** Programs that people and CI run by name, so that no script has to. */
const runByHand = ['cdk'];

const fromModule = /^(import|export) (?:type )?(?:(\w+)(?:, )?)?(?:\{([^}]*)\}|(\*)(?: as \w+)?)? ?from '([^']+)'/gm;
const forEffect = /^import '([^']+)'/gm;
const onDemand = /(?:const \{([^}]*)\} = await )?\bimport\('([^']+)'\)/g;
const declared =
  /^export (?:declare )?(?:abstract )?(?:async )?(const|let|class|function\*?|interface|type|enum) (\w+)/gm;
const listed = /^export (?:type )?\{([^}]*)\}/gm;
const mentioned = /(?<!\bfrom |\bimport |\bimport\()['"`]([^'"`\s]+\.tsx?)['"`]/g;

/** The names in `a, type b, c as d`: what the list takes (a, b, c) and what it gives (a, b, d). */
function namesIn(list: string): { takes: string[]; gives: string[] } {
  const items = list.split(',').flatMap(item => item.trim().replace(/^type /, '') || []);
  const pairs = items.map(item => item.split(/ as |: /));
  return { takes: pairs.flatMap(pair => pair[0] ?? []), gives: pairs.flatMap(pair => pair.at(-1) ?? []) };
}

function read(path: string, text: string): Source {
  const resolve = (specifier: string) =>
    specifier.startsWith('.') ? normalize(join(dirname(path), specifier)) : packageOf(specifier);
  const uses: Use[] = [];
  for (const [, , single, list, star, specifier = ''] of text.matchAll(fromModule)) {
    const names = [...(single ? ['default'] : []), ...namesIn(list ?? '').takes];
    uses.push({ target: resolve(specifier), ...(!star && { names }) });
  }
  for (const [, specifier = ''] of text.matchAll(forEffect)) uses.push({ target: resolve(specifier), names: [] });
  for (const [, list, specifier = ''] of text.matchAll(onDemand))
    uses.push({ target: resolve(specifier), ...(list && { names: namesIn(list).takes }) });

  const exports = [...text.matchAll(declared)].map(([, kind = '', name = '']) => ({
    name,
    // A type belongs to the signature that names it, and callers may need to name it too.
    usedInFile: /interface|type|enum/.test(kind) && (text.match(new RegExp(`\\b${name}\\b`, 'g'))?.length ?? 0) > 1,
  }));
  for (const [, list = ''] of text.matchAll(listed))
    exports.push(...namesIn(list).gives.map(name => ({ name, usedInFile: false })));
  if (/^export default /m.test(text)) exports.push({ name: 'default', usedInFile: false });

  const mentions = [...text.matchAll(mentioned)].flatMap(([, name = '']) => [normalize(name), resolve(name)]);
  return { exports, uses, mentions };
}

const packageOf = (specifier: string) => `npm:${/^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0]}`;

async function pathsOf(root: string, pattern: string): Promise<string[]> {
  const paths = await Array.fromAsync(glob(pattern, { cwd: root, exclude: path => ignoredFolder.test(path) }));
  return paths.filter(path => !ignoredFolder.test(path)); // glob excludes folders only
}

/** Where reading starts: tests, declarations, the tools' own files, and what a script, a guide or a string tells to run. */
async function entriesOf(root: string, sources: ReadonlyMap<string, Source>): Promise<string[]> {
  const isEntry = (path: string) => /\.test\.tsx?$|\.d\.ts$|^[^/]+\.config\.ts$/.test(path);
  const guides = await pathsOf(root, '**/*.md');
  const texts = await Promise.all(
    ['package.json', 'cdk.json', ...guides].map(path => readFile(join(root, path), 'utf8')),
  );
  const run = texts.flatMap(text => [...text.matchAll(/\bnode ([\w./-]+\.ts)\b/g)].map(([, path = '']) => path));
  const mentions = [...sources.values()].flatMap(source => source.mentions);
  return [...sources.keys()].filter(isEntry).concat([...run, ...mentions].filter(path => sources.has(path)));
}

/** @param root the repository */
export async function findUnused(root: string): Promise<Unused> {
  const paths = (await pathsOf(root, '**/*.{ts,tsx}')).sort();
  const sources = new Map<string, Source>();
  for (const path of paths) sources.set(path, read(path, await readFile(join(root, path), 'utf8')));

  const entries = new Set(await entriesOf(root, sources));
  const reached = new Set(entries);
  for (const path of reached) // a Set's loop reaches what is added meanwhile
    for (const { target } of sources.get(path)?.uses ?? []) if (sources.has(target)) reached.add(target);

  return {
    files: paths.filter(path => !reached.has(path)),
    exports: unusedExports(sources, entries, reached),
    ...(await dependenciesOf(root, sources)),
  };
}

function unusedExports(
  sources: ReadonlyMap<string, Source>,
  entries: ReadonlySet<string>,
  reached: ReadonlySet<string>,
): string[] {
  const uses = [...sources.values()].flatMap(source => source.uses);
  const wanted = new Set(uses.flatMap(({ target, names }) => (names ?? ['*']).map(name => `${target}: ${name}`)));
  return [...reached].sort().flatMap(path => {
    if (entries.has(path) || wanted.has(`${path}: *`)) return [];
    const exports = sources.get(path)?.exports ?? [];
    return exports.flatMap(({ name, usedInFile }) => {
      const id = `${path}: ${name}`;
      return usedInFile || wanted.has(id) ? [] : id;
    });
  });
}

async function dependenciesOf(root: string, sources: ReadonlyMap<string, Source>) {
  const readJson = async (path: string) => JSON.parse(await readFile(join(root, path), 'utf8'));
  const { scripts = {}, dependencies = {}, devDependencies = {} }: Manifest = await readJson('package.json');
  const { compilerOptions }: TypeScriptConfig = await readJson('tsconfig.json');
  const commands = new Set([...Object.values(scripts).flatMap(script => script.split(/\s+/)), ...runByHand]);
  const isRun = async (name: string) => {
    const { bin = {} }: InstalledPackage = await readJson(join('node_modules', name, 'package.json'));
    return (typeof bin === 'string' ? [name] : Object.keys(bin)).some(command => commands.has(command));
  };

  const imported = [...sources.values()]
    .flatMap(({ uses }) => uses.map(({ target }) => target))
    .filter(target => target.startsWith('npm:'))
    .map(target => target.slice('npm:'.length))
    .filter(name => !isBuiltin(name));
  const typed = [...imported, ...(compilerOptions?.types ?? [])].map(name => `@types/${name}`);
  const needed = new Set([...imported, ...typed]);
  const stated = Object.keys({ ...dependencies, ...devDependencies });
  const run = new Set(await Array.fromAsync(stated, async name => ((await isRun(name)) ? name : undefined)));
  const isStated = (name: string) => stated.includes(name) || stated.includes(`@types/${name}`);
  return {
    dependencies: stated.filter(name => !needed.has(name) && !run.has(name)),
    undeclared: [...new Set(imported)].filter(name => !isStated(name)).sort(),
  };
}

if (import.meta.main) {
  const { files, exports, dependencies, undeclared } = await findUnused(join(import.meta.dirname, '..'));
  const faults = [
    ...files.map(path => `unused file: ${path}`),
    ...exports.map(id => `unused export: ${id}`),
    ...dependencies.map(name => `unused dependency: ${name}`),
    ...undeclared.map(name => `imported, but not in package.json: ${name}`),
  ];
  if (faults.length > 0) {
    console.error(faults.join('\n'));
    process.exitCode = 1;
  }
}
