/** Programming languages by the file's extension, or by its whole name where it has none. */
const byExtension: Readonly<Record<string, readonly string[]>> = {
  Bash: ['sh', 'bash', 'zsh', 'ksh'],
  Batch: ['bat', 'cmd'],
  C: ['c', 'h'],
  'C#': ['cs', 'csx'],
  'C++': ['cc', 'cpp', 'cxx', 'hh', 'hpp', 'hxx'],
  Clojure: ['clj', 'cljs', 'cljc', 'edn'],
  CMake: ['cmake'],
  CSS: ['css', 'scss', 'sass', 'less'],
  Dart: ['dart'],
  Dockerfile: ['dockerfile'],
  Elixir: ['ex', 'exs'],
  Erlang: ['erl', 'hrl'],
  Fortran: ['f', 'f90', 'f95', 'for'],
  Go: ['go'],
  GraphQL: ['graphql', 'gql'],
  Groovy: ['groovy', 'gradle'],
  Haskell: ['hs'],
  HCL: ['hcl', 'tf', 'tfvars'],
  INI: ['ini', 'cfg', 'conf', 'properties', 'toml', 'env'],
  Java: ['java'],
  JavaScript: ['js', 'mjs', 'cjs', 'jsx'],
  Julia: ['jl'],
  Kotlin: ['kt', 'kts'],
  Lua: ['lua'],
  Makefile: ['mk', 'makefile'],
  MATLAB: ['m'],
  'Objective-C': ['mm'],
  OCaml: ['ml', 'mli'],
  Pascal: ['pas', 'pp'],
  Perl: ['pl', 'pm'],
  PHP: ['php'],
  PowerShell: ['ps1', 'psm1', 'psd1'],
  'Protocol Buffers': ['proto'],
  Python: ['py', 'pyi', 'pyw'],
  R: ['r'],
  Ruby: ['rb', 'rake', 'gemspec'],
  Rust: ['rs'],
  Scala: ['scala', 'sc'],
  Solidity: ['sol'],
  SQL: ['sql', 'ddl', 'psql'],
  Swift: ['swift'],
  TypeScript: ['ts', 'mts', 'cts', 'tsx'],
  'Visual Basic': ['vb', 'vbs', 'bas'],
  Vue: ['vue', 'svelte'],
  Zig: ['zig'],
};

const languages = new Map<string, string>(
  Object.entries(byExtension).flatMap(([language, extensions]) =>
    extensions.map((extension): [string, string] => [extension, language]),
  ),
);

/** Interpreters that a `#!` line names, apart from those named like an extension. */
const interpreters: Readonly<Record<string, string>> = {
  python: 'py',
  python3: 'py',
  node: 'js',
  perl: 'pl',
  ruby: 'rb',
};

/**
 * The programming language of a file, by its name or its `#!` line.
 * @param extension in lower case, without the dot; of a file without one, its whole name
 * @returns undefined when it is no source code
 */
export function languageOf(extension: string, text: string): string | undefined {
  const known = languages.get(extension);
  if (known) return known;
  const interpreter = /^#!.*?\/(?:env\s+(?:-S\s+)?)?(\w+)[^/\n]*$/m.exec(text.slice(0, 200).split('\n')[0] ?? '')?.[1];
  return interpreter === undefined ? undefined : languages.get(interpreters[interpreter] ?? interpreter);
}
