#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <ostream>

#include "commands.h"
#include "evidence/card.h"
#include "net/client.h"
#include "policy/policy.h"

namespace plimsoll::app {
namespace {

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
        c == '.')
      out += c;
    else
      ((out += '%') += kHex[byte >> 4U]) += kHex[byte & 15U];
  }
  return out;
}

net::Task<> fetch(net::Client& client, const net::Origin& origin, std::string path,
                  Result<std::string>& out) {
  net::Headers headers;
  if (const char* token = std::getenv("PLIMSOLL_TOKEN"); token != nullptr)
    headers.add("Authorization", "Bearer " + std::string(token));
  auto answer = co_await client.send(origin, "GET", std::move(path), std::move(headers), {});
  if (!answer) {
    out = std::unexpected(std::move(answer).error());
    co_return;
  }
  auto body = co_await (*answer)->read_all(evidence::kMaxCardBytes);
  if ((*answer)->status() != 200)
    out = fail(Code::kUnavailable, "the service answered " + std::to_string((*answer)->status()));
  else
    out = std::move(body);
}

// All evidence about a model version that a service has, page by page, oldest first.
Result<std::vector<evidence::CardSource>> ask_service(const std::string& url, const std::string& model) {
  const auto origin = net::parse_origin(url);
  if (!origin) return std::unexpected(Error(origin.error()).in("--url"));
  boost::asio::io_context loop(1);
  const auto client = net::Client::create(loop, {});
  std::vector<evidence::CardSource> out;
  std::string cursor;
  do {
    const std::string path = "/evidence?order=asc&limit=500" +
                             (model.empty() ? "" : "&model=" + percent_encoded(model)) +
                             (cursor.empty() ? "" : "&cursor=" + cursor);
    Result<std::string> page = fail(Code::kInternal, "no answer");
    loop.restart();
    boost::asio::co_spawn(loop, fetch(*client, *origin, path, page), boost::asio::detached);
    while (!page && page.error().code == Code::kInternal && loop.run_one() > 0) {
    }
    if (!page) return std::unexpected(std::move(page).error().in(url));
    auto sources = evidence::read_card_sources(*page);
    if (!sources) return std::unexpected(std::move(sources).error().in(url));
    for (auto& source : *sources) out.push_back(std::move(source));
    const auto value = parse_json(*page, {.max_bytes = evidence::kMaxCardBytes, .max_depth = 64});
    const auto* next = find_string(*value, "next_cursor");
    cursor = next != nullptr ? std::string(*next) : std::string();
  } while (!cursor.empty() && out.size() < evidence::kMaxCardSources);
  return out;
}

Result<std::vector<evidence::CardSource>> read_files(const std::vector<std::string>& files) {
  std::vector<evidence::CardSource> out;
  for (const auto& path : files) {
    std::ifstream in(path, std::ios::binary);
    if (!in.is_open()) return fail(Code::kNotFound, path + ": cannot be read");
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    auto sources = evidence::read_card_sources(text);
    if (!sources) return std::unexpected(std::move(sources).error().in(path));
    for (auto& source : *sources) out.push_back(std::move(source));
  }
  return out;
}

}  // namespace

int make_card(const CardArgs& args, std::ostream& out, std::ostream& err) {
  auto sources = args.url.empty() ? read_files(args.files) : ask_service(args.url, args.model);
  const bool system = args.kind == "system";
  const auto card = sources ? evidence::make_card(*sources, args.model, system)
                            : Result<evidence::Card>(std::unexpected(sources.error()));
  if (!card) {
    err << card.error().message << '\n';
    return 2;
  }
  const auto known = evidence::card_fields(system);
  auto required = args.required;
  if (!args.policy.empty()) {
    const auto policy = policy::Policy::load(args.policy);
    if (!policy) {
      for (const auto& problem : policy.error()) err << policy::to_string(problem) << '\n';
      return 2;
    }
    if (const auto* list = find((*policy)->document(), "card_required"); list != nullptr && list->is_array())
      for (const auto& field : list->get_array()) required.emplace_back(field.get_string());
  }
  for (const auto& field : required)
    if (std::ranges::find(known, field) == known.end()) {
      err << "--require or card_required: " << field << ": no such field; there are:";
      for (const auto name : known) err << ' ' << name;
      err << '\n';
      return 2;
    }
  const auto text = args.kind == "bias"
                        ? (args.format == "json" ? to_bias_json(*card) : to_bias_markdown(*card))
                    : args.format == "cyclonedx"   ? to_cyclonedx(*card)
                    : args.format == "huggingface" ? to_huggingface(*card)
                    : args.format == "google"      ? to_google(*card)
                    : args.format == "html"        ? to_html(*card)
                                                   : to_markdown(*card);
  if (args.out.empty()) {
    out << text << (text.ends_with('\n') ? "" : "\n");
  } else {
    std::ofstream file(args.out, std::ios::binary);
    file << text;
    if (!file.flush()) {
      err << args.out << ": cannot be written\n";
      return 2;
    }
  }
  int status = 0;
  for (const auto& field : required) {
    if (std::ranges::find(card->missing, field) == card->missing.end()) continue;
    err << field << ": required, but no evidence says it\n";
    status = 1;
  }
  return status;
}

}  // namespace plimsoll::app
