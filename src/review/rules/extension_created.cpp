// The extension's files must be on the server, and the role must be allowed to install it: that differs between
// databases.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  const auto* extension = step.as<sql::Extension>();
  if (extension && extension->action == sql::Extension::Action::create)
    report.add("the extension " + extension->name + " is needed on every database");
}

}  // namespace

const Rule extension_created{
    "SL509",
    "extension-created",
    Level::note,
    "The extension's files must be on the server, and the role must be allowed to install it: that differs between "
    "databases.",
    "Try it on a database like production's; on hosted ones, look whether the extension is offered.",
    check};

}  // namespace sluice::review
