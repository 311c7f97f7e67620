#include "read/typescript/memory_image.hpp"

#include <cstring>
#include <vector>

#include "read/typescript/engine.hpp"

namespace sluice::read {

namespace {
constexpr size_t kPage = 4096;
constexpr size_t kWasmPage = 65536;

bool is_zero(const char* page) {
  static const char zero[kPage] = {};
  return std::memcmp(page, zero, kPage) == 0;
}
}  // namespace

MemoryImage::MemoryImage(std::string_view bytes) {
  const Header expected;
  if (bytes.size() >= sizeof header_) std::memcpy(&header_, bytes.data(), sizeof header_);
  const size_t count = header_.page_count;
  if (bytes.size() < sizeof header_ || std::memcmp(header_.magic, expected.magic, sizeof expected.magic) != 0 ||
      bytes.size() != sizeof header_ + count * (4 + kPage)) {
    throw ScriptError(ScriptError::Kind::engine, "the saved memory of the JavaScript engine is damaged");
  }
  numbers_ = bytes.substr(sizeof header_, count * 4);
  pages_ = bytes.substr(sizeof header_ + count * 4);
}

void MemoryImage::restore(uint8_t* memory, size_t size) const {
  // Instantiation has written its initial data near the start; a page that was zero again when the image was made
  // must become zero. Those pages are few: look only at as many as the module's data can touch.
  size_t next = 0;
  for (size_t i = 0; i < header_.page_count; i++) {
    uint32_t number = 0;
    std::memcpy(&number, numbers_.data() + 4 * i, 4);
    const size_t at = size_t{number} * kPage;
    if (number < next || at + kPage > size) {
      throw ScriptError(ScriptError::Kind::engine, "the saved memory of the JavaScript engine is damaged");
    }
    constexpr size_t kInitialData = size_t{1} << 20;
    for (; next < number && next * kPage < kInitialData; next++) {
      if (!is_zero(reinterpret_cast<char*>(memory) + next * kPage)) std::memset(memory + next * kPage, 0, kPage);
    }
    next = size_t{number} + 1;
    std::memcpy(memory + at, pages_.data() + i * kPage, kPage);
  }
}

std::string MemoryImage::make(Header header, std::string_view memory) {
  std::vector<uint32_t> numbers;
  for (size_t at = 0; at + kPage <= memory.size(); at += kPage) {
    if (!is_zero(memory.data() + at)) numbers.push_back(uint32_t(at / kPage));
  }
  header.page_count = uint32_t(numbers.size());
  std::string image(reinterpret_cast<const char*>(&header), sizeof header);
  image.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * 4);
  for (const uint32_t number : numbers) image.append(memory.substr(size_t{number} * kPage, kPage));
  static_assert(kWasmPage % kPage == 0);
  return image;
}

}  // namespace sluice::read
