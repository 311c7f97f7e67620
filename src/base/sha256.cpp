// SHA-256 (FIPS 180-4). Of our own, because the library that has one takes two milliseconds to load and set up, which
// is a tenth of a whole `generate`; with the instructions of the processor where it has them.
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "base/files.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace sluice::files {

namespace {

constexpr size_t block_size = 64;
using State = std::array<uint32_t, 8>;

alignas(16) constexpr uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

void add_blocks(State& state, const unsigned char* data, size_t blocks) {
  for (; blocks > 0; blocks--, data += block_size) {
    std::array<uint32_t, 64> w;
    for (size_t i = 0; i < 16; i++)
      w[i] = uint32_t{data[4 * i]} << 24 | uint32_t{data[4 * i + 1]} << 16 | uint32_t{data[4 * i + 2]} << 8 |
             uint32_t{data[4 * i + 3]};
    for (size_t i = 16; i < 64; i++) {
      const uint32_t s0 = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ w[i - 15] >> 3;
      const uint32_t s1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ w[i - 2] >> 10;
      w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    auto [a, b, c, d, e, f, g, h] = state;
    for (size_t i = 0; i < 64; i++) {
      const uint32_t s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
      const uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + constants[i] + w[i];
      const uint32_t s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
      const uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
      h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
    }
    const State done{a, b, c, d, e, f, g, h};
    for (size_t i = 0; i < 8; i++) state[i] += done[i];
  }
}

#if defined(__x86_64__)

bool has_instructions() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_SSSE3) == 0 || (c & bit_SSE4_1) == 0) return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0;
}

// Four rounds a step; the message's next words are made while the rounds run. The instructions want the state as ABEF
// and CDGH.
__attribute__((target("sha,ssse3,sse4.1"))) void add_blocks_with_instructions(State& state, const unsigned char* data,
                                                                              size_t blocks) {
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  const auto load = [](const void* at) { return _mm_loadu_si128(static_cast<const __m128i*>(at)); };
  const __m128i abcd = _mm_shuffle_epi32(load(state.data()), 0xb1);      // CDAB
  const __m128i efgh = _mm_shuffle_epi32(load(state.data() + 4), 0x1b);  // EFGH
  __m128i abef = _mm_alignr_epi8(abcd, efgh, 8), cdgh = _mm_blend_epi16(efgh, abcd, 0xf0);
  for (; blocks > 0; blocks--, data += block_size) {
    const __m128i abef_before = abef, cdgh_before = cdgh;
    __m128i w[4];
    for (int i = 0; i < 4; i++) w[i] = _mm_shuffle_epi8(load(data + 16 * i), big_endian);
    for (int i = 0; i < 16; i++) {
      const __m128i now = w[i & 3];
      __m128i sum = _mm_add_epi32(now, load(constants + 4 * i));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
      if (i >= 12) continue;
      // w[t] = w[t-16] + s0(w[t-15]) + w[t-7] + s1(w[t-2]), for the four of 16 words later.
      const __m128i next = w[(i + 1) & 3], last = w[(i + 3) & 3], before = w[(i + 2) & 3];
      const __m128i mixed = _mm_add_epi32(_mm_sha256msg1_epu32(now, next), _mm_alignr_epi8(last, before, 4));
      w[i & 3] = _mm_sha256msg2_epu32(mixed, last);
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  const __m128i feba = _mm_shuffle_epi32(abef, 0x1b), dchg = _mm_shuffle_epi32(cdgh, 0xb1);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(state.data()), _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(state.data() + 4), _mm_alignr_epi8(dchg, feba, 8));
}

#endif

using AddBlocks = void (*)(State&, const unsigned char*, size_t);

AddBlocks fastest() {
#if defined(__x86_64__)
  if (has_instructions()) return add_blocks_with_instructions;
#endif
  return add_blocks;
}

std::string digest(std::string_view bytes, AddBlocks add) {
  State state{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  const size_t whole = bytes.size() / block_size, rest = bytes.size() % block_size;
  if (whole > 0) add(state, data, whole);
  // The end: a one bit, zeros, and the length in bits.
  std::array<unsigned char, 2 * block_size> end{};
  if (rest > 0) std::memcpy(end.data(), data + whole * block_size, rest);
  end[rest] = 0x80;
  const size_t blocks = rest + 9 <= block_size ? 1 : 2;
  for (size_t i = 0; i < 8; i++)
    end[blocks * block_size - 1 - i] = static_cast<unsigned char>(uint64_t{bytes.size()} * 8 >> (8 * i));
  add(state, end.data(), blocks);

  std::string hex;
  hex.reserve(64);
  for (const uint32_t word : state)
    for (int shift = 28; shift >= 0; shift -= 4) hex += "0123456789abcdef"[word >> shift & 15];
  return hex;
}

}  // namespace

std::string sha256(std::string_view bytes) {
  static const AddBlocks add = fastest();
  return digest(bytes, add);
}

std::string sha256_portable(std::string_view bytes) { return digest(bytes, add_blocks); }

}  // namespace sluice::files
