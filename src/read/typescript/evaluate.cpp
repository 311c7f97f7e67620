#include "read/typescript/evaluate.hpp"

#include <nlohmann/json.hpp>

#include "base/interrupt.hpp"
#include "base/text.hpp"
#include "read/typescript/engine.hpp"
#include "read/typescript/module_syntax.hpp"
#include "read/typescript/packages.hpp"
#include "read/typescript/program.hpp"
#include "read/typescript/source_map.hpp"

namespace sluice::read {

namespace {

using nlohmann::json;

constexpr const char* kScriptName = "schema.js";

struct Failure {
  std::string name, message, stack, code, hint;
};

Failure failure_from(const json& value) {
  const auto text = [&](const char* key) { return value.value(key, std::string()); };
  return {text("name"), text("message"), text("stack"), text("code"), text("hint")};
}

[[noreturn]] void fail(const std::string& message, Diagnostic diagnostic) {
  ErrorContext context;
  context.at = diagnostic.at;
  context.hint = diagnostic.hint;
  context.diagnostics = {std::move(diagnostic)};
  throw Error(message, std::move(context));
}

// The code in a frame that keeps what it throws. Everything is put on the first line, so that places stay the same.
std::string guarded(const Script& script) {
  static constexpr std::string_view kStrict = "\"use strict\";";
  const std::string strict = script.code.starts_with(kStrict) ? std::string(kStrict) : std::string();
  if (script.waits) {
    return strict + "(async()=>{try{" + script.code +
           "\n}catch(error){__sluice.fail(error)}finally{__sluice.finished=true}})()";
  }
  return strict + "try{" + script.code + "\n}catch(error){__sluice.fail(error)}finally{__sluice.finished=true}";
}

std::string begin(const Script& script, const TypeScriptOptions& options) {
  const json arguments = {{"environment", options.environment},
                          {"directory", std::filesystem::absolute(options.project).lexically_normal().string()},
                          {"file", script.file.string()},
                          {"drivers", driver_pattern()}};
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
      fail(message, {.code = "time-limit", .message = message, .at = at,
                     .hint = "is there an endless loop in it, or in what it imports?"});
    }
    case ScriptError::Kind::memory_limit: {
      const std::string message = "evaluating the file needs more memory than the limit of " +
                                  std::to_string(options.memory_limit_mb) + " MB";
      fail(message, {.code = "memory-limit", .message = message, .at = at,
                     .hint = "is there a loop in it, or in what it imports, that grows a list without end?"});
    }
    case ScriptError::Kind::exception: {
      StackReader reader(script);
      Location place = reader.locate(error.stack);
      if (!place.known()) place = at;
      fail(error.what(), {.code = "evaluation-failed", .message = error.what(), .at = place});
    }
    case ScriptError::Kind::engine: break;
  }
  throw Error(std::string("the JavaScript engine failed: ") + error.what(), {.at = at});
}

[[noreturn]] void report(const Failure& failure, const Script& script, const TypeScriptOptions& options) {
  if (failure.name == "InternalError" && failure.message == "out of memory") {
    rethrow(ScriptError(ScriptError::Kind::memory_limit, failure.message), script, options);
  }
  StackReader reader(script);
  Diagnostic diagnostic;
  diagnostic.at = reader.locate(failure.stack);
  if (!diagnostic.at.known()) diagnostic.at.file = script.file.string();
  diagnostic.code = failure.code == "unavailable-module" || failure.code == "process-exit" ? failure.code
                                                                                          : "evaluation-failed";
  // The name of a plain Error says nothing.
  const bool plain = failure.name.empty() || failure.name == "Error" || failure.name == "UnavailableError";
  diagnostic.message = plain ? failure.message : failure.name + ": " + failure.message;
  diagnostic.hint = failure.hint;
  if (failure.code == "MODULE_NOT_FOUND") diagnostic.hint = "install the package with npm install";
  const std::string message = diagnostic.message;
  fail(message, std::move(diagnostic));
}

}  // namespace

std::vector<std::filesystem::path> bundle_script(Script& script) {
  const auto use = [&](const char* format) {
    std::erase_if(script.request.flags, [](const std::string& flag) { return flag.starts_with("--format="); });
    script.request.flags.emplace_back(format);
    Bundle bundle = esbuild_program().bundle(script.request);
    script.code = std::move(bundle.code);
    return std::move(bundle.inputs);
  };
  try {
    script.waits = false;
    return use("--format=iife");
  } catch (const Error& error) {
    if (std::string_view(error.what()).find("Top-level await") == std::string_view::npos) throw;
  }
  script.waits = true;
  auto inputs = use("--format=esm");
  script.code = imports_to_requires(script.code);
  return inputs;
}

Outcome run_script(const Script& script, std::string_view image, const TypeScriptOptions& options) {
  Outcome outcome;
  json report_json;
  try {
    on_engine_stack([&] {
      Engine engine(image, {options.time_limit_ms, options.memory_limit_mb, &interrupt::requested});
      engine.evaluate(begin(script, options), "begin.js");
      engine.evaluate(guarded(script), kScriptName);
      engine.run_jobs();
      engine.evaluate("if(!__sluice.failure)try{__sluice.value=(()=>{" + script.finish +
                          "})()}catch(error){__sluice.fail(error)}",
                      "finish.js");
      report_json = json::parse(engine.evaluate("__sluice.report()", "report.js"));
      if (report_json.contains("failure")) return;
      outcome.value = engine.evaluate("__sluice.value", "value.js");
      outcome.second = engine.evaluate("__sluice.second ?? ''", "value.js");
    });
  } catch (const ScriptError& error) {
    rethrow(error, script, options);
  }
  if (report_json.contains("failure")) report(failure_from(report_json["failure"]), script, options);
  if (report_json["names"].is_array()) outcome.names = report_json["names"].get<std::set<std::string>>();
  return outcome;
}

Location StackReader::locate(std::string_view stack) {
  if (!mapped_code_) {
    BundleRequest request = script_.request;
    request.flags.emplace_back("--sourcemap=inline");
    request.flags.emplace_back("--sources-content=false");
    try {
      mapped_code_ = esbuild_program().bundle(request).code;
    } catch (const Error&) {
      mapped_code_.emplace();
    }
  }
  return locate_in_stack(stack, kScriptName, SourceMap::of_bundle(*mapped_code_, "/proc/self/fd"));
}

}  // namespace sluice::read
