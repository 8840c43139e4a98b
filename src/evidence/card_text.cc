// Cards for people: Markdown, Hugging Face's card, a page; and the bias report.
#include <algorithm>

#include "evidence/card.h"

namespace plimsoll::evidence {
namespace {

constexpr std::string_view kMissing = "missing: no evidence says";

// Text of others that must stay text.
std::string markdown(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n' || c == '\r') {
      out += ' ';
      continue;
    }
    if (std::string_view("\\`*_{}[]<>#|!~&").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string quoted(std::string_view text) {  // a JSON string is a YAML one
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string interval(const CardMetric& m) {
  return m.lower && m.upper ? number_text(*m.lower) + " to " + number_text(*m.upper) : "not given";
}

std::string heading(const Card& card) {
  return (card.system ? "System card: " : "Model card: ") + card.name;
}

// The fields that lists show; measurements and controls have tables of their own.
std::vector<CardField> plain_fields(const Card& card) {
  auto fields = card_lines(card);
  std::erase_if(fields, [&](const CardField& f) {
    return f.name == "name" ||
           ((f.name == "performance_metrics" || f.name == "controls") && !f.values.empty());
  });
  return fields;
}

std::string body_markdown(const Card& card) {
  std::string out = "# " + markdown(heading(card)) + "\n\nVersion: " + markdown(card.version) + "\n";
  for (const auto& field : plain_fields(card)) {
    out.append("\n## ").append(field.title).append("\n\n");
    if (field.values.empty()) out.append("*").append(kMissing).append("*\n");
    for (const auto& value : field.values)
      out.append(field.values.size() > 1 ? "- " : "").append(markdown(value)).append("\n");
  }
  if (!card.metrics.empty()) {
    out +=
        "\n## Measurements\n\n| measurement | slice | value | interval | n | data | evidence "
        "|\n|---|---|---|---|---|---|---|\n";
    for (const auto& m : card.metrics)
      out.append("| ")
          .append(markdown(m.type))
          .append(" | ")
          .append(m.slice.empty() ? "whole" : markdown(m.slice))
          .append(" | ")
          .append(number_text(m.value))
          .append(" | ")
          .append(interval(m))
          .append(" | ")
          .append(m.n ? std::to_string(*m.n) : "not given")
          .append(" | ")
          .append(markdown(m.dataset))
          .append(" | ")
          .append(m.source.empty() ? "" : "`" + m.source.substr(0, 16) + "`")
          .append(" |\n");
  }
  if (!card.controls.empty()) {
    out += "\n## Controls\n\n| framework | control | conformance | rationale |\n|---|---|---|---|\n";
    for (const auto& c : card.controls)
      out.append("| ")
          .append(markdown(c.framework))
          .append(" | ")
          .append(markdown(c.title.empty() ? c.id : c.id + " " + c.title))
          .append(" | ")
          .append(c.conformance ? number_text(*c.conformance) : "not given")
          .append(" | ")
          .append(markdown(c.rationale))
          .append(" |\n");
  }
  out += "\n## Evidence\n\n";
  for (const auto& s : card.sources)
    out.append("- ")
        .append(markdown(s.artifact_type))
        .append(s.stored_at.empty() ? "" : ", " + s.stored_at)
        .append(s.id.empty() ? "" : ", `" + s.id + "`")
        .append(s.content_ref.empty() ? "" : ", " + markdown(s.content_ref))
        .append("\n");
  return out;
}

}  // namespace

std::string to_markdown(const Card& card) {
  return body_markdown(card);
}

std::string to_huggingface(const Card& card) {
  std::string out = "---\n";
  const auto one = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) out.append(key).append(": ").append(quoted(value)).append("\n");
  };
  const auto list = [&](std::string_view key, const std::vector<std::string>& values) {
    if (values.empty()) return;
    out.append(key).append(":\n");
    for (const auto& value : values) out.append("- ").append(quoted(value)).append("\n");
  };
  one("language", card.language);
  one("license", card.license);
  one("pipeline_tag", card.task);
  one("base_model", card.base_model);
  list("tags", card.tags);
  list("datasets", card.datasets);
  // A result must name its data set: measurements that do not are in the text only.
  std::vector<std::string> data;
  for (const auto& m : card.metrics)
    if (!m.dataset.empty() && std::ranges::find(data, m.dataset) == data.end()) data.push_back(m.dataset);
  if (!data.empty()) {
    out += "model-index:\n- name: " + quoted(card.name) + "\n  results:\n";
    for (const auto& dataset : data) {
      const std::string task = card.task.empty() ? "other" : card.task;
      out += "  - task:\n      type: " + quoted(task) + "\n    dataset:\n      type: " + quoted(dataset) +
             "\n      name: " + quoted(dataset) + "\n    metrics:\n";
      for (const auto& m : card.metrics) {
        if (m.dataset != dataset) continue;
        out += "    - type: " + quoted(m.type) + "\n      value: " + number_text(m.value) +
               "\n      name: " + quoted(m.slice.empty() ? m.type : m.type + " (" + m.slice + ")") + "\n";
        if (m.lower && m.upper)
          out += "      args:\n        confidence_interval: [" + number_text(*m.lower) + ", " +
                 number_text(*m.upper) + "]\n";
      }
    }
  }
  return out + "---\n\n" + body_markdown(card);
}

std::string to_html(const Card& card) {
  std::string out =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>" +
      html(heading(card)) +
      "</title><style>:root{color-scheme:light dark}body{font:16px/1.5 "
      "system-ui,sans-serif;max-width:60rem;margin:2rem "
      "auto;padding:0 "
      "1rem}h1{line-height:1.2}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:."
      "35rem "
      ".6rem;border-bottom:1px solid "
      "#8886;vertical-align:top}.scroll{overflow-x:auto}.missing{color:#b3261e;font-style:"
      "italic}code{font-size:.85em;overflow-wrap:anywhere}@media(prefers-color-scheme:dark){.missing{color:#"
      "ff8a80}}"
      "</style></head><body>\n<h1>" +
      html(heading(card)) + "</h1>\n<p>Version <strong>" + html(card.version) + "</strong></p>\n";
  if (!card.missing.empty()) {
    out += "<p class=\"missing\">" + std::to_string(card.missing.size()) + " of " +
           std::to_string(card_fields(card.system).size()) + " fields are missing.</p>\n";
  }
  for (const auto& field : plain_fields(card)) {
    out.append("<h2>").append(field.title).append("</h2>\n");
    if (field.values.empty())
      out.append("<p class=\"missing\">").append(kMissing).append("</p>\n");
    else if (field.values.size() == 1)
      out.append("<p>").append(html(field.values.front())).append("</p>\n");
    else
      out += "<ul>";
    if (field.values.size() > 1) {
      for (const auto& value : field.values) out.append("<li>").append(html(value)).append("</li>");
      out += "</ul>\n";
    }
  }
  if (!card.metrics.empty()) {
    out +=
        "<h2>Measurements</h2>\n<div "
        "class=\"scroll\"><table><thead><tr><th>Measurement<th>Slice<th>Value<th>Interval<th>n"
        "<th>Data<th>Evidence</thead><tbody>\n";
    for (const auto& m : card.metrics)
      out.append("<tr><td>")
          .append(html(m.type))
          .append("<td>")
          .append(m.slice.empty() ? "whole" : html(m.slice))
          .append("<td>")
          .append(number_text(m.value))
          .append("<td>")
          .append(interval(m))
          .append("<td>")
          .append(m.n ? std::to_string(*m.n) : "not given")
          .append("<td>")
          .append(html(m.dataset))
          .append("<td><code>")
          .append(html(m.source.substr(0, 16)))
          .append("</code>\n");
    out += "</tbody></table></div>\n";
  }
  if (!card.controls.empty()) {
    out +=
        "<h2>Controls</h2>\n<div "
        "class=\"scroll\"><table><thead><tr><th>Framework<th>Control<th>Conformance<th>Rationale"
        "</thead><tbody>\n";
    for (const auto& c : card.controls)
      out.append("<tr><td>")
          .append(html(c.framework))
          .append("<td>")
          .append(html(c.id + " " + c.title))
          .append("<td>")
          .append(c.conformance ? number_text(*c.conformance) : "not given")
          .append("<td>")
          .append(html(c.rationale))
          .append("\n");
    out += "</tbody></table></div>\n";
  }
  out += "<h2>Evidence</h2>\n<ul>";
  for (const auto& s : card.sources)
    out.append("<li>")
        .append(html(s.artifact_type))
        .append(s.stored_at.empty() ? "" : ", " + html(s.stored_at))
        .append(s.id.empty() ? "" : ", <code>" + html(s.id) + "</code>")
        .append("</li>");
  return out + "</ul>\n</body></html>\n";
}

std::string to_bias_markdown(const Card& card) {
  std::string out = "# Bias report: " + markdown(card.version) + "\n";
  const auto comparisons = compare_groups(card);
  if (comparisons.empty()) out += "\n*" + std::string(kMissing) + " anything about subgroups*\n";
  for (const auto& c : comparisons) {
    out += "\n## " + markdown(c.metric) + " by " + markdown(c.attribute) +
           "\n\n| group | value | interval | n |\n|---|---|---|---|\n";
    for (const auto* groups : {&c.groups, &c.too_small})
      for (const auto& m : *groups)
        out += "| " + markdown(m.slice) + (groups == &c.too_small ? " (too few to compare)" : "") + " | " +
               number_text(m.value) + " | " + interval(m) + " | " +
               (m.n ? std::to_string(*m.n) : "not given") + " |\n";
    if (c.groups.size() < 2) {
      out += "\nFewer than two groups are large enough to compare (" + std::to_string(kMinimumGroup) +
             " cases).\n";
      continue;
    }
    out += "\nLargest difference: " + number_text(c.difference) +
           (c.ratio ? "; smallest to largest: " + number_text(*c.ratio) : "") + "\n";
    if (c.adverse_impact)
      out += *c.adverse_impact
                 ? "\n**Below four fifths**: adverse impact under 29 CFR 1607.4(D) is indicated.\n"
                 : "\nNot below four fifths (29 CFR 1607.4(D)).\n";
  }
  return out;
}

}  // namespace plimsoll::evidence
