// require(): drizzle-orm from the registry, Node's own modules, database drivers as objects that accept everything and do
// nothing.
(function (global) {
  'use strict';

  const sluice = global.__sluice;
  const { nothing, standIn, nodeModule } = sluice;

  // ---- packages that are never loaded for real ------------------------------------------------------------------

  const configuration = { parsed: {}, combinedEnv: {}, loadedEnvFiles: [] };
  const stubs = {
    'drizzle-kit': { defineConfig: (config) => config },
    dotenv: { config: () => ({ parsed: {} }), configDotenv: () => ({ parsed: {} }), parse: () => ({}), populate: nothing },
    'dotenv/config': {},
    'dotenv-expand': { expand: (input) => input ?? {} },
    'dotenv-flow': { config: () => ({ parsed: {} }) },
    'dotenv-flow/config': {},
    '@dotenvx/dotenvx': { config: () => ({ parsed: {} }) },
    '@dotenvx/dotenvx/config': {},
    '@next/env': { loadEnvConfig: () => configuration, resetEnv: nothing, updateInitialEnv: nothing },
    'server-only': {},
    'client-only': {},
  };
  for (const stub of Object.values(stubs)) stub.default = stub;

  // ---- require --------------------------------------------------------------------------------------------------

  // Filled by registry(): module name -> its members.
  const registry = Object.create(null);
  const loaded = Object.create(null);

  // esbuild's interop copies every member of a required module one by one, for each file that imports it. The members
  // stay reachable through the prototype, so let that copy find no names; other copies (`export *`) find them all.
  function registered(members) {
    let copying = false;
    return new Proxy(members, {
      getPrototypeOf(target) {
        copying = true;
        return target;
      },
      ownKeys(target) {
        if (!copying) return Reflect.ownKeys(target);
        copying = false;
        return [];
      },
    });
  }

  sluice.register = (modules) => {
    for (const [name, module] of Object.entries(modules)) registry[name] = registered({ ...module });
  };

  function load(name) {
    if (registry[name]) return registry[name];
    if (stubs[name]) return stubs[name];
    if (name === 'drizzle-orm' || name.startsWith('drizzle-orm/')) {
      // A file inside a registered folder: the folder's index exports the same things. What is left are drivers.
      const folder = name.split('/').slice(0, 2).join('/');
      return folder !== name && registry[folder] ? registry[folder] : standIn(name, true, true);
    }
    const node = nodeModule(name);
    if (node) return node;
    if (sluice.drivers.test(name)) return standIn(name, true, true);
    const error = new Error(`Cannot find module '${name}'`);
    error.code = 'MODULE_NOT_FOUND';
    throw error;
  }

  // Set by the host before the first module loads; the same list that esbuild is told to leave alone.
  sluice.drivers = /^$/;
  global.require = (name) => (loaded[name] ??= load(name));
  global.require.resolve = (name) => name;
  global.require.cache = {};
  global.require.main = undefined;

  // ---- running a bundle -----------------------------------------------------------------------------------------

  sluice.begin = (options) => {
    sluice.environment = options.environment;
    sluice.directory = options.directory;
    sluice.files = options.files;
    sluice.wanted = undefined;
    sluice.drivers = new RegExp(options.drivers);
    sluice.places = options.places;
    global.__dirname = options.directory;
    global.__filename = options.file;
    sluice.failure = undefined;
    sluice.finished = false;
    sluice.modules = [];
  };

  // What a bundle threw. Only text goes out: the error may hold half of the program.
  sluice.fail = (error) => {
    const isError = error instanceof Error || (error !== null && typeof error === 'object' && 'stack' in error);
    sluice.failure = isError
      ? { name: String(error.name ?? 'Error'), message: String(error.message ?? ''), stack: String(error.stack ?? ''),
          code: typeof error.code === 'string' ? error.code : '', hint: typeof error.hint === 'string' ? error.hint : '' }
      : { name: '', message: String(error), stack: '', code: '', hint: '' };
    sluice.failure.printed = sluice.printed;
  };
  sluice.report = () => JSON.stringify({
    failure: sluice.failure,
    wanted: sluice.wanted,
    names: sluice.allNamesRead ? null : [...sluice.namesRead].sort(),
  });
})(globalThis);
