// ONNX Runtime, loaded when it is wanted: the few functions of its C API that are used, by their place in the API's
// table (onnxruntime_c_api.h, struct OrtApi, to which versions only append).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace plimsoll::encoder {

class Session;

// Immutable once loaded; one serves all threads. Must outlive its sessions. The library itself stays loaded: what it
// has set up in the process cannot be taken back.
class Runtime {
 public:
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  ~Runtime();

  // The library at `path`, or, where that is empty, the first that is found: as the loader finds it, below
  // node_modules/onnxruntime-node of the working directory, in /usr/local/lib and /usr/lib. kNotFound says where was
  // looked; kInvalid: it is no ONNX Runtime, or one older than 1.17.
  static Result<std::shared_ptr<const Runtime>> load(const std::string& path);

  const std::string& path() const { return path_; }
  std::string_view version() const { return version_; }

  // A model, from its bytes; files beside it are not read. kInvalid with the runtime's reason.
  Result<std::unique_ptr<Session>> open(std::string_view model) const;

 private:
  friend class Session;
  Runtime() = default;
  // What went wrong, or nothing; takes the status.
  Result<void> check(void* status) const;
  template <class... Parameters>
  void* call(std::size_t slot, Parameters... parameters) const {
    return reinterpret_cast<void* (*)(Parameters...)>(table_[slot])(parameters...);
  }
  void release(std::size_t slot, void* what) const {
    if (what != nullptr) reinterpret_cast<void (*)(void*)>(table_[slot])(what);
  }

  std::string path_;
  std::string_view version_;
  void* const* table_ = nullptr;
  void* environment_ = nullptr;
  void* memory_ = nullptr;
};

// A loaded model. run() may be called from several threads at once; each call computes on its caller's thread.
class Session {
 public:
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  const std::vector<std::string>& inputs() const { return inputs_; }

  // `values`: per input, in order, as many numbers each; given as tensors of [1, n] 64-bit integers. The first
  // output, which must be floats of the shape [1, k] for some k up to 1024. kInvalid: the model would not, or gave
  // something else.
  Result<std::vector<float>> run(std::span<const std::span<std::int64_t>> values) const;

 private:
  friend class Runtime;
  explicit Session(const Runtime& runtime) : runtime_(runtime) {}
  Result<std::vector<float>> read(void* output) const;

  const Runtime& runtime_;
  void* session_ = nullptr;
  std::vector<std::string> inputs_;
  std::string output_;
};

}  // namespace plimsoll::encoder
