# What is installed, for whom: the component `program` for those who run sluice, `development` for C++ programs that say
# find_package(Sluice). Both become Debian packages by `make package`, the first also an archive. Include it after the targets are there.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(sluice_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Sluice)

install(TARGETS sluice_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
install(FILES cmake/debian/copyright DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/sluice COMPONENT program)
install(FILES cmake/debian/copyright DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/libsluice-dev COMPONENT development)

# What the program says of itself: completions where the shells look for them, its manual page; and what it is made of.
install(CODE "
  function(print file)
    set(path \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATAROOTDIR}/\${file}\")
    get_filename_component(folder \"\${path}\" DIRECTORY)
    file(MAKE_DIRECTORY \"\${folder}\")
    execute_process(COMMAND \${ARGN} OUTPUT_FILE \"\${path}\" COMMAND_ERROR_IS_FATAL ANY)
    message(STATUS \"Installing: \${path}\")
  endfunction()
  print(bash-completion/completions/sluice $<TARGET_FILE:sluice_cli> completion bash)
  print(zsh/vendor-completions/_sluice $<TARGET_FILE:sluice_cli> completion zsh)
  print(fish/vendor_completions.d/sluice.fish $<TARGET_FILE:sluice_cli> completion fish)
  print(man/man1/sluice.1 $<TARGET_FILE:sluice_cli> completion man)
  print(doc/sluice/sluice.cdx.json ${SLUICE_NODE} ${PROJECT_SOURCE_DIR}/tools/sbom)
" COMPONENT program)

# The library and what it is made of.
install(TARGETS sluice sluice_typescript_engine sluice_quickjs sluice_pgparser sluice_studio_page EXPORT SluiceTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(DIRECTORY include/sluice DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development FILES_MATCHING PATTERN *.hpp)
install(EXPORT SluiceTargets NAMESPACE Sluice:: DESTINATION ${sluice_cmake_dir} COMPONENT development)
configure_package_config_file(cmake/SluiceConfig.cmake.in SluiceConfig.cmake INSTALL_DESTINATION ${sluice_cmake_dir})
write_basic_package_version_file(SluiceConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/SluiceConfig.cmake ${PROJECT_BINARY_DIR}/SluiceConfigVersion.cmake
  cmake/SluiceFunctions.cmake cmake/SluiceEmbed.cmake DESTINATION ${sluice_cmake_dir} COMPONENT development)

# The library of a release has link-time optimisation's own format in it, which only the same compiler can read. For a
# package it holds machine code as well, which takes twice the time to compile.
option(SLUICE_FAT_OBJECTS "Build a library that any linker can use" OFF)
if(SLUICE_FAT_OBJECTS AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(sluice PRIVATE -ffat-lto-objects)
endif()

set(CPACK_PACKAGE_NAME sluice)
set(CPACK_PACKAGE_VENDOR "The Sluice authors")
set(CPACK_PACKAGE_CONTACT "The Sluice authors <maintainers@sluice.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_FILE_NAME sluice-${PROJECT_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_COMPONENTS_ALL program development)

set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
set(CPACK_ARCHIVE_PROGRAM_FILE_NAME sluice-${PROJECT_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME sluice)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS "libpq5")  # loaded when it is needed, so not found by SHLIBDEPS
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS "postgresql, postgresql-client")
set(CPACK_DEBIAN_PROGRAM_DESCRIPTION "Generates, reviews and applies migrations from a Drizzle schema, SQL files or
a schema in C++, and keeps the folder and the ledger of drizzle-kit.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libsluice-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
if(SLUICE_PORTABLE)
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libpq5")
else()
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libpq5, libfmt-dev")
endif()
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "Headers, static library and CMake package for C++ programs.")
include(CPack)
