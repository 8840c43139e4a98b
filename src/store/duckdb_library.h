// DuckDB's library, loaded when a store is opened: the few functions of its C API (duckdb.h of 1.1 and newer; functions
// are only ever added to it) that are used, by their names there.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace plimsoll::store::duckdb {

// The types of duckdb.h as the calls see them.
using Handle = void*;  // duckdb_database, duckdb_connection, …: pointers to what only DuckDB knows
using Count = std::uint64_t;
inline constexpr int kSuccess = 0;

struct Answer {  // duckdb_result
  Count column_count, row_count, rows_changed;
  void* columns;
  char* error_message;
  void* internal;
};
struct Text {  // duckdb_string_t
  std::uint32_t length;
  char start[4];
  const char* pointer;  // up to kInlineBytes stand in `start` and here instead
};
inline constexpr std::uint32_t kInlineBytes = 12;
static_assert(sizeof(Answer) == 48 && sizeof(Text) == 16);

enum Type : int {
  kBoolean = 1,
  kTinyint = 2,
  kSmallint = 3,
  kInteger = 4,
  kBigint = 5,
  kDouble = 11,
  kVarchar = 17
};
enum Pending : int { kReady = 0, kNotReady = 1, kFailed = 2, kNoTasks = 3 };

struct Library {
  const char* (*library_version)();
  void (*free)(void*);

  int (*create_config)(Handle*);
  int (*set_config)(Handle, const char* name, const char* value);
  void (*destroy_config)(Handle*);
  int (*open_ext)(const char* path, Handle*, Handle config, char** error);
  void (*close)(Handle*);
  int (*connect)(Handle, Handle*);
  void (*disconnect)(Handle*);
  void (*interrupt)(Handle);

  int (*prepare)(Handle, const char* sql, Handle*);
  const char* (*prepare_error)(Handle);
  void (*destroy_prepare)(Handle*);
  int (*bind_int64)(Handle, Count, std::int64_t);
  int (*bind_double)(Handle, Count, double);
  int (*bind_varchar_length)(Handle, Count, const char*, Count);
  int (*bind_null)(Handle, Count);
  int (*pending_prepared)(Handle, Handle*);
  int (*pending_execute_task)(Handle);
  const char* (*pending_error)(Handle);
  int (*execute_pending)(Handle, Answer*);
  void (*destroy_pending)(Handle*);

  const char* (*result_error)(Answer*);
  void (*destroy_result)(Answer*);
  Count (*column_count)(Answer*);
  int (*column_type)(Answer*, Count);
  Handle (*fetch_chunk)(Answer);
  void (*destroy_data_chunk)(Handle*);
  Count (*data_chunk_get_size)(Handle);
  Handle (*data_chunk_get_vector)(Handle, Count);
  void* (*vector_get_data)(Handle);
  std::uint64_t* (*vector_get_validity)(Handle);

  int (*appender_create)(Handle, const char* schema, const char* table, Handle*);
  const char* (*appender_error)(Handle);
  int (*appender_destroy)(Handle*);
  int (*appender_close)(Handle);
  int (*appender_end_row)(Handle);
  int (*append_int64)(Handle, std::int64_t);
  int (*append_varchar_length)(Handle, const char*, Count);
  int (*append_null)(Handle);
};

// The library at `path`, or, where that is empty, the first that is found: libduckdb.so beside the program, in
// ../lib/plimsoll and ../duckdb of there, or as the loader finds it. The first that was loaded serves the process, and
// stays. kNotFound says where was looked; kInvalid: it is no DuckDB, or one too old. Thread-safe.
Result<const Library*> load(const std::string& path);

}  // namespace plimsoll::store::duckdb
