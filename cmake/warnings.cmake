# Warnings are errors; the sanitizers hang on the same target, so that every target of ours gets both.
add_library(sluice_warnings INTERFACE)
target_compile_options(sluice_warnings INTERFACE -Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor
  -Wold-style-cast -Wcast-qual -Woverloaded-virtual -Wconversion -Wno-sign-conversion -Wno-missing-field-initializers)
# g++ 12 at -O3 sees an overlap in every "literal" + std::string (GCC bug 105651) and an uninitialised text in every
# moved std::optional<std::string> (GCC bug 105562).
target_compile_options(sluice_warnings INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict$<SEMICOLON>-Wno-maybe-uninitialized>)
if(SLUICE_SANITIZE)
  # C is translated code only, and is not instrumented: any compiler will do.
  add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${SLUICE_SANITIZE};-fno-omit-frame-pointer;-fno-sanitize-recover=all>")
  # Half of the compile time for what the address sanitizer and the warnings see as well.
  if(SLUICE_SANITIZE MATCHES undefined)
    add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize=null,alignment,vptr,object-size>")
  endif()
  add_link_options(-fsanitize=${SLUICE_SANITIZE})
  # toml++ 3.3 asks whether letters such as U+030C are white space in a way that ends at an "unreachable" place; the answer
  # that comes out all the same is right.
  set_source_files_properties(src/cli/settings.cpp PROPERTIES COMPILE_OPTIONS -fno-sanitize=unreachable)
endif()
