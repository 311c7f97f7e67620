// Tables as boxes in columns: what is referred to stands to the left of what refers to it.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "docs/docs.hpp"

namespace sluice::docs {

namespace {

constexpr int row_height = 18, title_height = 26, gap_x = 90, gap_y = 22, letter = 8, tallest = 1400;

struct Box {
  int x = 0, y = 0, width = 0, height = 0;
};

Box size_of(const TableDoc& table) {
  size_t letters = table.name.size() + 2;
  for (const ColumnDoc& column : table.columns)
    letters = std::max(letters, column.name.size() + column.type.size() + 4);
  return {0, 0, static_cast<int>(letters) * letter + 16,
          title_height + static_cast<int>(table.columns.size()) * row_height + 6};
}

// How far to the right each table stands: beyond all that it refers to. An edge that closes a circle does not count.
std::vector<size_t> ranks_of(const Document& document) {
  size_t count = document.tables.size();
  std::vector<std::vector<size_t>> parents(count);
  for (const Edge& edge : document.edges)
    if (edge.child != edge.parent) parents[edge.child].push_back(edge.parent);
  std::vector<size_t> rank(count, 0);
  std::vector<int> state(count, 0);  // 1: on the way, 2: done
  auto visit = [&](auto& self, size_t table) -> void {
    state[table] = 1;
    for (size_t parent : parents[table]) {
      if (state[parent] == 1) continue;
      if (state[parent] == 0) self(self, parent);
      rank[table] = std::max(rank[table], rank[parent] + 1);
    }
    state[table] = 2;
  };
  for (size_t i = 0; i < count; i++)
    if (state[i] == 0) visit(visit, i);
  return rank;
}

// The tables of each column of the drawing, ordered so that relatives stand near each other; those without relatives
// come last.
std::vector<std::vector<size_t>> columns_of(const Document& document) {
  std::vector<size_t> rank = ranks_of(document);
  std::vector<bool> related(document.tables.size(), false);
  for (const Edge& edge : document.edges) related[edge.child] = related[edge.parent] = true;
  std::vector<std::vector<size_t>> columns;
  std::vector<size_t> alone;
  for (size_t i = 0; i < document.tables.size(); i++) {
    if (!related[i]) {
      alone.push_back(i);
      continue;
    }
    if (columns.size() <= rank[i]) columns.resize(rank[i] + 1);
    columns[rank[i]].push_back(i);
  }
  std::vector<double> place(document.tables.size(), 0);
  auto number = [&] {
    for (const auto& column : columns)
      for (size_t i = 0; i < column.size(); i++) place[column[i]] = static_cast<double>(i);
  };
  number();
  for (int sweep = 0; sweep < 6; sweep++) {
    std::vector<double> sum(place.size(), 0), weight(place.size(), 0);
    for (const Edge& edge : document.edges) {
      sum[edge.child] += place[edge.parent], weight[edge.child] += 1;
      sum[edge.parent] += place[edge.child], weight[edge.parent] += 1;
    }
    auto wish = [&](size_t i) { return weight[i] > 0 ? sum[i] / weight[i] : place[i]; };
    for (auto& column : columns)
      std::stable_sort(column.begin(), column.end(), [&](size_t a, size_t b) { return wish(a) < wish(b); });
    number();
  }
  // A column that would be too tall goes on in the next one.
  columns.push_back(alone);
  std::vector<std::vector<size_t>> out;
  for (const auto& column : columns) {
    int height = 0;
    for (size_t table : column) {
      int more = size_of(document.tables[table]).height + gap_y;
      if (height == 0 || height + more > tallest) out.emplace_back(), height = 0;
      out.back().push_back(table);
      height += more;
    }
  }
  return out;
}

std::string box(const TableDoc& table, const Box& at) {
  std::string out = fmt::format(
      "<a href=\"#{}\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\"/>"
      "<text class=\"title\" x=\"{}\" y=\"{}\">{}</text>\n",
      escaped(table.anchor), at.x, at.y, at.width, at.height, at.x + 10, at.y + 18, escaped(table.name));
  for (size_t i = 0; i < table.columns.size(); i++) {
    const ColumnDoc& column = table.columns[i];
    int y = at.y + title_height + static_cast<int>(i) * row_height + 13;
    out += fmt::format(
        "<text x=\"{}\" y=\"{}\">{}{}</text><text class=\"type\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n",
        at.x + 10, y, escaped(column.name), column.is_key ? " *" : "", at.x + at.width - 10, y, escaped(column.type));
  }
  return out + "</a>\n";
}

int row_of(const TableDoc& table, const Box& at, const std::string& column) {
  for (size_t i = 0; i < table.columns.size(); i++)
    if (table.columns[i].name == column) return at.y + title_height + static_cast<int>(i) * row_height + 9;
  return at.y + title_height / 2;
}

// From the child's column to the parent's title, around the boxes' sides that face each other.
std::string line(const Document& document, const Edge& edge, const std::vector<Box>& boxes) {
  const Box &child = boxes[edge.child], &parent = boxes[edge.parent];
  int y1 = row_of(document.tables[edge.child], child, edge.column), y2 = parent.y + title_height / 2;
  bool child_right = child.x > parent.x + parent.width, child_left = parent.x > child.x + child.width;
  int x1 = child_right ? child.x : child.x + child.width, x2 = child_left ? parent.x : parent.x + parent.width;
  int bend1 = child_right ? x1 - 45 : x1 + 45, bend2 = child_left ? x2 - 45 : x2 + 45;
  return fmt::format("<path{} d=\"M{} {}C{} {} {} {} {} {}\"><title>{}.{} → {}</title></path>\n",
                     edge.optional ? " class=\"optional\"" : "", x1, y1, bend1, y1, bend2, y2, x2, y2,
                     escaped(document.tables[edge.child].name), escaped(edge.columns),
                     escaped(document.tables[edge.parent].name));
}

}  // namespace

std::string drawing(const Document& document) {
  std::vector<Box> boxes(document.tables.size());
  int x = 2, height = 0;
  for (const std::vector<size_t>& column : columns_of(document)) {
    int y = 2, width = 0;
    for (size_t table : column) {
      boxes[table] = size_of(document.tables[table]);
      boxes[table].x = x, boxes[table].y = y;
      y += boxes[table].height + gap_y;
      width = std::max(width, boxes[table].width);
    }
    x += width + gap_x;
    height = std::max(height, y);
  }
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" role=\"img\" "
      "aria-label=\"Tables and their foreign keys\">\n",
      std::max(x - gap_x + 60, 10), std::max(height, 10));
  for (const Edge& edge : document.edges) out += line(document, edge, boxes);
  for (size_t i = 0; i < boxes.size(); i++) out += box(document.tables[i], boxes[i]);
  return out + "</svg>\n";
}

}  // namespace sluice::docs
