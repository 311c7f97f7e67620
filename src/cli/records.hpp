// What a run leaves for machines: its log as JSON lines, its spans for OpenTelemetry, its numbers for Prometheus. All
// of them come from the spans of base/trace.hpp, and what the terminal prints on standard error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/trace.hpp"
#include "cli/terminal.hpp"

namespace sluice::cli {

// --log, --trace, --metrics; empty: not given.
struct RecordOptions {
  std::string log;             // text or json
  std::string trace, metrics;  // files
};
// What was not given, from $SLUICE_LOG, $SLUICE_TRACE and $SLUICE_METRICS. Throws Error for a wrong value.
void take_environment(RecordOptions& options);

// A text that may hold connection URLs, libpq's key=value form or SQL, without the passwords in them; and the same in
// all texts of a JSON value.
std::string without_secrets(std::string_view text);
Json without_secrets(Json value);

// Begins to write down what the run of `command` ("fleet migrate") does. Throws Error, before anything is done, if a
// file cannot be written. The terminal has to live as long as the program.
void begin_records(const RecordOptions& options, const std::string& command, Terminal& terminal);
// The span in $TRACEPARENT (W3C Trace Context), so that the run is a part of the pipeline's trace; 0 if there is none.
std::uint64_t parent_of_run();
// "TRACEPARENT=…" for a program that this run starts; empty if nobody records.
std::string environment_of_trace();
// After the last span: writes the file for Prometheus.
void end_records(const RecordOptions& options, Exit exit, Terminal& terminal);

}  // namespace sluice::cli
