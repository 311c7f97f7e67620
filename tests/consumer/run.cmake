# Installs what is built in `build` to a directory of its own, then configures, builds and runs the consumer with it.
set(work ${build}/consumer)
file(REMOVE_RECURSE ${work})

function(run)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

run(${CMAKE_COMMAND} --install ${build} --prefix ${work}/prefix)
run(${CMAKE_COMMAND} -G ${generator} -S ${source} -B ${work}/build -D CMAKE_CXX_COMPILER=${compiler}
  -D CMAKE_BUILD_TYPE=Debug -D CMAKE_PREFIX_PATH=${work}/prefix -D sanitize=${sanitize})
run(${CMAKE_COMMAND} --build ${work}/build)

run(${work}/build/consumer)
string(STRIP "${output}" output)
if(NOT output STREQUAL version)
  message(FATAL_ERROR "the consumer prints '${output}', not the version ${version}")
endif()
run(${work}/prefix/bin/sluice --version)
if(NOT output MATCHES "${version}")
  message(FATAL_ERROR "the installed sluice --version prints '${output}'")
endif()
