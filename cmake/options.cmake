# Flags that every target of the project shares. Warnings are errors.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror
                    -fno-omit-frame-pointer)
add_link_options(-fuse-ld=lld-19)

set(PLIMSOLL_SANITIZE "" CACHE STRING "Comma-separated sanitizers, e.g. address,undefined")
if(PLIMSOLL_SANITIZE)
  add_compile_options(-fsanitize=${PLIMSOLL_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${PLIMSOLL_SANITIZE})
endif()
if(PLIMSOLL_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
