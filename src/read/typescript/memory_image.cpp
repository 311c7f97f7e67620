#include "read/typescript/memory_image.hpp"

#include <cstring>
#include <vector>

#include "read/typescript/engine.hpp"

namespace sluice::read {

namespace {
constexpr size_t page_size = 4096;
constexpr size_t wasm_page_size = 65536;
// Instantiation writes its data here. A page of it that is zero again when the image is made must become zero; so all
// of them are in the image.
constexpr size_t initial_data = size_t{1} << 18;

bool is_zero(const char* page) {
  static const char zero[page_size] = {};
  return std::memcmp(page, zero, page_size) == 0;
}
}  // namespace

MemoryImage::MemoryImage(std::string_view bytes) {
  const Header expected;
  if (bytes.size() >= sizeof header_) std::memcpy(&header_, bytes.data(), sizeof header_);
  const size_t count = header_.page_count;
  if (bytes.size() < sizeof header_ || std::memcmp(header_.magic, expected.magic, sizeof expected.magic) != 0 ||
      bytes.size() != sizeof header_ + count * (4 + page_size)) {
    throw ScriptError(ScriptError::Kind::engine, "the saved memory of the JavaScript engine is damaged");
  }
  numbers_ = bytes.substr(sizeof header_, count * 4);
  pages_ = bytes.substr(sizeof header_ + count * 4);
}

void MemoryImage::restore(uint8_t* memory, size_t size) const {
  size_t next = 0;
  for (size_t i = 0; i < header_.page_count;) {
    const size_t first = number(i);
    size_t count = 1;
    while (i + count < header_.page_count && number(i + count) == first + count) count++;
    if (first < next || (first + count) * page_size > size) {
      throw ScriptError(ScriptError::Kind::engine, "the saved memory of the JavaScript engine is damaged");
    }
    std::memcpy(memory + first * page_size, pages_.data() + i * page_size, count * page_size);
    next = first + count;
    i += count;
  }
}

size_t MemoryImage::number(size_t i) const {
  uint32_t number = 0;
  std::memcpy(&number, numbers_.data() + i * sizeof number, sizeof number);
  return number;
}

std::string MemoryImage::make(Header header, std::string_view memory) {
  std::vector<uint32_t> numbers;
  for (size_t at = 0; at + page_size <= memory.size(); at += page_size) {
    if (at < initial_data || !is_zero(memory.data() + at)) numbers.push_back(uint32_t(at / page_size));
  }
  header.page_count = uint32_t(numbers.size());
  std::string image(reinterpret_cast<const char*>(&header), sizeof header);
  image.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * 4);
  for (const uint32_t number : numbers) image.append(memory.substr(size_t{number} * page_size, page_size));
  static_assert(wasm_page_size % page_size == 0);
  return image;
}

}  // namespace sluice::read
