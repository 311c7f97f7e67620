// What stands for modules, and members of modules, that do not exist here.
//
// A user's file that calls one while it loads is told so: its result would be part of the schema. Packages call Node's
// modules while they load without their results being of any importance (crypto.getCiphers(), new http.Agent()): there
// everything works, and nothing happens.
(function (global) {
  'use strict';

  const sluice = global.__sluice;
  const { UnavailableError } = sluice;

  // ---- who calls ------------------------------------------------------------------------------------------------

  // Where each file of the bundle begins: [line, 'package' or 'user'], in order. Before the first one are esbuild's
  // helpers. Set when a bundle starts.
  sluice.places = [];
  const placeOf = (line) => {
    let low = 0, high = sluice.places.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sluice.places[middle][0] <= line) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 'helper' : sluice.places[low - 1][1];
  };

  // 'user': a user's file calls. 'loading': a package that is being loaded. 'package': a function of a package, which a
  // user's file called.
  function caller() {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 200;
    const { stack } = new Error();
    Error.stackTraceLimit = limit;
    const frames = [...String(stack).matchAll(/\(?schema\.js:(\d+)/g)].map((match) => placeOf(Number(match[1])));
    const first = frames.findIndex((place) => place !== 'helper');
    if (first < 0 || frames[first] === 'user') return 'user';
    const user = frames.indexOf('user');
    return user < 0 || frames[user - 1] === 'helper' ? 'loading' : 'package';
  }

  // May this call do nothing? `reads`: its result is data from the machine, which a package gives on to the user's file
  // that called it.
  const mayDoNothing = (reads) => {
    const who = caller();
    return who === 'loading' || (who === 'package' && !reads);
  };

  // esbuild copies the members that a required module has onto an object with the module's prototype. Through this one the
  // copy reaches those that appear when they are asked for. It ends the chain: a module that was its own prototype
  // would be walked for ever by `for (key in module)`.
  const prototypeOf = (module) => new Proxy({}, { get: (_, name) => module[name] });

  // ---- stand-ins ------------------------------------------------------------------------------------------------

  // It may be imported, passed around and subclassed. Calling it throws, unless it is `inert` (a function that says so, or
  // true): then everything works and nothing happens.
  function standIn(path, inert, isModule) {
    const members = Object.create(null);
    const target = function () {};
    const prototype = inheritable(path, inert);
    // A class of another dialect: drizzle's is() refuses classes without it.
    if (path.startsWith('drizzle-orm/')) target[Symbol.for('drizzle:entityKind')] = path;
    const mayCall = () => (typeof inert === 'function' ? inert() : inert);
    const refuse = (what) => { throw new UnavailableError(what); };
    const self = new Proxy(target, {
      get(_, name) {
        if (name in members) return members[name];
        if (name === '__esModule' || name === 'then') return undefined;
        if (name === 'prototype') return prototype;
        if (name === Symbol.toPrimitive) return (hint) => (hint === 'number' ? 0 : `[${path}]`);
        if (name === Symbol.iterator) return function* () {};
        if (name === Symbol.hasInstance) return (value) => prototype.isPrototypeOf(value);
        if (typeof name === 'symbol') return target[name];
        if (name === 'bind' || name === 'call' || name === 'apply') return Function.prototype[name];
        if (name === 'toString' || name === 'toJSON') return () => `[${path}]`;
        return (members[name] = standIn(`${path}.${name}`, inert));
      },
      set(_, name, value) {
        members[name] = value;
        return true;
      },
      has: () => true,
      getPrototypeOf: () => (isModule ? prototypeOf(self) : Function.prototype),
      setPrototypeOf: () => true,
      apply: () => (mayCall() ? standIn(`${path}()`, true) : refuse(`${path}()`)),
      construct(_, args, newTarget) {
        if (!mayCall()) refuse(`new ${path}()`);
        // A subclass has members of its own.
        return newTarget === self || newTarget === undefined ? standIn(`new ${path}`, true) : Object.create(newTarget.prototype);
      },
    });
    return self;
  }

  // The prototype of a class that does not exist: what a subclass inherits and does not define does nothing.
  function inheritable(path, inert) {
    const members = Object.create(null);
    return new Proxy({}, {
      get(target, name, receiver) {
        if (name in members) return members[name];
        if (typeof name === 'symbol' || name in target || name === 'then' || name === 'toJSON') return Reflect.get(target, name, receiver);
        return (members[name] = standIn(`${path}.prototype.${name}`, inert));
      },
      set(target, name, value, receiver) {
        Object.defineProperty(receiver, name, { value, writable: true, enumerable: true, configurable: true });
        return true;
      },
    });
  }

  // A module of which some members are real and the others are stand-ins.
  function partly(path, known, inert) {
    const rest = standIn(path, inert);
    const base = typeof known === 'function' ? known : { ...known };
    const self = new Proxy(base, {
      get(target, name) {
        if (name in target) return target[name];
        if (name === '__esModule' || name === 'then' || typeof name === 'symbol') return undefined;
        return name === 'default' ? self : rest[name];
      },
      getPrototypeOf: () => (typeof known === 'function' ? Function.prototype : prototypeOf(self)),
    });
    return self;
  }

  // For a call that has no answer here.
  const refuseOrNothing = (what) => {
    if (mayDoNothing(false)) return standIn(what, true);
    throw new UnavailableError(what);
  };

  // ---- globals that compute nothing here -------------------------------------------------------------------------

  // Modules make them for later (a bus, a controller, a stream): everything works, and nothing happens.
  for (const name of ['Event', 'EventTarget', 'CustomEvent', 'MessageEvent', 'CloseEvent', 'AbortController', 'AbortSignal', 'Blob',
    'File', 'FormData', 'Headers', 'Request', 'Response', 'ReadableStream', 'WritableStream', 'TransformStream',
    'CompressionStream', 'DecompressionStream', 'TextEncoderStream', 'TextDecoderStream', 'ByteLengthQueuingStrategy',
    'CountQueuingStrategy', 'MessageChannel', 'MessagePort', 'BroadcastChannel', 'WebSocket', 'EventSource', 'Performance',
    'PerformanceObserver', 'Crypto', 'CryptoKey', 'SubtleCrypto', 'WebAssembly', 'Atomics'])
    sluice.define(name, standIn(name, true));
  sluice.define('fetch', () => refuseOrNothing('fetch()'));
  global.crypto.subtle = standIn('crypto.subtle', () => mayDoNothing(false));

  // Formatters may be made while a module loads, as many do. What they make of a value depends on the machine's languages
  // and zones: that must not get into a schema.
  const Intl = Object.create(null);
  for (const name of ['Collator', 'DateTimeFormat', 'DisplayNames', 'DurationFormat', 'ListFormat', 'Locale', 'NumberFormat',
    'PluralRules', 'RelativeTimeFormat', 'Segmenter'])
    Intl[name] = Object.assign(function () { return standIn(`Intl.${name}`, () => mayDoNothing(false)); }, {
      supportedLocalesOf: (locales) => [locales ?? []].flat(),
    });
  Intl.getCanonicalLocales = (locales) => [locales ?? []].flat();
  Intl.supportedValuesOf = (key) => refuseOrNothing(`Intl.supportedValuesOf(${JSON.stringify(key)})`);
  sluice.define('Intl', Intl);

  Object.assign(sluice, { standIn, partly, mayDoNothing, refuseOrNothing });
})(globalThis);
