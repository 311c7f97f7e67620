// Node's own modules as far as they are harmless and useful while a schema loads. What they lack is a stand-in.
(function (global) {
  'use strict';

  const sluice = global.__sluice;
  const { UnavailableError, nothing } = sluice;

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

  const fileOf = (url) => decodeURIComponent(String(url?.pathname ?? url).replace(/^file:\/\//, ''));

  // Reading a file gives a user's file an error. A package that reads while it loads (its package.json, say) gets nothing
  // to speak of. A configuration may read (a certificate, say): the host learns which file was `wanted`, and evaluates it
  // once more with it among `files`: text, null where there is none, true for what is there and is no text.
  const refuse = (what, name) => {
    const error = new UnavailableError(`fs.${what}(${typeof name === 'string' ? JSON.stringify(name) : ''})`,
      'import JSON directly (`import data from "./data.json"`), or move the read into a function that does not run while the module loads');
    error.errno = -2;
    // Noted, since the code may catch the error.
    if (sluice.files && name !== undefined && given(name) === undefined) sluice.wanted ??= resolve(fileOf(name));
    throw error;
  };
  const reading = (what, otherwise) => (name, ...rest) => (sluice.mayDoNothing(true) ? otherwise(...rest) : refuse(what, name));
  const given = (name) => sluice.files?.[resolve(fileOf(name))];
  const exists = (name) => {
    if (!sluice.files || sluice.mayDoNothing(true)) return false;
    const file = given(name);
    return file === undefined ? refuse('existsSync', name) : file !== null;
  };
  const readFile = (name, options) => {
    const file = sluice.files ? given(name) : undefined;
    if (file === null) throw Object.assign(new Error(`ENOENT: no such file or directory, open '${name}'`), { code: 'ENOENT', errno: -2 });
    if (typeof file !== 'string') return reading('readFileSync', emptyObject)(name, options);
    return (options?.encoding ?? options) === undefined ? global.Buffer.from(file) : file;
  };
  const emptyObject = (options) => (typeof (options?.encoding ?? options) === 'string' ? '{}' : global.Buffer.from('{}'));
  const noEntry = () => ({ isFile: () => false, isDirectory: () => false, isSymbolicLink: () => false, size: 0, mtimeMs: 0 });
  const fs = {
    existsSync: exists,
    readFileSync: readFile,
    readdirSync: reading('readdirSync', () => []),
    statSync: reading('statSync', noEntry),
    lstatSync: reading('lstatSync', noEntry),
    realpathSync: Object.assign((name) => name, { native: (name) => name }),
    promises: sluice.standIn('fs.promises', () => sluice.mayDoNothing(true)),
  };

  // A function: older packages call it on their own objects.
  function EventEmitter() {}
  for (const name of ['on', 'once', 'off', 'addListener', 'removeListener', 'removeAllListeners', 'setMaxListeners', 'prependListener'])
    EventEmitter.prototype[name] = function () { return this; };
  Object.assign(EventEmitter.prototype, { emit: () => false, listeners: () => [], listenerCount: () => 0 });
  EventEmitter.EventEmitter = EventEmitter;

  const format = (...values) => values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value) ?? String(value))).join(' ');
  const assertThat = (holds, message, otherwise) => {
    if (holds) return;
    if (message instanceof Error) throw message;
    throw Object.assign(new Error(message ?? otherwise), { name: 'AssertionError', code: 'ERR_ASSERTION' });
  };
  const assert = Object.assign((value, message) => assertThat(value, message, 'The expression evaluated to a falsy value'), {
    ok: (value, message) => assertThat(value, message, 'The expression evaluated to a falsy value'),
    equal: (a, b, message) => assertThat(a == b, message, `${a} == ${b}`),
    notEqual: (a, b, message) => assertThat(a != b, message, `${a} != ${b}`),
    strictEqual: (a, b, message) => assertThat(Object.is(a, b), message, `${a} === ${b}`),
    notStrictEqual: (a, b, message) => assertThat(!Object.is(a, b), message, `${a} !== ${b}`),
    fail: (message) => assertThat(false, message, 'Failed'),
  });
  assert.strict = assert;
  const hash = (make, what) => (name, ...rest) =>
    sluice.hashes.includes(String(name).toLowerCase().replace('-', '')) ? make(name, ...rest) : sluice.refuseOrNothing(`crypto.${what}(${JSON.stringify(name)})`);

  const known = {
    assert,
    'assert/strict': assert,
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
      createHash: hash(sluice.createHash, 'createHash'),
      createHmac: hash(sluice.createHmac, 'createHmac'),
      getHashes: () => sluice.hashes,
      randomInt: (low, high) => Math.floor(high === undefined ? Math.random() * low : low + Math.random() * (high - low)),
    },
    util: {
      inspect: Object.assign(format, { custom: Symbol.for('nodejs.util.inspect.custom') }),
      format,
      promisify: (fn) => fn,
      inherits: (one, other) => { Object.setPrototypeOf(one.prototype, other.prototype); },
      debuglog: () => nothing,
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
  const others = new Set(['child_process', 'cluster', 'console', 'constants', 'dgram',
    'diagnostics_channel', 'dns', 'dns/promises', 'domain', 'fs/promises', 'http', 'http2', 'https', 'inspector', 'net',
    'punycode', 'querystring', 'readline', 'readline/promises', 'repl', 'sqlite', 'stream', 'stream/consumers',
    'stream/promises', 'stream/web', 'string_decoder', 'sys', 'test', 'timers/promises', 'tls', 'trace_events', 'tty',
    'util/types', 'v8', 'vm', 'wasi', 'worker_threads', 'zlib', 'bun', 'bun:sqlite', 'cloudflare:workers']);

  // Data from the machine, which must not get into a schema by way of a package.
  const reads = new Set(['fs', 'fs/promises', 'child_process']);

  // The module of that name, or undefined if Node has none.
  sluice.nodeModule = (name) => {
    const plain = name.replace(/^node:/, '');
    const inert = () => sluice.mayDoNothing(reads.has(plain));
    if (known[plain]) return sluice.partly(plain, known[plain], inert);
    if (others.has(plain) || name.startsWith('node:')) return sluice.standIn(plain, inert, true);
    return undefined;
  };
})(globalThis);
