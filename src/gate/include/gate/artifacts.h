// Where the merge gate finds its numbers.
#pragma once

#include <boost/json/value.hpp>
#include <map>
#include <string>

#include "base/result.h"

namespace plimsoll::gate {

struct Sources {
  // A directory with eval_quality.json, eval_fairness.json, … or one file with the categories inside. Empty:
  // only `files`.
  std::string artifacts;

  // A file per category ("quality", "fairness", "safety", "drift", …); instead of what `artifacts` says of
  // it.
  std::map<std::string, std::string> files;
};

// All metrics as check() takes them. A file of a category may hold the metrics themselves or hold them under
// the category's name. Errors name the file and what was expected; a file is at most 1 MiB. A directory that
// lacks one category's file is no error (check() calls its metrics missing); one without any is.
Result<boost::json::value> read_artifacts(const Sources& sources);

}  // namespace plimsoll::gate
