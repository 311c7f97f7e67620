// A snapshot of drizzle-kit 1.0 from anywhere: read or refused with an Error, and what was read comes back from what is
// written of it.
#include <cstdint>
#include <cstdlib>

#include "base/error.hpp"
#include "history/dated.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice;
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    const history::Snapshots snapshots({{"20260101000000_a", text}}, "");
    snapshots.check();
    const model::Rows rows = snapshots.state();
    model::rows_of(model::schema_of(rows), rows);
    const std::string printed = history::print_dated_snapshot("9", "a", {}, {}, rows, {});
    const history::Snapshots again({{"20260101000000_a", printed}}, "");
    if (!model::same(again.state().to_json(), rows.to_json())) std::abort();
  } catch (const Error&) {
  }
  return 0;
}
