# plimsoll_module(name [THREADS] HEADERS … SOURCES … TESTS … FUZZERS … DEPS … LIBS … PUBLIC_LIBS …)
#
# One static library per folder of src/. A module may depend only on modules
# listed above it in src/CMakeLists.txt: anything else stops the configure step,
# and a header of an undeclared module is not on the include path.
#   HEADERS      public headers, found in include/<name>/
#   TESTS        *_test.cc, linked into one program <name>_test
#   THREADS      its tests run several threads: only such modules are tested under the thread sanitizer
#   FUZZERS      fuzz_*.cc, one libFuzzer program each (PLIMSOLL_FUZZERS=ON)
#   DEPS         modules            LIBS, PUBLIC_LIBS   third-party targets
function(plimsoll_module name)
  cmake_parse_arguments(M "THREADS" "" "HEADERS;SOURCES;TESTS;FUZZERS;DEPS;LIBS;PUBLIC_LIBS" ${ARGN})
  if(M_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${name}: unknown arguments ${M_UNPARSED_ARGUMENTS}")
  endif()
  foreach(dep IN LISTS M_DEPS)
    if(NOT TARGET ${dep})
      message(FATAL_ERROR "${name} may depend only on modules listed above it; '${dep}' is not")
    endif()
  endforeach()

  add_library(${name} STATIC ${M_SOURCES})
  list(TRANSFORM M_HEADERS PREPEND include/${name}/)
  target_sources(${name} PUBLIC FILE_SET HEADERS BASE_DIRS include FILES ${M_HEADERS})
  target_link_libraries(${name} PUBLIC ${M_DEPS} ${M_PUBLIC_LIBS} PRIVATE ${M_LIBS})

  if(PLIMSOLL_TESTS AND M_TESTS AND (M_THREADS OR NOT PLIMSOLL_SANITIZE STREQUAL "thread"))
    add_executable(${name}_test ${M_TESTS})
    target_link_libraries(${name}_test PRIVATE ${name} ${M_LIBS} GTest::gmock GTest::gtest_main)
    target_include_directories(${name}_test PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    target_compile_definitions(${name}_test PRIVATE PLIMSOLL_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    add_test(NAME ${name} COMMAND ${name}_test)
    if(NOT TARGET unit_tests)
      add_custom_target(unit_tests)
    endif()
    add_dependencies(unit_tests ${name}_test)
    set_tests_properties(${name} PROPERTIES LABELS unit)
    if(PLIMSOLL_SANITIZE)  # what is tested is compiled as it is used; how, need not be fast
      target_compile_options(${name}_test PRIVATE -O0)
    endif()
  endif()

  if(PLIMSOLL_FUZZERS)
    foreach(source IN LISTS M_FUZZERS)
      get_filename_component(fuzzer ${source} NAME_WE)
      add_executable(${name}_${fuzzer} ${source})
      target_link_libraries(${name}_${fuzzer} PRIVATE ${name} ${M_LIBS})
      target_link_options(${name}_${fuzzer} PRIVATE -fsanitize=fuzzer)
      set_target_properties(${name}_${fuzzer} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
    endforeach()
  endif()
endfunction()
