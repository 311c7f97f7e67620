# Tests of the project itself: its layers, its format, and a program that uses it as a library.
find_program(SLUICE_CLANG_FORMAT clang-format-14)  # other versions format otherwise
mark_as_advanced(SLUICE_CLANG_FORMAT)

add_test(NAME layers COMMAND ${PROJECT_SOURCE_DIR}/tools/check_layers)
add_test(NAME layers.finds_faults COMMAND ${PROJECT_SOURCE_DIR}/tools/check_layers --self-test)
if(SLUICE_CLANG_FORMAT)
  add_test(NAME format COMMAND ${PROJECT_SOURCE_DIR}/tools/format --check)
  set_tests_properties(format PROPERTIES LABELS check)
endif()
set_tests_properties(layers layers.finds_faults PROPERTIES LABELS check)
if(SLUICE_DOXYGEN)
  # The reference of the C++ library: a warning is an error.
  add_test(NAME reference COMMAND ${SLUICE_DOXYGEN} ${PROJECT_BINARY_DIR}/Doxyfile WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(reference PROPERTIES LABELS check)
endif()

add_test(NAME consumer COMMAND ${CMAKE_COMMAND}
  -D build=${PROJECT_BINARY_DIR} -D source=${PROJECT_SOURCE_DIR}/tests/consumer -D version=${PROJECT_VERSION}
  -D generator=${CMAKE_GENERATOR} -D compiler=${CMAKE_CXX_COMPILER} -D sanitize=${SLUICE_SANITIZE}
  -P ${PROJECT_SOURCE_DIR}/tests/consumer/run.cmake)
set_tests_properties(consumer PROPERTIES LABELS package)

# What a package has: needs what the tests need of npm.
add_test(NAME package COMMAND ${SLUICE_NODE} ${PROJECT_SOURCE_DIR}/tests/package/run.mjs ${PROJECT_BINARY_DIR})
set_tests_properties(package PROPERTIES LABELS package)
