// GET /v1/models: what the upstreams offer and the routes name.
#include <algorithm>
#include <boost/json/value.hpp>

#include "base/json.h"
#include "impl.h"
#include "wire/surfaces.h"

namespace plimsoll::gateway {
namespace {

constexpr std::size_t kMaxModels = 10'000;

struct Model {
  std::string id;
  std::int64_t created = 0;
};

// Both shapes have "data", a list of objects with an "id".
void add_models(const json::value& list, std::vector<Model>& models) {
  const auto* data = find_array(list, "data");
  if (data == nullptr) return;
  for (const json::value& item : *data) {
    const auto* id = find_string(item, "id");
    if (id == nullptr || id->size() > 256 || models.size() >= kMaxModels) continue;
    const json::value* created = find(item, "created");
    models.push_back(
        {std::string(*id), created != nullptr && created->is_int64() ? created->get_int64() : 0});
  }
}

json::value as_openai(const std::vector<Model>& models) {
  json::array data;
  for (const Model& m : models)
    data.push_back(
        json::object{{"id", m.id}, {"object", "model"}, {"created", m.created}, {"owned_by", "plimsoll"}});
  return json::object{{"object", "list"}, {"data", std::move(data)}};
}

json::value as_anthropic(const std::vector<Model>& models) {
  json::array data;
  for (const Model& m : models)
    data.push_back(json::object{
        {"type", "model"}, {"id", m.id}, {"display_name", m.id}, {"created_at", "1970-01-01T00:00:00Z"}});
  json::object list{
      {"data", std::move(data)}, {"has_more", false}, {"first_id", nullptr}, {"last_id", nullptr}};
  if (!models.empty()) {
    list["first_id"] = models.front().id;
    list["last_id"] = models.back().id;
  }
  return list;
}

const wire::Surface& api_of(bool anthropic) {
  return wire::surface(anthropic ? wire::Protocol::kMessages : wire::Protocol::kChat);
}

}  // namespace

net::Task<> Gateway::Impl::models(Passage& p) {
  std::vector<Model> models;
  for (auto& name : shared.upstreams.model_names()) models.push_back({std::move(name), 0});
  const route::Sending sending{
      .client = p.request().headers, .request_id = p.request_id, .instance = shared.options.instance};
  bool any = !models.empty();
  for (std::size_t i = 0; i < shared.upstreams.upstreams().size(); ++i) {
    auto out = router.list_models(i, sending);
    if (!out) continue;
    auto incoming = co_await send(p, i, *std::move(out));
    if (!incoming || (*incoming)->status() != 200) continue;
    auto body = co_await (*incoming)->read_all(4U << 20U);
    const auto list = body ? parse_json(*body) : Result<json::value>(std::unexpected(body.error()));
    if (!list) continue;
    any = true;
    add_models(*list, models);
  }
  if (!any) {
    auto problem = describe(Error{Code::kUnavailable, "no upstream told its models"});
    co_await answer_problem(p, wire::surface(wire::Protocol::kChat), std::move(problem));
    co_return;
  }
  std::ranges::sort(models, {}, &Model::id);
  models.erase(std::ranges::unique(models, {}, &Model::id).begin(), models.end());
  const bool anthropic = p.request().headers.has("anthropic-version");
  constexpr std::string_view kOne = "/v1/models/";
  if (p.request().path.starts_with(kOne)) {
    const auto id = std::string_view(p.request().path).substr(kOne.size());
    std::erase_if(models, [id](const Model& m) { return m.id != id; });
    if (models.empty()) {
      co_await answer_problem(p, api_of(anthropic),
                              {.kind = wire::ProblemKind::kInvalid,
                               .status = 404,
                               .message = "no upstream has this model",
                               .code = "model_not_found",
                               .param = "model"});
      co_return;
    }
    const auto list = anthropic ? as_anthropic(models) : as_openai(models);
    auto one = net::json_response(200, to_json(list.at("data").at(0)));
    co_await answer(p, std::move(one));
    co_return;
  }
  auto response = net::json_response(200, to_json(anthropic ? as_anthropic(models) : as_openai(models)));
  co_await answer(p, std::move(response));
}

}  // namespace plimsoll::gateway
