#include "net/metrics.h"

#include <gtest/gtest.h>

namespace plimsoll::net {
namespace {

TEST(Metrics, WritesTheTextFormat) {
  Metrics metrics;
  metrics.counter("c_total", "Counts.", {{"a", "x\"y"}}).add(3);
  metrics.gauge("g", "Level.", [] { return Metrics::Samples{{{}, 0.5}}; });
  auto& h = metrics.histogram("h_seconds", "Times.", {0.1, 1});
  h.observe(0.1);
  h.observe(0.5);
  h.observe(5);
  EXPECT_EQ(metrics.to_prometheus(),
            "# HELP c_total Counts.\n# TYPE c_total counter\nc_total{a=\"x\\\"y\"} 3\n"
            "# HELP g Level.\n# TYPE g gauge\ng 0.5\n"
            "# HELP h_seconds Times.\n# TYPE h_seconds histogram\n"
            "h_seconds_bucket{le=\"0.1\"} 1\nh_seconds_bucket{le=\"1\"} 2\nh_seconds_bucket{le=\"+Inf\"} 3\n"
            "h_seconds_sum 5.6\nh_seconds_count 3\n");
}

}  // namespace
}  // namespace plimsoll::net
