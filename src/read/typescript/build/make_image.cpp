// Build step: make_image ESBUILD DRIZZLE-FOLDER PLATFORM.js REGISTRY.txt EXTRACT.js OUTPUT
#include <cstdio>
#include <exception>

#include "base/error.hpp"
#include "base/files.hpp"
#include "read/typescript/drizzle_image.hpp"
#include "read/typescript/engine.hpp"

int main(int argc, char** argv) {
  using namespace sluice;
  if (argc != 7) {
    std::fprintf(stderr, "usage: make_image ESBUILD DRIZZLE-FOLDER PLATFORM.js REGISTRY.txt EXTRACT.js OUTPUT\n");
    return 2;
  }
  try {
    const std::string platform = files::read(argv[3]), registry = files::read(argv[4]), extract = files::read(argv[5]);
    const std::string image = read::make_drizzle_image(argv[2], read::Esbuild(argv[1]), {platform, registry, extract});
    files::write_atomically(argv[6], image);
    return 0;
  } catch (const read::ScriptError& error) {
    std::fprintf(stderr, "make_image: %s\n%s\n", error.what(), error.stack.c_str());
  } catch (const Error& error) {
    std::fprintf(stderr, "make_image: %s\n%s\n", error.what(), error.context.detail.c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_image: %s\n", error.what());
  }
  return 1;
}
