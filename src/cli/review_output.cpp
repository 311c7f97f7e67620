#include "cli/review_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/files.hpp"
#include "base/text.hpp"
#include "review/rule.hpp"
#include "sluice/version.hpp"
#include "sql/statements.hpp"

namespace sluice::cli {

using review::Finding;
using review::Level;

Totals totals(const std::vector<Reviewed>& files) {
  Totals out;
  for (const Reviewed& file : files) {
    out.errors += file.review.count(Level::error);
    out.warnings += file.review.count(Level::warning);
    out.notes += file.review.count(Level::note);
    out.statements += file.review.statements.size();
    for (const Finding& finding : file.review.findings) out.allowed += finding.allowed.has_value();
  }
  return out;
}

namespace {

std::string counted(size_t n, const std::string& what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); }

// Characters, not bytes: a caret stands under what it means.
std::string blanks_for(std::string_view line, int column) {
  std::string out;
  int at = 1;
  for (char c : line) {
    if ((static_cast<unsigned char>(c) & 0xC0) == 0x80) continue;
    if (at++ >= column) break;
    out += c == '\t' ? '\t' : ' ';
  }
  return out;
}

constexpr size_t widest = 160;

}  // namespace

std::string sentence(const Totals& totals, size_t files) {
  std::string out =
      fmt::format("{} in {}: {}, {}, {}", counted(totals.statements, "statement"), counted(files, "file"),
                  counted(totals.errors, "error"), counted(totals.warnings, "warning"), counted(totals.notes, "note"));
  if (totals.allowed) out += fmt::format(", {} allowed", totals.allowed);
  return out;
}

std::string finding_text(const Reviewed& file, const Finding& finding, const Terminal& terminal) {
  const char* color = finding.level == Level::error ? "31;1" : finding.level == Level::warning ? "33;1" : "36";
  std::string out = terminal.colored(std::string(display(finding.level)), color) +
                    terminal.bold("[" + std::string(finding.rule->name) + "]: " + finding.message) + "\n";
  out += fmt::format("  {} {}:{}:{}\n", terminal.dim("at"), file.path, finding.line, finding.column);
  std::string_view line = text::line_at(file.text, finding.line);
  if (finding.statement >= 0 && !text::trim(line).empty() && line.size() < widest) {
    const std::string number = std::to_string(finding.line);
    const std::string pad(number.size(), ' ');
    const size_t length = std::max<size_t>(1, std::min<size_t>(static_cast<size_t>(finding.length), widest));
    out += fmt::format("  {} {} {}\n", terminal.dim(number), terminal.dim("|"), line);
    out += fmt::format("  {} {} {}{}\n", pad, terminal.dim("|"), blanks_for(line, finding.column),
                       terminal.colored(std::string(length, '^'), color));
  }
  out += "  " + terminal.dim("why:") + " " + finding.rule->reason + "\n";
  if (!finding.safe.empty()) out += "  " + terminal.dim("safe:") + " " + finding.safe + "\n";
  if (!finding.query.empty()) out += "  " + terminal.dim("look:") + " " + finding.query + "\n";
  return out;
}

std::string impact_text(const review::FileReview& file) {
  std::string out;
  for (const review::Judged& judged : file.statements) {
    std::vector<std::string> parts;
    for (const impact::Touched& item : judged.impact.touched) {
      if (item.created || item.fresh || !item.index_of.empty() || item.lock == impact::Lock::none) continue;
      std::string part = review::shown(item.relation) + " " + std::string(impact::display(item.lock));
      if (item.rewrite)
        part += item.emptied ? ", emptied" : ", rewritten";
      else if (item.scan)
        part += ", read";
      if (item.dropped) part += ", dropped";
      parts.push_back(part);
    }
    out += fmt::format("  line {:<4} {}\n", judged.statement->line, sql::one_line(judged.statement->text, 70));
    out += parts.empty() ? "             nobody waits\n" : "             " + text::join(parts, "; ") + "\n";
  }
  return out;
}

Json review_json(const std::vector<Reviewed>& files, int version) {
  Json list = Json::array();
  for (const Reviewed& file : files) {
    Json statements = Json::array();
    for (const review::Judged& judged : file.review.statements) {
      Json touched = Json::array();
      for (const impact::Touched& item : judged.impact.touched) {
        Json entry{{"relation", review::shown(item.relation)}};
        if (!item.index_of.empty()) entry["indexOf"] = item.index_of;
        entry["lock"] = impact::display(item.lock);
        for (auto [name, value] :
             {std::pair{"rewrite", item.rewrite && !item.emptied}, std::pair{"scan", item.scan && !item.emptied},
              std::pair{"rebuild", item.rebuild}, std::pair{"created", item.created},
              std::pair{"dropped", item.dropped}, std::pair{"emptied", item.emptied}, std::pair{"empty", item.fresh}})
          if (value) entry[name] = true;
        touched.push_back(entry);
      }
      Json losses = Json::array(), risks = Json::array();
      for (const impact::Loss& loss : judged.impact.losses)
        losses.push_back({{"what", loss.what}, {"query", loss.query}});
      for (const impact::Risk& risk : judged.impact.risks)
        risks.push_back({{"what", risk.what}, {"query", risk.query}, {"sample", risk.sample}});
      Json statement{{"line", judged.statement->line},
                     {"sql", std::string(judged.statement->text)},
                     {"transaction", judged.transaction},
                     {"alone", judged.impact.outside_transaction},
                     {"reversible", judged.impact.reversible},
                     {"locks", touched},
                     {"losses", losses},
                     {"risks", risks}};
      if (!judged.impact.refused.empty()) statement["refused"] = judged.impact.refused;
      statements.push_back(statement);
    }
    Json findings = Json::array();
    for (const Finding& finding : file.review.findings) {
      Json entry{{"rule", finding.rule->name},     {"code", finding.rule->code}, {"level", display(finding.level)},
                 {"message", finding.message},     {"line", finding.line},       {"column", finding.column},
                 {"reason", finding.rule->reason}, {"safe", finding.safe}};
      if (!finding.query.empty()) entry["query"] = finding.query;
      if (finding.statement >= 0) entry["statement"] = finding.statement;
      if (finding.allowed) entry["allowed"] = *finding.allowed;
      findings.push_back(entry);
    }
    list.push_back({{"file", file.path}, {"statements", statements}, {"findings", findings}});
  }
  const Totals sums = totals(files);
  return {{"status", sums.errors ? "findings" : "ok"},
          {"server", version},
          {"errors", sums.errors},
          {"warnings", sums.warnings},
          {"notes", sums.notes},
          {"allowed", sums.allowed},
          {"files", list}};
}

Json sarif(const std::vector<Reviewed>& files) {
  Json rules = Json::array(), results = Json::array();
  std::map<const review::Rule*, size_t> place;
  auto level_of = [](Level level) { return level == Level::note ? "note" : std::string(display(level)); };
  for (const review::Rule* rule : review::rules()) {
    place[rule] = rules.size();
    rules.push_back({{"id", rule->code},
                     {"name", rule->name},
                     {"shortDescription", {{"text", rule->reason}}},
                     {"help", {{"text", rule->safe}, {"markdown", std::string("**Instead:** ") + rule->safe}}},
                     {"defaultConfiguration", {{"level", level_of(rule->level)}}}});
  }
  for (const Reviewed& file : files)
    for (const Finding& finding : file.review.findings) {
      Json region{{"startLine", finding.line}, {"startColumn", finding.column}};
      Json result{
          {"ruleId", finding.rule->code},
          {"ruleIndex", place[finding.rule]},
          {"level", level_of(finding.level)},
          {"message", {{"text", finding.message + ". " + finding.rule->reason}}},
          {"locations", Json::array({{{"physicalLocation",
                                       {{"artifactLocation", {{"uri", text::replace_all(file.path, " ", "%20")}}},
                                        {"region", region}}}}})},
          {"partialFingerprints",
           {{"finding/v1", files::sha256(std::string(finding.rule->code) + "\n" + file.path + "\n" + finding.message)
                               .substr(0, 32)}}}};
      if (finding.allowed)
        result["suppressions"] = Json::array({{{"kind", "inSource"}, {"justification", *finding.allowed}}});
      results.push_back(result);
    }
  return {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
          {"version", "2.1.0"},
          {"runs",
           Json::array(
               {{{"tool", {{"driver", {{"name", "sluice"}, {"version", std::string(version())}, {"rules", rules}}}}},
                 {"columnKind", "unicodeCodePoints"},
                 {"results", results}}})}};
}

Json gitlab(const std::vector<Reviewed>& files) {
  Json out = Json::array();
  std::set<std::string> seen;
  for (const Reviewed& file : files)
    for (const Finding& finding : file.review.findings) {
      if (finding.allowed) continue;
      std::string print = files::sha256(std::string(finding.rule->code) + "\n" + file.path + "\n" + finding.message);
      if (!seen.insert(print).second)
        print = files::sha256(print + std::to_string(finding.line) + ":" + std::to_string(finding.column));
      out.push_back({{"description", finding.message},
                     {"check_name", finding.rule->name},
                     {"fingerprint", print},
                     {"severity", finding.level == Level::error     ? "critical"
                                  : finding.level == Level::warning ? "major"
                                                                    : "info"},
                     {"location", {{"path", file.path}, {"lines", {{"begin", finding.line}}}}}});
    }
  return out;
}

bool is_shown(const Finding& finding, bool notes) {
  return !finding.allowed && (notes || finding.level != Level::note);
}

std::string github(const std::vector<Reviewed>& files, bool notes) {
  // https://docs.github.com/actions/reference/workflow-commands-for-github-actions: %, CR, LF; in properties also : and
  // ,
  auto data = [](std::string text) {
    return text::replace_all(text::replace_all(text::replace_all(std::move(text), "%", "%25"), "\r", "%0D"), "\n",
                             "%0A");
  };
  auto property = [&](const std::string& text) {
    return text::replace_all(text::replace_all(data(text), ":", "%3A"), ",", "%2C");
  };
  std::string out;
  for (const Reviewed& file : files)
    for (const Finding& finding : file.review.findings) {
      if (!is_shown(finding, notes)) continue;
      const char* command = finding.level == Level::error     ? "error"
                            : finding.level == Level::warning ? "warning"
                                                              : "notice";
      out += fmt::format("::{} file={},line={},col={},title={}::{}\n", command, property(file.path), finding.line,
                         finding.column, property(finding.rule->name),
                         data(finding.message + "\n" + finding.rule->reason + "\nInstead: " + finding.safe));
    }
  return out;
}

std::string markdown(const std::vector<Reviewed>& files, bool notes) {
  auto cell = [](std::string text) {
    return text::replace_all(text::replace_all(std::move(text), "|", "\\|"), "\n", " ");
  };
  const Totals sums = totals(files);
  std::string out = fmt::format("### Migration review: {}\n\n", sentence(sums, files.size()));
  for (const Reviewed& file : files) {
    bool any = false;
    for (const Finding& finding : file.review.findings) any = any || is_shown(finding, notes);
    if (!any) continue;
    out += "**" + file.path + "**\n\n| | line | finding | instead |\n|---|---|---|---|\n";
    for (const Finding& finding : file.review.findings) {
      if (!is_shown(finding, notes)) continue;
      const char* sign = finding.level == Level::error ? "🔴" : finding.level == Level::warning ? "🟡" : "🔵";
      out += fmt::format("| {} | {} | {} (`{}`) | {} |\n", sign, finding.line, cell(finding.message),
                         finding.rule->name, cell(finding.safe));
    }
    out += "\n";
  }
  if (sums.errors + sums.warnings + (notes ? sums.notes : 0) == 0) out += "Nothing to complain about.\n";
  return out;
}

}  // namespace sluice::cli
