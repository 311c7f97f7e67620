// What is remembered of the rows that were made: of parents the values that children refer to, of keys a hash. Private
// to this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seed/values.hpp"

namespace sluice::seed {

// Numbers but 0, without order. One that was never added is reported as there with a probability of 2^-64 for each
// pair: then a row is made again.
class HashSet {
 public:
  bool contains(std::uint64_t number) const { return !slots_.empty() && slots_[slot(number)] != 0; }
  void insert(std::uint64_t number) {
    if (slots_.empty() || 2 * (count_ + 1) > slots_.size()) grow();
    std::uint64_t& place = slots_[slot(number)];
    if (place == 0) place = number, count_++;
  }

 private:
  size_t slot(std::uint64_t number) const {
    size_t at = number & (slots_.size() - 1);
    while (slots_[at] != 0 && slots_[at] != number) at = (at + 1) & (slots_.size() - 1);
    return at;
  }
  void grow() {
    std::vector<std::uint64_t> old(std::max<size_t>(64, 2 * slots_.size()), 0);
    old.swap(slots_);
    for (std::uint64_t number : old)
      if (number != 0) slots_[slot(number)] = number;
  }

  std::vector<std::uint64_t> slots_;
  size_t count_ = 0;
};

// Some columns of all rows of a table, one behind the other.
class Store {
 public:
  // The place of the column in here. Before the first row.
  size_t keep(size_t column) {
    for (size_t i = 0; i < columns_.size(); i++)
      if (columns_[i].column == column) return i;
    columns_.push_back({column, {}, {0}});
    return columns_.size() - 1;
  }
  size_t width() const { return columns_.size(); }
  size_t column(size_t place) const { return columns_[place].column; }
  size_t size() const { return rows_; }
  void add(const std::vector<Cell>& row) {
    for (Kept& kept : columns_) {
      const Cell& cell = row[kept.column];
      if (!cell.null) kept.bytes += cell.text;
      kept.ends.push_back(kept.bytes.size() << 1 | (cell.null ? 1 : 0));
    }
    rows_++;
  }
  std::optional<std::string_view> at(size_t row, size_t place) const {
    const Kept& kept = columns_[place];
    const size_t begin = kept.ends[row] >> 1, end = kept.ends[row + 1];
    if (end & 1) return std::nullopt;
    return std::string_view(kept.bytes).substr(begin, (end >> 1) - begin);
  }
  // Leaves the first so many.
  void cut(size_t rows) {
    if (rows >= rows_) return;
    for (Kept& kept : columns_) {
      kept.ends.resize(rows + 1);
      kept.bytes.resize(kept.ends.back() >> 1);
      kept.bytes.shrink_to_fit();
    }
    rows_ = rows;
  }

 private:
  struct Kept {
    size_t column;
    std::string bytes;
    std::vector<std::uint64_t> ends;  // twice, and one more for NULL
  };
  std::vector<Kept> columns_;
  size_t rows_ = 0;
};

}  // namespace sluice::seed
