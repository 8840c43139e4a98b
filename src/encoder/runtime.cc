#include "runtime.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <utility>

namespace plimsoll::encoder {
namespace {

// Version 17 of the table, of ONNX Runtime 1.17, has all of them.
constexpr std::uint32_t kTableVersion = 17;
constexpr std::size_t kMaxInputs = 3;
constexpr std::size_t kMaxOutputs = 1024;

enum Slot : std::size_t {
  kGetErrorMessage = 2,
  kCreateEnv = 3,
  kCreateSessionFromArray = 8,
  kRun = 9,
  kCreateSessionOptions = 10,
  kSetSessionLogSeverityLevel = 22,
  kSetIntraOpNumThreads = 24,
  kSessionGetInputCount = 30,
  kSessionGetOutputCount = 31,
  kSessionGetInputName = 36,
  kSessionGetOutputName = 37,
  kCreateTensorWithDataAsOrtValue = 49,
  kIsTensor = 50,
  kGetTensorMutableData = 51,
  kGetTensorElementType = 60,
  kGetDimensionsCount = 61,
  kGetDimensions = 62,
  kGetTensorTypeAndShape = 65,
  kCreateCpuMemoryInfo = 69,
  kAllocatorFree = 76,
  kGetAllocatorWithDefaultOptions = 78,
  kReleaseEnv = 92,
  kReleaseStatus = 93,
  kReleaseMemoryInfo = 94,
  kReleaseSession = 95,
  kReleaseValue = 96,
  kReleaseTensorTypeAndShapeInfo = 99,
  kReleaseSessionOptions = 100,
};

// Of the API's enumerations.
constexpr int kLogFatal = 4;
constexpr int kFloat = 1;
constexpr int kInt64 = 7;
constexpr int kArenaAllocator = 1;
constexpr int kDefaultMemory = 0;

// What OrtGetApiBase() points at.
struct ApiBase {
  void* const* (*get_api)(std::uint32_t version);
  const char* (*get_version)();
};

std::vector<std::string> places() {
#if defined(__aarch64__)
  constexpr std::string_view kProcessor = "arm64";
#else
  constexpr std::string_view kProcessor = "x64";
#endif
  std::vector<std::string> out;
  for (const std::string_view folder :
       {"node_modules", "/usr/local/lib/node_modules", "/usr/lib/node_modules"})
    out.push_back(std::string(folder) + "/onnxruntime-node/bin/napi-v6/linux/" + std::string(kProcessor) +
                  "/libonnxruntime.so.1");
  for (const char* folder : {"/usr/local/lib", "/usr/lib"})
    out.push_back(std::string(folder) + "/libonnxruntime.so.1");
  return out;
}

std::string why_not() {
  const char* text = ::dlerror();
  return text == nullptr ? "unknown error" : text;
}

// The library's handle, and where it was.
Result<std::pair<void*, std::string>> find_library(const std::string& path) {
  constexpr int kMode = RTLD_NOW | RTLD_LOCAL;
  if (!path.empty()) {
    if (!std::filesystem::exists(path))
      return fail(Code::kNotFound, path + ": there is no such file; 'runtime' must name libonnxruntime.so");
    if (void* handle = ::dlopen(path.c_str(), kMode)) return std::pair(handle, path);
    return fail(Code::kInvalid, "not a library that can be loaded: " + why_not());
  }
  std::string looked;
  for (const std::string& place : places()) {
    if (std::error_code error; std::filesystem::exists(place, error)) {
      if (void* handle = ::dlopen(std::filesystem::absolute(place).c_str(), kMode))
        return std::pair(handle, place);
      return fail(Code::kInvalid, "not a library that can be loaded: " + why_not());
    }
    looked += (looked.empty() ? "" : ", ") + place;
  }
  const char* const name = "libonnxruntime.so.1";
  if (void* handle = ::dlopen(name, kMode)) return std::pair(handle, std::string(name));
  return fail(Code::kNotFound, "ONNX Runtime is not installed; looked for " + looked +
                                   "; install it or set 'runtime' to the path of libonnxruntime.so");
}

}  // namespace

Result<std::shared_ptr<const Runtime>> Runtime::load(const std::string& path) {
  auto found = find_library(path);
  if (!found) return std::unexpected(std::move(found).error());
  std::shared_ptr<Runtime> out(new Runtime);
  out->path_ = found->second;
  using GetBase = const ApiBase* (*)();
  const auto get_base = reinterpret_cast<GetBase>(::dlsym(found->first, "OrtGetApiBase"));
  if (get_base == nullptr)
    return fail(Code::kInvalid, out->path_ + ": a library, but not ONNX Runtime: it has no OrtGetApiBase");
  const ApiBase* base = get_base();
  out->version_ = base->get_version();
  // An older one prints a complaint of its own and gives nothing.
  out->table_ = base->get_api(kTableVersion);
  if (out->table_ == nullptr)
    return fail(Code::kInvalid, out->path_ + ": ONNX Runtime " + std::string(out->version_) +
                                    " is too old; 1.17 or newer is wanted");
  auto made =
      out->check(out->call<int, const char*, void**>(kCreateEnv, kLogFatal, "plimsoll", &out->environment_));
  if (made)
    made = out->check(
        out->call<int, int, void**>(kCreateCpuMemoryInfo, kArenaAllocator, kDefaultMemory, &out->memory_));
  if (!made) return std::unexpected(std::move(made).error().in(out->path_));
  return out;
}

Runtime::~Runtime() {
  if (table_ == nullptr) return;
  release(kReleaseMemoryInfo, memory_);
  release(kReleaseEnv, environment_);
}

Result<void> Runtime::check(void* status) const {
  if (status == nullptr) return {};
  const char* message = reinterpret_cast<const char* (*)(const void*)>(table_[kGetErrorMessage])(status);
  std::string text(message == nullptr ? "no reason given" : message);
  release(kReleaseStatus, status);
  if (text.size() > 300) text = text.substr(0, 300) + "…";
  std::ranges::replace(text, '\n', ' ');
  return fail(Code::kInvalid, "ONNX Runtime says: " + std::move(text));
}

Result<std::unique_ptr<Session>> Runtime::open(std::string_view model) const {
  std::unique_ptr<Session> out(new Session(*this));
  void* options = nullptr;
  auto done = check(call<void**>(kCreateSessionOptions, &options));
  if (done) done = check(call<void*, int>(kSetSessionLogSeverityLevel, options, kLogFatal));
  if (done) done = check(call<void*, int>(kSetIntraOpNumThreads, options, 1));
  if (done)
    done = check(call<const void*, const void*, std::size_t, const void*, void**>(
        kCreateSessionFromArray, environment_, model.data(), model.size(), options, &out->session_));
  release(kReleaseSessionOptions, options);
  if (!done) return std::unexpected(std::move(done).error());

  std::size_t inputs = 0;
  std::size_t outputs = 0;
  done = check(call<const void*, std::size_t*>(kSessionGetInputCount, out->session_, &inputs));
  if (done) done = check(call<const void*, std::size_t*>(kSessionGetOutputCount, out->session_, &outputs));
  if (!done) return std::unexpected(std::move(done).error());
  if (inputs == 0 || inputs > kMaxInputs || outputs == 0)
    return fail(Code::kInvalid, "the model has " + std::to_string(inputs) + " inputs and " +
                                    std::to_string(outputs) +
                                    " outputs; an encoder has 1 to 3, and an output");
  void* allocator = nullptr;
  done = check(call<void**>(kGetAllocatorWithDefaultOptions, &allocator));
  const auto read_name = [&](Slot slot, std::size_t i, std::string& name) {
    char* text = nullptr;
    done = check(call<const void*, std::size_t, void*, char**>(slot, out->session_, i, allocator, &text));
    if (!done) return;
    name = text;
    done = check(call<void*, void*>(kAllocatorFree, allocator, text));
  };
  out->inputs_.resize(inputs);
  for (std::size_t i = 0; i < inputs && done; ++i) read_name(kSessionGetInputName, i, out->inputs_[i]);
  if (done) read_name(kSessionGetOutputName, 0, out->output_);
  if (!done) return std::unexpected(std::move(done).error());
  return out;
}

Session::~Session() {
  runtime_.release(kReleaseSession, session_);
}

Result<std::vector<float>> Session::run(std::span<const std::span<std::int64_t>> values) const {
  std::array<void*, kMaxInputs> tensors{};
  std::array<const char*, kMaxInputs> names{};
  Result<void> done;
  for (std::size_t i = 0; i < values.size() && done; ++i) {
    names[i] = inputs_[i].c_str();
    const std::array<std::int64_t, 2> shape{1, static_cast<std::int64_t>(values[i].size())};
    done = runtime_.check(
        runtime_.call<const void*, void*, std::size_t, const std::int64_t*, std::size_t, int, void**>(
            kCreateTensorWithDataAsOrtValue, runtime_.memory_, values[i].data(), values[i].size_bytes(),
            shape.data(), shape.size(), kInt64, &tensors[i]));
  }
  void* output = nullptr;
  const char* wanted = output_.c_str();
  if (done)
    done = runtime_.check(runtime_.call<void*, const void*, const char* const*, const void* const*,
                                        std::size_t, const char* const*, std::size_t, void**>(
        kRun, session_, nullptr, names.data(), tensors.data(), values.size(), &wanted, 1, &output));
  auto out = done ? read(output) : Result<std::vector<float>>(std::unexpected(std::move(done).error()));
  for (void* tensor : tensors) runtime_.release(kReleaseValue, tensor);
  runtime_.release(kReleaseValue, output);
  return out;
}

Result<std::vector<float>> Session::read(void* output) const {
  int tensor = 0;
  if (auto done = runtime_.check(runtime_.call<const void*, int*>(kIsTensor, output, &tensor)); !done)
    return std::unexpected(std::move(done).error());
  if (tensor == 0) return fail(Code::kInvalid, "the model's first output is not a tensor");
  void* shape = nullptr;
  int type = 0;
  std::size_t rank = 0;
  std::array<std::int64_t, 2> sizes{};
  auto done = runtime_.check(runtime_.call<const void*, void**>(kGetTensorTypeAndShape, output, &shape));
  if (done) done = runtime_.check(runtime_.call<const void*, int*>(kGetTensorElementType, shape, &type));
  if (done)
    done = runtime_.check(runtime_.call<const void*, std::size_t*>(kGetDimensionsCount, shape, &rank));
  if (done && rank == sizes.size())
    done = runtime_.check(runtime_.call<const void*, std::int64_t*, std::size_t>(kGetDimensions, shape,
                                                                                 sizes.data(), sizes.size()));
  runtime_.release(kReleaseTensorTypeAndShapeInfo, shape);
  if (!done) return std::unexpected(std::move(done).error());
  if (type != kFloat || rank != sizes.size() || sizes[0] != 1 || sizes[1] < 1 ||
      sizes[1] > static_cast<std::int64_t>(kMaxOutputs))
    return fail(Code::kInvalid, "the model's first output is not a row of floats, one for each label");
  void* data = nullptr;
  done = runtime_.check(runtime_.call<void*, void**>(kGetTensorMutableData, output, &data));
  if (!done) return std::unexpected(std::move(done).error());
  const auto* first = static_cast<const float*>(data);
  return std::vector<float>(first, first + sizes[1]);
}

}  // namespace plimsoll::encoder
