const { existsSync, readFileSync } = process.getBuiltinModule('node:fs');
const { dirname, join } = process.getBuiltinModule('node:path');
const { pathToFileURL } = process.getBuiltinModule('node:url');
const Module = process.getBuiltinModule('node:module');

/**
 * Finds the function that `index.handler` or `folder/file.name.space` names.
 * @throws Error as Lambda words it, when there is none
 */
export async function loadHandler(taskRoot, name) {
  const [, path, exported] = /^(.*?\/?[^/.]+)\.(.+)$/.exec(name) ?? [];
  if (!path) throw named('Runtime.MalformedHandlerName', `Bad handler '${name}': it must be <file>.<export>`);
  const file = ['.js', '.mjs', '.cjs'].map(ending => join(taskRoot, path + ending)).find(existsSync);
  if (!file) throw named('Runtime.ImportModuleError', `Error: Cannot find module '${path}' in ${taskRoot}`);

  const loaded = await loadModule(taskRoot, file);
  const handler = find(loaded, exported) ?? find(loaded.default, exported);
  if (typeof handler !== 'function') {
    throw named('Runtime.HandlerNotFound', `${name} is undefined or not a function`);
  }
  if (handler.length > 2 && !handler[Symbol.for('aws.lambda.runtime.handler.streaming')]) {
    const advice = 'Callback handlers are not supported since Node.js 24: make the handler async.';
    throw named('Runtime.CallbackHandlerDeprecated', advice);
  }
  return handler;
}

const find = (loaded, names) => names.split('.').reduce((value, key) => value?.[key], loaded);

function loadModule(taskRoot, file) {
  if (!file.endsWith('.js') || hasOwnPackage(taskRoot, file)) return import(pathToFileURL(file).href);
  ignoreForeignPackages(taskRoot);
  return Module.createRequire(file)(file);
}

/**
 * On Lambda nothing lies above the task root. Here a package.json of the folders above it would decide whether `.js`
 * means CommonJS or ES module, so Node is made to read that from the source.
 */
function ignoreForeignPackages(taskRoot) {
  const original = Module._extensions['.js'];
  Module._extensions['.js'] = (module, file) => {
    if (!file.startsWith(taskRoot) || hasOwnPackage(taskRoot, file)) return original(module, file);
    return module._compile(readFileSync(file, 'utf8'), file);
  };
}

function hasOwnPackage(taskRoot, file) {
  for (let folder = dirname(file); folder.startsWith(taskRoot); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return true;
  }
  return false;
}

const named = (name, message) => Object.assign(new Error(message), { name });
