# Every third-party library, once. Modules name these targets in LIBS.
# Static archives where Debian ships them, so that the binary stands alone.
set(Boost_USE_STATIC_LIBS ON)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS json url)
set(OPENSSL_USE_STATIC_LIBS ON)
find_package(OpenSSL 3 REQUIRED)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

# A header-and-archive library that has no CMake package of its own.
function(plimsoll_archive name header)
  find_path(${name}_INCLUDE ${header} REQUIRED)
  add_library(${name} INTERFACE)
  target_include_directories(${name} SYSTEM INTERFACE ${${name}_INCLUDE})
  foreach(archive IN LISTS ARGN)
    find_library(${name}_${archive} NAMES lib${archive}.a REQUIRED)
    target_link_libraries(${name} INTERFACE ${${name}_${archive}})
  endforeach()
endfunction()

plimsoll_archive(hyperscan hs/hs.h hs)
plimsoll_archive(re2 re2/re2.h re2)
target_link_libraries(re2 INTERFACE Threads::Threads)
plimsoll_archive(yamlcpp yaml-cpp/yaml.h yaml-cpp)
plimsoll_archive(zlib zlib.h z)
plimsoll_archive(zstd zstd.h zstd)
plimsoll_archive(brotli brotli/decode.h brotlienc brotlidec brotlicommon)
plimsoll_archive(nghttp2 nghttp2/nghttp2.h nghttp2)
plimsoll_archive(jemalloc jemalloc/jemalloc.h jemalloc_pic)
plimsoll_archive(sqlite sqlite3.h sqlite3)
plimsoll_archive(icu unicode/normalizer2.h icuuc icudata)

# Loaded at need, never linked: only its header is needed.
find_path(LIBPQ_INCLUDE libpq-fe.h PATH_SUFFIXES postgresql REQUIRED)

if(PLIMSOLL_TESTS)
  find_package(GTest REQUIRED)
endif()
