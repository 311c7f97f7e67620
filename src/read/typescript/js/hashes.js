// createHash() and createHmac() of Node's crypto: md5, sha1 and the sha2 family. A schema may make a name of one.
(function (global) {
  'use strict';

  const sluice = global.__sluice;
  const Buffer = global.Buffer;

  // The message in blocks of `size` bytes, with its end and length as every one of these hashes has them.
  function blocks(message, size, littleEndian) {
    const room = size / 8;
    const length = Math.ceil((message.length + 1 + room) / size) * size;
    const bytes = new Uint8Array(length);
    bytes.set(message);
    bytes[message.length] = 0x80;
    const view = new DataView(bytes.buffer);
    view.setBigUint64(littleEndian ? length - room : length - 8, BigInt(message.length) * 8n, littleEndian);
    const out = [];
    for (let at = 0; at < length; at += size) out.push(new DataView(bytes.buffer, at, size));
    return out;
  }

  const left = (value, by) => (value << by) | (value >>> (32 - by));
  const words = (state, littleEndian) => {
    const bytes = new Uint8Array(state.length * 4);
    state.forEach((word, i) => new DataView(bytes.buffer).setUint32(i * 4, word >>> 0, littleEndian));
    return bytes;
  };

  function md5(message) {
    const shifts = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
    const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
    for (const block of blocks(message, 64, true)) {
      let [a, b, c, d] = state;
      for (let i = 0; i < 64; i++) {
        const round = i >> 4;
        const mixed = [(b & c) | (~b & d), (d & b) | (~d & c), b ^ c ^ d, c ^ (b | ~d)][round];
        const at = [i, 5 * i + 1, 3 * i + 5, 7 * i][round] % 16;
        const sum = (a + mixed + Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) + block.getUint32(at * 4, true)) | 0;
        [a, b, c, d] = [d, (b + left(sum, shifts[round][i % 4])) | 0, b, c];
      }
      [a, b, c, d].forEach((word, i) => (state[i] = (state[i] + word) | 0));
    }
    return words(state, true);
  }

  function sha1(message) {
    const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
    for (const block of blocks(message, 64, false)) {
      const w = [];
      for (let i = 0; i < 80; i++) w.push(i < 16 ? block.getUint32(i * 4) : left(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1));
      let [a, b, c, d, e] = state;
      for (let i = 0; i < 80; i++) {
        const round = Math.floor(i / 20);
        const mixed = [(b & c) | (~b & d), b ^ c ^ d, (b & c) | (b & d) | (c & d), b ^ c ^ d][round];
        const sum = (left(a, 5) + mixed + e + [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6][round] + w[i]) | 0;
        [a, b, c, d, e] = [sum, a, left(b, 30), c, d];
      }
      [a, b, c, d, e].forEach((word, i) => (state[i] = (state[i] + word) | 0));
    }
    return words(state, false);
  }

  // The constants of sha2 are the first 64 bits behind the point of roots of the first primes.
  function root(value, degree) {
    let low = 0n, high = 1n << 80n;
    while (low < high) {
      const middle = (low + high + 1n) >> 1n;
      if (middle ** degree <= value) low = middle;
      else high = middle - 1n;
    }
    return low;
  }
  const fraction = (prime, degree) => root(prime << (64n * degree), degree) & 0xffffffffffffffffn;
  let constants;
  function primes() {
    if (constants) return constants;
    const found = [];
    for (let n = 2n; found.length < 80; n++) if (found.every((prime) => n % prime !== 0n)) found.push(n);
    return (constants = { square: found.slice(0, 16).map((p) => fraction(p, 2n)), cube: found.map((p) => fraction(p, 3n)) });
  }

  // `start` and the constants have 64 bits each; of 32-bit words the upper half is taken.
  function sha2(message, bits, start, size) {
    const w32 = bits === 32n;
    const mask = (1n << bits) - 1n;
    const right = (value, by) => ((value >> by) | (value << (bits - by))) & mask;
    const [a1, a2, a3, e1, e2, e3, s1, s2, s3, t1, t2, t3] = w32
      ? [2n, 13n, 22n, 6n, 11n, 25n, 7n, 18n, 3n, 17n, 19n, 10n]
      : [28n, 34n, 39n, 14n, 18n, 41n, 1n, 8n, 7n, 19n, 61n, 6n];
    const rounds = w32 ? 64 : 80;
    const k = primes().cube.map((value) => (w32 ? value >> 32n : value));
    let state = start;
    for (const block of blocks(message, w32 ? 64 : 128, false)) {
      const w = [];
      for (let i = 0; i < rounds; i++) {
        if (i < 16) w.push(w32 ? BigInt(block.getUint32(i * 4)) : block.getBigUint64(i * 8));
        else {
          const x = w[i - 15], y = w[i - 2];
          w.push((w[i - 16] + (right(x, s1) ^ right(x, s2) ^ (x >> s3)) + w[i - 7] + (right(y, t1) ^ right(y, t2) ^ (y >> t3))) & mask);
        }
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < rounds; i++) {
        const one = h + (right(e, e1) ^ right(e, e2) ^ right(e, e3)) + ((e & f) ^ (~e & mask & g)) + k[i] + w[i];
        const two = (right(a, a1) ^ right(a, a2) ^ right(a, a3)) + ((a & b) ^ (a & c) ^ (b & c));
        [a, b, c, d, e, f, g, h] = [(one + two) & mask, a, b, c, (d + one) & mask, e, f, g];
      }
      state = [a, b, c, d, e, f, g, h].map((word, i) => (word + state[i]) & mask);
    }
    const hex = state.map((word) => word.toString(16).padStart(Number(bits) / 4, '0')).join('');
    return Buffer.from(hex, 'hex').subarray(0, size);
  }

  const hashes = {
    md5: { block: 64, of: md5 },
    sha1: { block: 64, of: sha1 },
    sha224: { block: 64, of: (m) => sha2(m, 32n, primes().square.slice(8).map((v) => v & 0xffffffffn), 28) },
    sha256: { block: 64, of: (m) => sha2(m, 32n, primes().square.slice(0, 8).map((v) => v >> 32n), 32) },
    sha384: { block: 128, of: (m) => sha2(m, 64n, primes().square.slice(8), 48) },
    sha512: { block: 128, of: (m) => sha2(m, 64n, primes().square.slice(0, 8), 64) },
  };

  const bytesOf = (data, encoding) =>
    typeof data === 'string' ? Buffer.from(data, encoding) : new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength);

  // An object as createHash() gives it.
  function collector(finish) {
    const parts = [];
    const self = {
      update(data, encoding) {
        parts.push(bytesOf(data, encoding));
        return self;
      },
      digest(encoding) {
        const bytes = Buffer.from(finish(Buffer.concat(parts)));
        return encoding && encoding !== 'buffer' ? bytes.toString(encoding) : bytes;
      },
      copy: () => parts.reduce((copy, part) => copy.update(part), collector(finish)),
    };
    return self;
  }
  const find = (name) => hashes[String(name).toLowerCase().replace('-', '')];

  sluice.createHash = (name) => collector(find(name).of);
  sluice.createHmac = (name, key) => {
    const { block, of } = find(name);
    let bytes = bytesOf(key);
    if (bytes.length > block) bytes = of(bytes);
    const pad = (byte) => Uint8Array.from({ length: block }, (_, i) => (bytes[i] ?? 0) ^ byte);
    return collector((message) => of(Buffer.concat([pad(0x5c), of(Buffer.concat([pad(0x36), message]))])));
  };
  sluice.hashes = Object.keys(hashes);
})(globalThis);
