#include "duckdb_library.h"

#include <dlfcn.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

namespace plimsoll::store::duckdb {
namespace {

std::vector<std::string> places() {
  std::error_code error;
  const auto folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  if (error) return {};
  std::vector<std::string> out;
  for (const char* place : {"libduckdb.so", "../lib/plimsoll/libduckdb.so", "../duckdb/libduckdb.so"})
    out.push_back((folder / place).lexically_normal());
  return out;
}

std::string why_not() {
  const char* text = ::dlerror();
  return text == nullptr ? "unknown error" : text;
}

Result<void*> find_library(const std::string& path) {
  constexpr int kMode = RTLD_NOW | RTLD_LOCAL;
  std::error_code error;
  if (!path.empty()) {
    if (!std::filesystem::exists(path, error))
      return fail(Code::kNotFound, path + ": there is no such file; it must be DuckDB's libduckdb.so");
    if (void* handle = ::dlopen(std::filesystem::absolute(path).c_str(), kMode)) return handle;
    return fail(Code::kInvalid, "not a library that can be loaded: " + why_not());
  }
  std::string looked;
  for (const std::string& place : places()) {
    if (std::filesystem::exists(place, error)) {
      if (void* handle = ::dlopen(place.c_str(), kMode)) return handle;
      return fail(Code::kInvalid, "not a library that can be loaded: " + why_not());
    }
    looked += (looked.empty() ? "" : ", ") + place;
  }
  if (void* handle = ::dlopen("libduckdb.so", kMode)) return handle;
  return fail(Code::kNotFound, "DuckDB's library is not there; looked for " + looked +
                                   "; put libduckdb.so into one of these places (scripts/setup does)");
}

// Looks functions up by their names; the first that is not there.
class Symbols {
 public:
  explicit Symbols(void* handle) : handle_(handle) {}
  template <class Function>
  void find(const char* name, Function*& function) {
    void* found = ::dlsym(handle_, ("duckdb_" + std::string(name)).c_str());
    if (found == nullptr && missing.empty()) missing = name;
    function = reinterpret_cast<Function*>(found);
  }
  std::string missing;

 private:
  void* handle_;
};

Result<std::unique_ptr<const Library>> load_now(const std::string& path) {
  auto handle = find_library(path);
  if (!handle) return std::unexpected(std::move(handle).error());
  auto out = std::make_unique<Library>();
  Symbols symbols(*handle);
  symbols.find("library_version", out->library_version);
  symbols.find("free", out->free);
  symbols.find("create_config", out->create_config);
  symbols.find("set_config", out->set_config);
  symbols.find("destroy_config", out->destroy_config);
  symbols.find("open_ext", out->open_ext);
  symbols.find("close", out->close);
  symbols.find("connect", out->connect);
  symbols.find("disconnect", out->disconnect);
  symbols.find("interrupt", out->interrupt);
  symbols.find("prepare", out->prepare);
  symbols.find("prepare_error", out->prepare_error);
  symbols.find("destroy_prepare", out->destroy_prepare);
  symbols.find("bind_int64", out->bind_int64);
  symbols.find("bind_double", out->bind_double);
  symbols.find("bind_varchar_length", out->bind_varchar_length);
  symbols.find("bind_null", out->bind_null);
  symbols.find("pending_prepared", out->pending_prepared);
  symbols.find("pending_execute_task", out->pending_execute_task);
  symbols.find("pending_error", out->pending_error);
  symbols.find("execute_pending", out->execute_pending);
  symbols.find("destroy_pending", out->destroy_pending);
  symbols.find("result_error", out->result_error);
  symbols.find("destroy_result", out->destroy_result);
  symbols.find("column_count", out->column_count);
  symbols.find("column_type", out->column_type);
  symbols.find("fetch_chunk", out->fetch_chunk);
  symbols.find("destroy_data_chunk", out->destroy_data_chunk);
  symbols.find("data_chunk_get_size", out->data_chunk_get_size);
  symbols.find("data_chunk_get_vector", out->data_chunk_get_vector);
  symbols.find("vector_get_data", out->vector_get_data);
  symbols.find("vector_get_validity", out->vector_get_validity);
  symbols.find("appender_create", out->appender_create);
  symbols.find("appender_error", out->appender_error);
  symbols.find("appender_destroy", out->appender_destroy);
  symbols.find("appender_close", out->appender_close);
  symbols.find("appender_end_row", out->appender_end_row);
  symbols.find("append_int64", out->append_int64);
  symbols.find("append_varchar_length", out->append_varchar_length);
  symbols.find("append_null", out->append_null);
  if (!symbols.missing.empty())
    return fail(Code::kInvalid, "not DuckDB 1.1 or newer: the library has no duckdb_" + symbols.missing);
  return out;
}

}  // namespace

Result<const Library*> load(const std::string& path) {
  static std::mutex mutex;
  static std::unique_ptr<const Library> library;
  const std::scoped_lock lock(mutex);
  if (library == nullptr) {
    auto loaded = load_now(path);
    if (!loaded) return std::unexpected(std::move(loaded).error());
    library = *std::move(loaded);
  }
  return library.get();
}

}  // namespace plimsoll::store::duckdb
