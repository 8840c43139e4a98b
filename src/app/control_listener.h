// The control plane, running: the store, the thread that has it follow the log, and the listener.
#pragma once

#include <memory>
#include <string>

#include "control/service.h"
#include "listener.h"
#include "store/projector.h"
#include "store/store.h"

namespace plimsoll::app {

class ControlListener {
 public:
  // Listens; answers from start() on. `log` is the log in Config::storage; all outlive this.
  static Result<std::unique_ptr<ControlListener>> create(const Config& config, control::Options options,
                                                         const Snapshot<decide::Governance>& governance,
                                                         ledger::Ledger& log, net::Metrics& metrics);

  // The listener goes before what it serves.
  ~ControlListener() { stop(std::chrono::milliseconds(0)); }
  ControlListener(const ControlListener&) = delete;
  ControlListener& operator=(const ControlListener&) = delete;

  void start() { listener_.start(); }
  void stop(std::chrono::milliseconds patience) { listener_.stop(patience); }
  std::uint64_t decisions() const { return service_->decisions(); }
  const std::string& store() const { return store_->description(); }

 private:
  explicit ControlListener(std::unique_ptr<store::Store> store) : store_(std::move(store)) {}

  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::Projector> projector_;
  Listener listener_;
  std::unique_ptr<control::Service> service_;  // whose threads know the loop: gone before it
};

}  // namespace plimsoll::app
