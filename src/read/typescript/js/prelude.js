// The platform that a schema or configuration file sees: enough of Node's globals for modules to load, and nothing that
// reaches the machine. Timers never fire, fetch throws, process.env holds what the caller gave.
//
// Everything the host calls later stands in the one global `__sluice`.
(function (global) {
  'use strict';

  const nothing = () => {};
  const define = (name, value) => {
    if (global[name] === undefined) {
      Object.defineProperty(global, name, { value, writable: true, configurable: true });
    }
  };

  // An operation that does not exist here. `hint` is shown to the user as the next step.
  class UnavailableError extends Error {
    constructor(what, hint) {
      super(`${what} is not available: the file is evaluated without access to files, the network or other processes`);
      this.name = 'UnavailableError';
      this.code = 'unavailable-module';
      this.hint = hint ?? 'move the call into a function that does not run while the module loads, or pass the value in an environment variable';
    }
  }

  const sluice = { UnavailableError, printed: '', environment: {}, namesRead: new Set(), allNamesRead: false, directory: '/' };
  Object.defineProperty(global, '__sluice', { value: sluice });

  define('global', global);
  define('self', global);

  // ---- process --------------------------------------------------------------------------------------------------

  // Remembers which names are read: the answer of the cache depends on them.
  const environment = new Proxy({}, {
    get(_, name) {
      if (typeof name !== 'string') return undefined;
      sluice.namesRead.add(name);
      return sluice.environment[name];
    },
    has(_, name) {
      sluice.namesRead.add(String(name));
      return name in sluice.environment;
    },
    set(_, name, value) {
      sluice.environment[name] = String(value);
      return true;
    },
    deleteProperty(_, name) {
      delete sluice.environment[name];
      return true;
    },
    ownKeys() {
      sluice.allNamesRead = true;
      return Object.keys(sluice.environment);
    },
    getOwnPropertyDescriptor(_, name) {
      sluice.namesRead.add(String(name));
      const value = sluice.environment[name];
      return value === undefined ? undefined : { value, writable: true, enumerable: true, configurable: true };
    },
    defineProperty(_, name, descriptor) {
      sluice.environment[name] = String(descriptor.value);
      return true;
    },
  });

  const stream = { write: () => true, isTTY: false, columns: 80, on: nothing, once: nothing, end: nothing };
  define('process', {
    env: environment,
    argv: ['node', 'sluice'],
    argv0: 'node',
    execArgv: [],
    platform: 'linux',
    arch: 'x64',
    pid: 1,
    version: 'v20.0.0',
    versions: { node: '20.0.0', v8: '11.0.0' },
    release: { name: 'node' },
    features: {},
    config: { variables: {} },
    cwd: () => sluice.directory,
    exit: (code) => {
      const error = new Error(`process.exit(${code ?? ''}) was called while the file was evaluated`);
      error.code = 'process-exit';
      error.hint = 'something in this file or in what it imports ends the process, often because an environment variable is missing';
      throw error;
    },
    abort: () => { throw new UnavailableError('process.abort()'); },
    kill: () => { throw new UnavailableError('process.kill()'); },
    on: nothing,
    once: nothing,
    off: nothing,
    emit: () => false,
    addListener: nothing,
    removeListener: nothing,
    removeAllListeners: nothing,
    listeners: () => [],
    emitWarning: nothing,
    umask: () => 18,
    uptime: () => 0,
    memoryUsage: () => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0 }),
    nextTick: (callback, ...args) => { Promise.resolve().then(() => callback(...args)); },
    hrtime: Object.assign(() => [0, 0], { bigint: () => 0n }),
    stdin: stream,
    stdout: stream,
    stderr: stream,
  });

  // What a file complains about is shown if it fails; packages that check the environment print the details.
  const complaint = (...values) => {
    const show = (value) => (typeof value === 'string' ? value : value instanceof Error ? String(value) : JSON.stringify(value) ?? String(value));
    try {
      if (sluice.printed.length < 4000) sluice.printed += `${values.map(show).join(' ')}\n`;
    } catch {
      // a value that cannot be shown
    }
  };
  define('console', new Proxy({}, { get: (_, name) => (name === 'error' || name === 'warn' ? complaint : nothing), has: () => true }));

  // ---- time -----------------------------------------------------------------------------------------------------

  define('queueMicrotask', (callback) => { Promise.resolve().then(callback); });
  let timers = 0;
  for (const name of ['setTimeout', 'setInterval', 'setImmediate']) {
    define(name, () => ({ id: ++timers, ref() { return this; }, unref() { return this; }, hasRef: () => false, [Symbol.toPrimitive]: () => timers }));
  }
  for (const name of ['clearTimeout', 'clearInterval', 'clearImmediate']) define(name, nothing);
  define('performance', { now: () => 0, timeOrigin: 0, mark: nothing, measure: nothing });

  // ---- text and bytes -------------------------------------------------------------------------------------------

  class TextEncoder {
    get encoding() { return 'utf-8'; }
    encode(text = '') {
      const bytes = unescape(encodeURIComponent(String(text)));
      return Uint8Array.from(bytes, (char) => char.charCodeAt(0));
    }
  }
  class TextDecoder {
    get encoding() { return 'utf-8'; }
    decode(input) {
      if (!input) return '';
      const bytes = new Uint8Array(input.buffer ?? input, input.byteOffset ?? 0, input.byteLength);
      let text = '';
      for (const byte of bytes) text += String.fromCharCode(byte);
      return decodeURIComponent(escape(text));
    }
  }
  define('TextEncoder', TextEncoder);
  define('TextDecoder', TextDecoder);

  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const toBase64 = (bytes) => {
    let text = '';
    for (let i = 0; i < bytes.length; i += 3) {
      const [a, b = 0, c = 0] = bytes.slice(i, i + 3);
      text += alphabet[a >> 2] + alphabet[((a & 3) << 4) | (b >> 4)];
      text += i + 1 < bytes.length ? alphabet[((b & 15) << 2) | (c >> 6)] : '=';
      text += i + 2 < bytes.length ? alphabet[c & 63] : '=';
    }
    return text;
  };
  const fromBase64 = (text) => {
    const bytes = [];
    let bits = 0, count = 0;
    for (const char of text.replace(/-/g, '+').replace(/_/g, '/')) {
      const value = alphabet.indexOf(char);
      if (value < 0) continue;
      bits = ((bits << 6) | value) & 0xffffff;
      count += 6;
      if (count >= 8) bytes.push((bits >> (count -= 8)) & 255);
    }
    return bytes;
  };
  const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  define('btoa', (text) => toBase64([...String(text)].map((char) => char.charCodeAt(0))));
  define('atob', (text) => String.fromCharCode(...fromBase64(String(text))));

  class Buffer extends Uint8Array {
    static from(value, encoding) {
      if (typeof value !== 'string') return new Buffer(value);
      if (encoding === 'hex') return new Buffer((value.match(/../g) ?? []).map((pair) => parseInt(pair, 16)));
      if (encoding === 'base64' || encoding === 'base64url') return new Buffer(fromBase64(value));
      if (encoding === 'latin1' || encoding === 'binary' || encoding === 'ascii') {
        return new Buffer([...value].map((char) => char.charCodeAt(0) & 255));
      }
      return new Buffer(new TextEncoder().encode(value));
    }
    static alloc(size, fill = 0) { return new Buffer(size).fill(fill); }
    static allocUnsafe(size) { return new Buffer(size); }
    static isBuffer(value) { return value instanceof Buffer; }
    static byteLength(value) { return typeof value === 'string' ? new TextEncoder().encode(value).length : value.byteLength; }
    static concat(parts) { return new Buffer(parts.flatMap((part) => [...part])); }
    toString(encoding) {
      if (encoding === 'hex') return toHex(this);
      if (encoding === 'base64') return toBase64([...this]);
      if (encoding === 'base64url') return toBase64([...this]).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
      return new TextDecoder().decode(this);
    }
  }
  define('Buffer', Buffer);

  // ---- random numbers -------------------------------------------------------------------------------------------

  const getRandomValues = (array) => {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.random() * 256;
    return array;
  };
  const randomUUID = () => {
    const bytes = getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  };
  define('crypto', { getRandomValues, randomUUID });

  // ---- the web --------------------------------------------------------------------------------------------------

  const decodeQuery = (text) => decodeURIComponent(text.replace(/\+/g, ' '));
  class URLSearchParams {
    constructor(init = '') {
      const pairs = typeof init === 'string'
        ? init.replace(/^\?/, '').split('&').filter(Boolean).map((pair) => {
            const [name, ...value] = pair.split('=');
            return [decodeQuery(name), decodeQuery(value.join('='))];
          })
        : Object.entries(init ?? {});
      this.pairs = pairs;
    }
    get(name) { return this.pairs.find((pair) => pair[0] === name)?.[1] ?? null; }
    getAll(name) { return this.pairs.filter((pair) => pair[0] === name).map((pair) => pair[1]); }
    has(name) { return this.pairs.some((pair) => pair[0] === name); }
    append(name, value) { this.pairs.push([name, String(value)]); }
    delete(name) { this.pairs = this.pairs.filter((pair) => pair[0] !== name); }
    set(name, value) {
      const known = this.pairs.find((pair) => pair[0] === name);
      if (known) known[1] = String(value);
      else this.append(name, value);
    }
    entries() { return this.pairs[Symbol.iterator](); }
    keys() { return this.pairs.map((pair) => pair[0])[Symbol.iterator](); }
    [Symbol.iterator]() { return this.entries(); }
    toString() { return this.pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&'); }
  }
  const urlPattern =
    /^([a-zA-Z][\w+.-]*:)(?:\/\/(?:([^:@/?#]*)(?::([^@/?#]*))?@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d+))?)?([^?#]*)(\?[^#]*)?(#.*)?$/;
  class URL {
    constructor(text, base) {
      let match = urlPattern.exec(String(text));
      if (!match && base !== undefined) {
        const start = new URL(String(base));
        const path = String(text).startsWith('/') ? String(text) : start.pathname.replace(/[^/]*$/, '') + text;
        const parts = [];
        for (const part of path.split('/')) {
          if (part === '..') parts.pop();
          else if (part !== '.') parts.push(part);
        }
        match = urlPattern.exec(`${start.protocol}//${start.host}${parts.join('/').replace(/^(?!\/)/, '/')}`);
      }
      if (!match) throw new TypeError('Invalid URL');
      [, this.protocol, this.username = '', this.password = '', this.hostname = '', this.port = '',
        this.pathname = '', this.search = '', this.hash = ''] = match;
      if (!this.pathname && this.hostname) this.pathname = '/';
      this.searchParams = new URLSearchParams(this.search);
    }
    get host() { return this.hostname + (this.port ? `:${this.port}` : ''); }
    get origin() { return `${this.protocol}//${this.host}`; }
    get href() {
      const query = this.searchParams.toString();
      const user = this.username ? `${this.username}${this.password ? `:${this.password}` : ''}@` : '';
      return `${this.protocol}//${user}${this.host}${this.pathname}${this.search || (query ? `?${query}` : '')}${this.hash}`;
    }
    toString() { return this.href; }
    toJSON() { return this.href; }
    static canParse(text, base) {
      try {
        new URL(text, base);
        return true;
      } catch {
        return false;
      }
    }
  }
  define('URL', URL);
  define('URLSearchParams', URLSearchParams);
  define('structuredClone', (value) => JSON.parse(JSON.stringify(value)));

  Object.assign(sluice, { define, nothing, getRandomValues, randomUUID });
})(globalThis);
