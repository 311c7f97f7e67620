// A case of tests/cases/plan, read and evaluated: two schemas and what is said about the way between them.
#pragma once

#include <string>

#include "case_file.hpp"
#include "diff/diff.hpp"
#include "plan/name.hpp"
#include "plan/plan.hpp"

namespace sluice::tests {

struct PlanInput {
  model::Schema before, after;
  plan::PropertyNames properties;
  diff::Answers answers;
  plan::Options options;
};

// Evaluates the TypeScript; this takes most of a test's time.
PlanInput read_plan_input(const CaseFile& file);

}  // namespace sluice::tests
