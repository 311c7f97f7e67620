// require(): drizzle-orm from the registry, Node's own modules as far as they are harmless, database drivers as objects
// that accept everything and do nothing.
(function (global) {
  'use strict';

  const sluice = global.__sluice;
  const { UnavailableError, nothing } = sluice;

  // Stands for a module or a member of one that does not exist here. It may be imported, passed around and subclassed.
  // Calling it throws, unless it is `inert`: then everything works and nothing happens.
  function standIn(path, inert) {
    const members = Object.create(null);
    const target = function () {};
    const refuse = (what) => { throw new UnavailableError(what); };
    const self = new Proxy(target, {
      get(_, name) {
        if (name === '__esModule' || name === 'then') return undefined;
        if (name === Symbol.toPrimitive) return () => `[${path}]`;
        if (typeof name === 'symbol' || name === 'prototype') return target[name];
        return (members[name] ??= standIn(`${path}.${name}`, inert));
      },
      has: () => true,
      // esbuild copies a required module onto an object with the module's prototype: this keeps it reachable.
      getPrototypeOf: () => self,
      apply: () => (inert ? standIn(`${path}()`, true) : refuse(`${path}()`)),
      construct: () => (inert ? standIn(`new ${path}`, true) : refuse(`new ${path}()`)),
    });
    return self;
  }

  // A module of which some members are real and the others refuse to be called.
  function partly(path, known) {
    const rest = standIn(path, false);
    const base = typeof known === 'function' ? known : { ...known };
    const self = new Proxy(base, {
      get(target, name) {
        if (name in target) return target[name];
        if (name === '__esModule' || name === 'then' || typeof name === 'symbol') return undefined;
        return name === 'default' ? self : rest[name];
      },
      getPrototypeOf: () => (typeof known === 'function' ? Function.prototype : self),
    });
    return self;
  }

  // ---- Node's modules -------------------------------------------------------------------------------------------

  const normalize = (path) => {
    const absolute = path.startsWith('/');
    const parts = [];
    for (const part of path.split('/')) {
      if (part === '' || part === '.') continue;
      if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
      else if (part !== '..' || !absolute) parts.push(part);
    }
    return (absolute ? '/' : '') + parts.join('/') || (absolute ? '/' : '.');
  };
  const resolve = (...paths) => {
    let result = '';
    for (const path of [...paths].reverse()) {
      result = result ? `${path}/${result}` : String(path);
      if (String(path).startsWith('/')) return normalize(result);
    }
    return normalize(`${sluice.directory}/${result}`);
  };
  const path = {
    sep: '/',
    delimiter: ':',
    normalize,
    resolve,
    join: (...paths) => normalize(paths.filter(Boolean).join('/') || '.'),
    isAbsolute: (name) => name.startsWith('/'),
    dirname: (name) => name.replace(/\/+$/, '').replace(/\/?[^/]*$/, '') || (name.startsWith('/') ? '/' : '.'),
    basename: (name, suffix) => {
      const last = name.replace(/\/+$/, '').split('/').pop();
      return suffix && last.endsWith(suffix) && last !== suffix ? last.slice(0, -suffix.length) : last;
    },
    extname: (name) => /[^/.][^/]*?(\.[^./]*)$/.exec(name.split('/').pop())?.[1] ?? '',
    relative: (from, to) => {
      const a = resolve(from).split('/').filter(Boolean), b = resolve(to).split('/').filter(Boolean);
      while (a.length && b.length && a[0] === b[0]) a.shift(), b.shift();
      return [...a.map(() => '..'), ...b].join('/');
    },
    parse: (name) => {
      const base = path.basename(name), ext = path.extname(name);
      return { root: name.startsWith('/') ? '/' : '', dir: path.dirname(name), base, ext, name: ext ? base.slice(0, -ext.length) : base };
    },
    format: (parts) => `${parts.dir ? `${parts.dir}/` : ''}${parts.base ?? `${parts.name}${parts.ext ?? ''}`}`,
  };
  path.posix = path;

  const noSuchFile = (what) => (name) => {
    const error = new UnavailableError(`fs.${what}(${typeof name === 'string' ? JSON.stringify(name) : ''})`,
      'import JSON directly (`import data from "./data.json"`), or move the read into a function that does not run while the module loads');
    error.errno = -2;
    throw error;
  };
  const fs = {
    existsSync: () => false,
    readFileSync: noSuchFile('readFileSync'),
    readdirSync: noSuchFile('readdirSync'),
    statSync: noSuchFile('statSync'),
    promises: {},
  };
  const fileOf = (url) => decodeURIComponent(String(url?.pathname ?? url).replace(/^file:\/\//, ''));

  class EventEmitter {
    on() { return this; }
    once() { return this; }
    off() { return this; }
    addListener() { return this; }
    removeListener() { return this; }
    removeAllListeners() { return this; }
    setMaxListeners() { return this; }
    emit() { return false; }
    listeners() { return []; }
    listenerCount() { return 0; }
  }
  EventEmitter.EventEmitter = EventEmitter;

  const format = (...values) => values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value) ?? String(value))).join(' ');
  const known = {
    path,
    'path/posix': path,
    fs,
    process: global.process,
    buffer: { Buffer: global.Buffer },
    crypto: {
      webcrypto: global.crypto,
      randomUUID: sluice.randomUUID,
      getRandomValues: sluice.getRandomValues,
      randomFillSync: sluice.getRandomValues,
      randomBytes: (size) => sluice.getRandomValues(global.Buffer.alloc(size)),
      randomInt: (low, high) => Math.floor(high === undefined ? Math.random() * low : low + Math.random() * (high - low)),
    },
    util: {
      inspect: Object.assign(format, { custom: Symbol.for('nodejs.util.inspect.custom') }),
      format,
      promisify: (fn) => fn,
      inherits: nothing,
      deprecate: (fn) => fn,
      types: {},
      TextEncoder: global.TextEncoder,
      TextDecoder: global.TextDecoder,
    },
    url: { URL: global.URL, URLSearchParams: global.URLSearchParams, fileURLToPath: fileOf, pathToFileURL: (name) => new URL(`file://${resolve(name)}`) },
    perf_hooks: { performance: global.performance },
    async_hooks: {
      AsyncLocalStorage: class {
        run(_, callback, ...args) { return callback(...args); }
        getStore() {}
      },
      AsyncResource: class {},
    },
    events: EventEmitter,
    os: { EOL: '\n', platform: () => 'linux', homedir: () => '/', tmpdir: () => '/tmp', cpus: () => [], hostname: () => 'localhost' },
    module: { createRequire: () => global.require },
    timers: { setTimeout: global.setTimeout, setInterval: global.setInterval, setImmediate: global.setImmediate,
      clearTimeout: nothing, clearInterval: nothing, clearImmediate: nothing },
  };
  const refused = new Set(['assert', 'assert/strict', 'child_process', 'cluster', 'console', 'constants', 'dgram',
    'diagnostics_channel', 'dns', 'dns/promises', 'domain', 'fs/promises', 'http', 'http2', 'https', 'inspector', 'net',
    'punycode', 'querystring', 'readline', 'readline/promises', 'repl', 'sqlite', 'stream', 'stream/consumers',
    'stream/promises', 'stream/web', 'string_decoder', 'sys', 'test', 'timers/promises', 'tls', 'trace_events', 'tty',
    'util/types', 'v8', 'vm', 'wasi', 'worker_threads', 'zlib', 'bun', 'bun:sqlite', 'cloudflare:workers']);

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
      return folder !== name && registry[folder] ? registry[folder] : standIn(name, true);
    }
    const plain = name.replace(/^node:/, '');
    if (known[plain]) return partly(plain, known[plain]);
    if (refused.has(plain) || name.startsWith('node:')) return standIn(plain, false);
    if (sluice.drivers.test(name)) return standIn(name, true);
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
    sluice.drivers = new RegExp(options.drivers);
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
    names: sluice.allNamesRead ? null : [...sluice.namesRead].sort(),
  });
})(globalThis);
