// One table says who may do what: it, the listeners and the page about it say the same.
#include "identity/permissions.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "control/service.h"
#include "gateway/gateway.h"
#include "res/service.h"

namespace plimsoll::identity {
namespace {

using Routes = std::vector<std::pair<std::string_view, std::string_view>>;

std::string name_of(std::string_view method, std::string_view path) {
  return std::string(method) + " " + std::string(path);
}

class Table : public testing::TestWithParam<Listener> {
 protected:
  static Routes served() {
    switch (GetParam()) {
      case Listener::kGateway:
        return gateway::Gateway::routes();
      case Listener::kEvidence:
        return res::Service::routes();
      case Listener::kControl:
        break;
    }
    return control::Service::routes();
  }
};

TEST_P(Table, HasEveryRouteThatIsServedAndNoOther) {
  std::set<std::string> served_names, listed;
  for (const auto& [method, path] : served()) served_names.insert(name_of(method, path));
  for (const auto& p : permissions())
    if (p.listener == GetParam())
      EXPECT_TRUE(listed.insert(name_of(p.method, p.path)).second)
          << name_of(p.method, p.path) << " is there twice";
  for (const auto& name : served_names)
    EXPECT_TRUE(listed.contains(name))
        << name << " of the listener '" << to_string(GetParam())
        << "' is served, and nobody may use it once authentication is on: add a row for it to kTable in "
           "src/identity/permissions.cc, and to docs/identity.md what `plimsoll roles` then prints";
  for (const auto& name : listed)
    EXPECT_TRUE(served_names.contains(name)) << name << " has a row in kTable, and is not served";
}

INSTANTIATE_TEST_SUITE_P(All, Table,
                         testing::Values(Listener::kGateway, Listener::kEvidence, Listener::kControl),
                         [](const auto& info) { return std::string(to_string(info.param)); });

TEST(Permissions, AreWhatThePageSays) {
  std::ifstream file(std::string(PLIMSOLL_SOURCE_DIR) + "/docs/identity.md");
  std::stringstream page;
  page << file.rdbuf();
  EXPECT_NE(page.str().find(permissions_as_markdown()), std::string::npos)
      << "docs/identity.md does not have the table as it is; `plimsoll roles` prints it";
}

TEST(Permissions, AreOpenOnlyWhereNothingIsToBeSeenOrDone) {
  for (const auto& p : permissions()) {
    EXPECT_EQ(p.open(), p.roles.empty()) << name_of(p.method, p.path);
    if (p.open()) EXPECT_EQ(p.method, "GET") << p.path;
    if (!p.open()) EXPECT_TRUE(p.roles.has(Role::kAdmin)) << name_of(p.method, p.path);
  }
}

TEST(Permissions, OfKeysAreTheAdministrators) {
  const auto* create = find_permission(Listener::kControl, "POST", "/keys");
  ASSERT_NE(create, nullptr);
  for (std::size_t i = 0; i < kRoleCount; ++i)
    EXPECT_EQ(create->roles.has(static_cast<Role>(i)), static_cast<Role>(i) == Role::kAdmin);
  EXPECT_EQ(find_permission(Listener::kGateway, "GET", "/nowhere"), nullptr);
}

}  // namespace
}  // namespace plimsoll::identity
