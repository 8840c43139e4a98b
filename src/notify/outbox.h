// Notices that are to be delivered: a file each, so that a crash loses none.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gatherer.h"

namespace plimsoll::notify {

// What files are written and removed with; another one in tests.
class Files {
 public:
  virtual ~Files() = default;
  virtual Result<void> replace(const std::string& path, std::string_view bytes);
  virtual void remove(const std::string& path);
};

struct Item {
  std::string destination;
  Notice notice;
  Time created;
  Time next;  // not tried before
  unsigned attempts = 0;
  int status = 0;  // of the last answer
};

// FOLDER/<destination>/<id>.json. One thread's.
class Outbox {
 public:
  struct Limits {
    std::size_t notices = 1'000;    // for one destination
    std::size_t bytes = 8U << 20U;  // for one destination
  };
  // Reads what is there. What cannot be read is set aside as <id>.json.bad. kUnavailable: the folder cannot be used.
  static Result<Outbox> open(std::string folder, Files& files, Limits limits);

  // Keeps a notice; of one that is there already nothing changes. The oldest ones are dropped where there are too many.
  Result<void> put(const Addressed& addressed, Time now);
  // What may be tried now: the one tried least often, then the oldest. nullptr: none.
  const Item* next(const std::string& destination, Time now) const;
  // It may have been dropped while it was on its way.
  bool has(const std::string& destination, const std::string& id) const;
  // It was tried in vain.
  void failed(const std::string& destination, const std::string& id, int status, Time next);
  // It is over. Its file stays until somebody removes it, so that what is recorded of it is on disk first.
  Item take(const std::string& destination, const std::string& id);
  std::string path_of(const std::string& destination, const std::string& id) const;
  // Those that were dropped since the last call, or are for none of these destinations; their files are still there.
  std::vector<Item> dropped(std::span<const Destination> destinations);

  std::size_t size(const std::string& destination) const;

 private:
  Outbox(std::string folder, Files& files, Limits limits)
      : folder_(std::move(folder)), files_(&files), limits_(limits) {}
  struct Kept {
    Item item;
    std::size_t bytes = 0;
  };
  struct Lane {
    std::map<std::string, Kept> items;  // by id, which sorts by age
    std::size_t bytes = 0;
  };
  void read_lane(const std::string& name, const std::filesystem::path& directory);
  Result<void> write(Kept& kept);

  std::string folder_;
  Files* files_;
  Limits limits_;
  std::map<std::string, Lane> lanes_;
  std::vector<Item> dropped_;
};

}  // namespace plimsoll::notify
