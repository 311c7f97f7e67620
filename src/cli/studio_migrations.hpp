// What the studio's page of migrations shows and does, by the steps of the other commands.
#pragma once

#include "cli/config.hpp"
#include "studio/studio.hpp"

namespace sluice::cli {

// `config` must outlive the result.
studio::Migrations studio_migrations(const Config& config);

}  // namespace sluice::cli
