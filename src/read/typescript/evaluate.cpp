#include "read/typescript/evaluate.hpp"

#include <nlohmann/json.hpp>
#include <regex>

#include "base/files.hpp"
#include "base/interrupt.hpp"
#include "base/text.hpp"
#include "read/typescript/declaration.hpp"
#include "read/typescript/engine.hpp"
#include "read/typescript/module_syntax.hpp"
#include "read/typescript/packages.hpp"
#include "read/typescript/program.hpp"
#include "read/typescript/source_map.hpp"

namespace sluice::read {

namespace {

using nlohmann::json;

constexpr const char* script_name = "schema.js";
constexpr const char* never_ends = "the file waits (await) for something that never happens while it is evaluated";
constexpr const char* never_ends_hint =
    "timers, files and the network do not exist here: do not wait for them at top level";

struct Failure {
  std::string name, message, stack, code, hint, printed;
};

Failure failure_from(const json& value) {
  const auto text = [&](const char* key) { return value.value(key, std::string()); };
  return {text("name"), text("message"), text("stack"), text("code"), text("hint"), text("printed")};
}

[[noreturn]] void fail(const std::string& message, Diagnostic diagnostic, const std::string& detail = {}) {
  ErrorContext context;
  context.detail = detail;
  context.at = diagnostic.at;
  context.hint = diagnostic.hint;
  context.diagnostics = {std::move(diagnostic)};
  throw Error(message, std::move(context));
}

BundleRequest request_of(const Script& script) {
  BundleRequest request = script.request;
  request.flags.emplace_back(script.waits ? "--format=esm" : "--format=iife");
  request.flags.emplace_back("--supported:dynamic-import=false");  // become calls of require()
  return request;
}

// The code in a frame that keeps what it throws. Everything is put on the first line, so that places stay the same.
std::string guarded(const Script& script) {
  static constexpr std::string_view directive = "\"use strict\";";
  const std::string strict = script.code.starts_with(directive) ? std::string(directive) : std::string();
  if (script.waits) {
    return strict + "(async()=>{try{" + script.code +
           "\n}catch(error){__sluice.fail(error)}finally{__sluice.finished=true}})()";
  }
  return strict + "try{" + script.code + "\n}catch(error){__sluice.fail(error)}finally{__sluice.finished=true}";
}

std::string begin(const Script& script, const TypeScriptOptions& options) {
  json places = json::array();
  for (const ModulePlace& place : module_places(script.code))
    places.push_back({place.line, place.in_package ? "package" : "user"});
  json arguments = {{"environment", options.environment},
                    {"places", std::move(places)},
                    {"directory", std::filesystem::absolute(options.project).lexically_normal().string()},
                    {"file", script.file.string()},
                    {"drivers", driver_pattern()}};
  if (script.files) {
    arguments["files"] = json::object();
    for (const auto& [file, content] : *script.files) arguments["files"][file] = json::parse(content);
  }
  return "__sluice.begin(" + arguments.dump(-1, ' ', false, json::error_handler_t::replace) + ")";
}

[[noreturn]] void rethrow(const ScriptError& error, const Script& script, const TypeScriptOptions& options) {
  const Location at{script.file.string(), 0, 0};
  switch (error.kind) {
    case ScriptError::Kind::interrupted:
      interrupt::check();
      throw Error("interrupted", {.exit = Exit::interrupted});
    case ScriptError::Kind::time_limit: {
      const std::string message =
          "evaluating the file took longer than the limit of " + text::duration(options.time_limit_ms);
      fail(message, {.code = "time-limit",
                     .message = message,
                     .at = at,
                     .hint = "is there an endless loop in it, or in what it imports?"});
    }
    case ScriptError::Kind::memory_limit: {
      const std::string message =
          "evaluating the file needs more memory than the limit of " + std::to_string(options.memory_limit_mb) + " MB";
      fail(message, {.code = "memory-limit",
                     .message = message,
                     .at = at,
                     .hint = "is there a loop in it, or in what it imports, that grows a list without end?"});
    }
    case ScriptError::Kind::exception: {
      StackReader reader(script);
      Location place = reader.locate(error.stack, error.what());
      if (!place.known()) place = at;
      fail(error.what(), {.code = "evaluation-failed", .message = error.what(), .at = place});
    }
    case ScriptError::Kind::engine:
      break;
  }
  throw Error(std::string("the JavaScript engine failed: ") + error.what(), {.at = at});
}

[[noreturn]] void report(const Failure& failure, const Script& script) {
  StackReader reader(script);
  Diagnostic diagnostic;
  diagnostic.at = reader.locate(failure.stack, failure.message);
  if (!diagnostic.at.known()) diagnostic.at.file = script.file.string();
  diagnostic.code =
      failure.code == "unavailable-module" || failure.code == "process-exit" ? failure.code : "evaluation-failed";
  // The name of a plain Error says nothing.
  const bool plain = failure.name.empty() || failure.name == "Error" || failure.name == "UnavailableError";
  diagnostic.message = plain ? failure.message : failure.name + ": " + failure.message;
  diagnostic.hint = failure.hint;
  if (failure.code == "MODULE_NOT_FOUND") diagnostic.hint = "install the package with npm install";
  const std::string message = diagnostic.message;
  diagnostic.at = refined(diagnostic.at, message);
  fail(message, std::move(diagnostic), failure.printed);
}

}  // namespace

namespace {

// Is that an import() or a require(), which may never be reached?
bool is_call(const Location& at) {
  const auto source = files::read_if_exists(at.file);
  if (!source) return false;
  const std::vector<std::string> lines = text::split(*source, "\n");
  if (at.line < 1 || size_t(at.line) > lines.size() || at.column < 2) return false;
  const std::string_view before =
      text::trim(std::string_view(lines[size_t(at.line) - 1]).substr(0, size_t(at.column) - 1));
  return before.ends_with("import(") || before.ends_with("require(");
}

// Packages try what may not be there, in ways that esbuild cannot see, and a user's file may import later what is built
// later: what is not found throws when it is reached, as it does in Node. Gives the modules, or nothing if the user's
// own files have errors.
std::vector<std::string> missing_in_packages(const Error& error) {
  static constexpr std::string_view unresolved = "Could not resolve \"";
  std::vector<std::string> modules;
  for (const Diagnostic& diagnostic : error.context.diagnostics) {
    const std::string& message = diagnostic.message;
    if (!message.starts_with(unresolved)) return {};
    if (diagnostic.at.file.find("/node_modules/") == std::string::npos && !is_call(diagnostic.at)) return {};
    modules.push_back(message.substr(unresolved.size(), message.find('"', unresolved.size()) - unresolved.size()));
  }
  return modules;
}

Bundle bundle_leniently(Script& script) {
  for (int attempt = 0;; attempt++) {
    try {
      return esbuild_program().bundle(request_of(script));
    } catch (const Error& error) {
      const auto modules = missing_in_packages(error);
      if (modules.empty() || attempt == 3) throw;
      for (const std::string& module : modules) script.request.flags.push_back("--external:" + module);
    }
  }
}

}  // namespace

Bundle bundle_script(Script& script) {
  script.waits = true;
  Bundle bundle = bundle_leniently(script);
  auto code = imports_to_requires(bundle.code, bundle.imports);
  if (!code) {
    script.waits = false;
    bundle = bundle_leniently(script);
    code = std::move(bundle.code);
  }
  script.code = std::move(*code);
  return bundle;
}

Outcome run_script(const Script& script, std::string_view image, const TypeScriptOptions& options) {
  Outcome outcome;
  json report_json;
  try {
    on_engine_stack([&] {
      Engine engine(image, {options.time_limit_ms, options.memory_limit_mb, &interrupt::requested});
      engine.evaluate(begin(script, options), "begin.js");
      engine.evaluate(script.prepare, "prepare.js");
      engine.evaluate(guarded(script), script_name);
      engine.run_jobs();
      if (engine.evaluate("String(__sluice.finished)", "finished.js") != "true") {
        report_json = {{"failure", {{"name", ""}, {"message", never_ends}, {"hint", never_ends_hint}}}};
        return;
      }
      engine.evaluate(
          "if(!__sluice.failure)try{__sluice.value=(()=>{" + script.finish + "})()}catch(error){__sluice.fail(error)}",
          "finish.js");
      report_json = json::parse(engine.evaluate("__sluice.report()", "report.js"));
      if (report_json.contains("failure")) return;
      outcome.value = engine.evaluate("__sluice.value", "value.js");
      outcome.second = engine.evaluate("__sluice.second ?? ''", "value.js");
    });
  } catch (const ScriptError& error) {
    rethrow(error, script, options);
  }
  outcome.wanted = report_json.value("wanted", std::string());
  if (!outcome.wanted.empty()) return outcome;
  if (report_json.contains("failure")) report(failure_from(report_json["failure"]), script);
  if (report_json["names"].is_array()) outcome.names = report_json["names"].get<std::set<std::string>>();
  return outcome;
}

// An exception about a property is placed at the last call before it, which may stand in a module that ran before, or
// nowhere. What is meant is where the property is read after that.
static Location locate_read(std::string_view stack, const std::string& message, std::string_view code,
                            const SourceMap& map) {
  static const std::regex frame(R"(([\w.-]+):(\d{1,9}):(\d{1,9}))");
  stack = stack.substr(0, 2000);  // std::regex goes one call deeper for each character
  std::cmatch match;
  if (!std::regex_search(stack.data(), stack.data() + stack.size(), match, frame) || match[1].str() != script_name) {
    return {};
  }
  const int line = std::stoi(match[2]), column = std::stoi(match[3]);
  if (map.find(line, column).file.find("/node_modules/") != std::string::npos) return {};
  // What stands before the code on the first line is ours.
  size_t start = 0;
  for (int i = 1; i < line && start != std::string_view::npos; i++) start = code.find('\n', start + 1);
  if (start == std::string_view::npos) return {};
  if (line > 1) start += size_t(column);
  const size_t at = failed_read(code, start, message);
  if (at == std::string_view::npos) return {};
  const size_t line_start = code.rfind('\n', at) + 1;  // npos + 1 is 0
  const Location place = map.find(text::line_of(code, at), int(at - line_start) + 1);
  const bool ours = place.file.ends_with("sluice-entry.ts") || place.file.find("/node_modules/") != std::string::npos;
  return ours ? Location{} : place;
}

Location StackReader::locate(std::string_view stack, const std::string& message) {
  if (!mapped_code_) {
    BundleRequest request = request_of(script_);
    request.flags.emplace_back("--sourcemap=inline");
    request.flags.emplace_back("--sources-content=false");
    try {
      mapped_code_ = esbuild_program().bundle(request).code;
    } catch (const Error&) {
      mapped_code_.emplace();
    }
  }
  const SourceMap map = SourceMap::of_bundle(*mapped_code_, "/proc/self/fd");
  const Location read = locate_read(stack, message, *mapped_code_, map);
  return read.known() ? read : locate_in_stack(stack, script_name, map);
}

}  // namespace sluice::read
