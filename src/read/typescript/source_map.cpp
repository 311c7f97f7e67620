#include "read/typescript/source_map.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <nlohmann/json.hpp>

namespace sluice::read {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const std::array<int, 256>& digits() {
  static const std::array<int, 256> table = [] {
    std::array<int, 256> result{};
    result.fill(-1);
    for (size_t i = 0; i < alphabet.size(); i++) {
      result[static_cast<unsigned char>(alphabet[i])] = static_cast<int>(i);
    }
    return result;
  }();
  return table;
}

std::string decode_base64(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const int digit = digits()[static_cast<unsigned char>(c)];
    if (digit < 0) break;
    bits = (bits << 6 | unsigned(digit)) & 0xffffffU;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<char>(bits >> count & 0xffU));
    }
  }
  return bytes;
}

}  // namespace

SourceMap SourceMap::of_bundle(std::string_view code, const std::filesystem::path& directory) {
  static constexpr std::string_view marker = "//# sourceMappingURL=data:application/json;base64,";
  SourceMap map;
  const size_t at = code.rfind(marker);
  if (at == std::string_view::npos) return map;
  const auto json = nlohmann::json::parse(decode_base64(code.substr(at + marker.size())), nullptr, false);
  if (!json.is_object() || !json.contains("sources") || !json.contains("mappings")) return map;
  for (const auto& source : json["sources"]) {
    map.sources_.push_back(source.is_string() ? (directory / source.get<std::string>()).lexically_normal().string()
                                              : "");
  }
  if (json["mappings"].is_string()) map.decode(json["mappings"].get<std::string>());
  return map;
}

// Each line is a list of segments of base-64 numbers (7 bits: continuation, 4 or 5 of value, sign in the last bit of
// the first); all but the column go on from line to line.
void SourceMap::decode(std::string_view mappings) {
  Segment state;
  state.source = 0;
  lines_.emplace_back();
  std::array<int, 5> fields{};
  size_t field = 0;
  int value = 0, shift = 0;
  auto end_segment = [&] {
    if (field > 0) {
      state.column += fields[0];
      Segment segment = state;
      if (field >= 4) {
        segment.source = state.source += fields[1];
        segment.source_line = state.source_line += fields[2];
        segment.source_column = state.source_column += fields[3];
      } else {
        segment.source = -1;
      }
      lines_.back().push_back(segment);
    }
    field = 0;
  };
  for (const char c : mappings) {
    if (c == ',' || c == ';') {
      end_segment();
      if (c == ';') {
        state.column = 0;
        lines_.emplace_back();
      }
      continue;
    }
    const int digit = digits()[static_cast<unsigned char>(c)];
    if (digit < 0 || shift > 25) return;
    value |= (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    if (field < fields.size()) fields[field++] = value & 1 ? -(value >> 1) : value >> 1;
    value = shift = 0;
  }
  end_segment();
}

Location SourceMap::find(int line, int column) const {
  if (line < 1 || size_t(line) > lines_.size()) return {};
  const auto& segments = lines_[size_t(line) - 1];
  auto after = std::upper_bound(segments.begin(), segments.end(), column - 1,
                                [](int at, const Segment& segment) { return at < segment.column; });
  if (after == segments.begin()) {
    if (segments.empty()) return {};
    after++;
  }
  const Segment& segment = *std::prev(after);
  if (segment.source < 0 || size_t(segment.source) >= sources_.size()) return {};
  return {sources_[size_t(segment.source)], segment.source_line + 1, segment.source_column + 1};
}

namespace {

// Takes ":12" off the front; 0 if it is not there, or longer than a line number is.
int take_number(std::string_view& text) {
  size_t end = 1;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9') end++;
  if (!text.starts_with(':') || end == 1 || end > 10) return 0;
  int number = 0;
  std::from_chars(text.data() + 1, text.data() + end, number);
  text.remove_prefix(end);
  return number;
}

}  // namespace

std::optional<StackFrame> next_frame(std::string_view& stack, std::string_view script) {
  auto in_name = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-';
  };
  for (;;) {
    const size_t at = stack.find(script);
    if (at == std::string_view::npos) return std::nullopt;
    const bool whole = at == 0 || !in_name(stack[at - 1]);
    stack.remove_prefix(at + script.size());
    if (!whole) continue;
    StackFrame frame;
    frame.line = take_number(stack);
    if (frame.line > 0) frame.column = take_number(stack);
    if (frame.column > 0) return frame;
  }
}

Location locate_in_stack(std::string_view stack, std::string_view script, const SourceMap& map) {
  // The innermost frames come first.
  stack = stack.substr(0, 10'000);
  Location first;
  for (auto frame = next_frame(stack, script); frame; frame = next_frame(stack, script)) {
    const Location at = map.find(frame->line, frame->column);
    if (!at.known() || at.file.ends_with("sluice-entry.ts")) continue;
    if (at.file.find("/node_modules/") == std::string::npos) return at;
    if (!first.known()) first = at;
  }
  return first;
}

}  // namespace sluice::read
