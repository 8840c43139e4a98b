#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "commands.h"
#include "serve.h"
#include "yaml/fields.h"

namespace plimsoll::app {
namespace {

std::optional<std::string> from_process(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

// File, environment, then flags; what could not be read is told, all at once.
bool load(const std::string& file, Config& config) {
  std::vector<std::string> problems;
  if (!file.empty()) read_file(file, config, problems);
  read_environment(from_process, config, problems);
  for (const auto& problem : problems) std::cerr << problem << '\n';
  return problems.empty();
}

// Flags given on the command line; they win over everything.
struct ServeFlags {
  std::string config, policy, upstream, provider, storage, role = "all";
  std::uint16_t port = 0, evidence_port = 0, control_port = 0;
  unsigned workers = 0;
  bool insecure = false;

  void apply(Config& c) const {
    if (!policy.empty()) c.policy_file = policy;
    if (!upstream.empty()) c.upstream_url = upstream;
    if (!provider.empty()) c.provider = provider;
    if (!storage.empty()) c.storage = storage;
    if (port != 0) c.ports.gateway = port;
    if (evidence_port != 0) c.ports.evidence = evidence_port;
    if (control_port != 0) c.ports.control = control_port;
    c.role = role == "gateway"    ? Listeners::kGateway
             : role == "evidence" ? Listeners::kEvidence
             : role == "control"  ? Listeners::kControl
                                  : Listeners::kAll;
    if (workers != 0) c.workers = workers;
    c.insecure = c.insecure || insecure;
  }
};

void add_serve(CLI::App& app, int& status) {
  auto flags = std::make_shared<ServeFlags>();
  auto* serve_command =
      app.add_subcommand("serve", "Run the gateway, the evidence service and the control plane");
  serve_command->add_option("--config", flags->config,
                            "Configuration file (YAML); see docs/configuration.md");
  serve_command->add_option("--role", flags->role, "Listeners to run")
      ->check(CLI::IsMember({"all", "gateway", "evidence", "control"}));
  serve_command->add_option("--policy", flags->policy,
                            "Policy file; default: PAC_CONFIG, else the shipped policy");
  serve_command->add_option("--port", flags->port, "Gateway port; default 8081");
  serve_command->add_option("--evidence-port", flags->evidence_port, "Evidence service's port; default 8080");
  serve_command->add_option("--control-port", flags->control_port, "Control plane's port; default 8000");
  serve_command->add_option("--upstream", flags->upstream,
                            "URL of the model's server; default: PAC_UPSTREAM_URL");
  serve_command->add_option("--provider", flags->provider, "Its protocol; default: PAC_LLM_PROVIDER");
  serve_command->add_option("--data", flags->storage,
                            "Where data is kept; default: STORAGE_PATH, else ./data");
  serve_command->add_option("--workers", flags->workers, "Network threads; default: one per processor");
  serve_command->add_flag("--insecure", flags->insecure,
                          "Allow binding beyond loopback without authentication");
  serve_command->callback([flags, &status] {
    Config config;
    if (!load(flags->config, config)) {
      status = 2;
      return;
    }
    flags->apply(config);
    status = serve(config);
  });
}

void add_config(CLI::App& app, int& status) {
  auto* group = app.add_subcommand("config", "Look at the configuration")->require_subcommand(1);
  auto file = std::make_shared<std::string>();
  auto* check = group->add_subcommand("check", "Do what start-up would do, short of opening sockets");
  check->add_option("file", *file, "Configuration file (YAML)");
  check->callback([file, &status] {
    Config config;
    status = load(*file, config) ? config_check(config, std::cout, std::cerr) : 2;
  });
  auto* show = group->add_subcommand("show", "Print every setting in force; secrets are not shown");
  show->add_option("file", *file, "Configuration file (YAML)");
  show->callback([file, &status] {
    Config config;
    status = load(*file, config) ? 0 : 2;
    std::cout << config.describe();
  });
}

void add_policy(CLI::App& app, int& status) {
  auto* group = app.add_subcommand("policy", "Work on a policy document")->require_subcommand(1);
  auto file = std::make_shared<std::string>();
  auto other = std::make_shared<std::string>();
  auto format = std::make_shared<std::string>("text");

  auto* check = group->add_subcommand("check", "Validate a policy: every problem with its line and column");
  check->add_option("file", *file, "Policy file (YAML); default: the shipped policy");
  check->callback([=, &status] { status = policy_check(*file, std::cout, std::cerr); });

  auto* explain = group->add_subcommand("explain", "Show what each rule makes of given facts, and why");
  explain->add_option("file", *file, "Policy file (YAML)")->required();
  explain->add_option("--facts", *other, "Facts (JSON); shape: docs/policy.md")->required();
  explain->add_option("--format", *format, "Output")->check(CLI::IsMember({"text", "json"}));
  explain->callback(
      [=, &status] { status = policy_explain(*file, *other, *format == "json", std::cout, std::cerr); });

  auto* test = group->add_subcommand("test", "Run test cases against a policy");
  test->add_option("file", *file, "Policy file (YAML)")->required();
  test->add_option("cases", *other, "Cases (YAML); shape: docs/policy.md")->required();
  test->callback([=, &status] { status = policy_test(*file, *other, std::cout, std::cerr); });

  auto* replay =
      group->add_subcommand("replay", "Show what recorded decisions would have been under a policy");
  auto replayed = std::make_shared<ReplayArgs>();
  replay->add_option("file", replayed->policy, "Policy file (YAML)")->required();
  replay->add_option("--log", replayed->log, "Log directory")->capture_default_str();
  replay->add_option("--from", replayed->from,
                     "A day (2026-08-02) or an RFC 3339 time; what occurred then or later");
  replay->add_option("--to", replayed->until, "The same; what occurred before it");
  replay->add_option("--format", *format, "Output")->check(CLI::IsMember({"text", "json"}));
  replay->callback([=, &status] {
    replayed->json = *format == "json";
    status = policy_replay(*replayed, std::cout, std::cerr);
  });

  auto* rules = group->add_subcommand(
      "rules", "List the detectors' rules, with the ids by which a policy disables and weighs them");
  rules->add_option("policy", *file, "Policy file; default: PAC_CONFIG, else the shipped policy")
      ->envname("PAC_CONFIG");
  rules->add_option("--format", *format, "Output")->check(CLI::IsMember({"text", "json"}));
  rules->callback([=, &status] { status = policy_rules(*file, *format == "json", std::cout, std::cerr); });

  auto* show = group->add_subcommand("show", "Print the shipped policy, to start one's own from");
  show->callback([&status] { status = policy_show(std::cout); });
}

void add_erase(CLI::App& app, int& status) {
  struct Args {
    std::string config, storage, user, org;
  };
  auto args = std::make_shared<Args>();
  auto* command = app.add_subcommand("erase", "Erase a person: what is kept of their texts, for good");
  auto* user = command->add_option("--subject,--user", args->user, "The user's id, as requests name it");
  command->add_option("--org", args->org, "An organisation's id, for texts of callers without a user")
      ->excludes(user);
  command->add_option("--config", args->config, "Configuration file (YAML)");
  command->add_option("--data", args->storage, "The server's data; default: STORAGE_PATH, else ./data");
  command->callback([args, &status] {
    Config config;
    status = 2;
    if (!load(args->config, config)) return;
    if (!args->storage.empty()) config.storage = args->storage;
    if (args->user.empty() && args->org.empty()) {
      std::cerr << "whom? --subject <user id> or --org <organisation id>\n";
      return;
    }
    const auto subject = args->user.empty() ? "org:" + args->org : "user:" + args->user;
    status = erase_person(config, subject, std::cout, std::cerr);
  });
}

void add_texts(CLI::App& app, int& status) {
  struct Args {
    std::string config, storage, decision;
  };
  auto args = std::make_shared<Args>();
  auto* command = app.add_subcommand("texts", "Show what is kept of a decision's texts");
  command->add_option("decision", args->decision, "The decision's id (X-Decision-Id)")->required();
  command->add_option("--config", args->config, "Configuration file (YAML)");
  command->add_option("--data", args->storage, "The server's data; default: STORAGE_PATH, else ./data");
  command->callback([args, &status] {
    Config config;
    status = 2;
    if (!load(args->config, config)) return;
    if (!args->storage.empty()) config.storage = args->storage;
    status = show_texts(config, args->decision, std::cout, std::cerr);
  });
}

void add_demo(CLI::App& app, int& status) {
  auto args = std::make_shared<DemoArgs>();
  auto days = std::make_shared<unsigned>(90);
  const auto add_urls = [args](CLI::App* command) {
    const auto at = [](std::uint16_t port) { return "http://localhost:" + std::to_string(port); };
    args->gateway = at(Ports().gateway);
    args->evidence = at(Ports().evidence);
    args->control = at(Ports().control);
    command->add_option("--gateway", args->gateway, "The gateway's URL")->capture_default_str();
    command->add_option("--evidence", args->evidence, "The evidence service's URL")->capture_default_str();
    command->add_option("--control", args->control, "The control plane's URL")->capture_default_str();
    command->add_option("--token", args->token, "Bearer token, where they want one");
  };
  const auto add_world = [args](CLI::App* command) {
    command->add_option("--events", args->events, "How many")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    command->add_option("--seed", args->seed, "Another seed is another world")->capture_default_str();
  };

  auto* show = app.add_subcommand(
      "demo", "Start what does not run, report a synthetic world to it, and say what came of it");
  add_urls(show);
  add_world(show);
  show->add_option("--data", args->storage, "Where what is started keeps its data; default ./data");
  show->add_option_function<std::string>(
          "kind", [args](const std::string& kind) { args->production = kind == "production"; },
          "production: evaluations of four quarters, an incident, reviews as well")
      ->check(CLI::IsMember({"production"}));
  show->callback([args, &status] { status = demo(*args, std::cout, std::cerr); });

  auto* check = app.add_subcommand(
      "verify", "Check a running system: connectivity, detection, policy, triggers, evidence");
  add_urls(check);
  check->callback([args, &status] { status = verify_system(*args, std::cout, std::cerr); });

  auto* world = app.add_subcommand("synth", "Print synthetic events, one a line, as POST /ingest takes them");
  add_world(world);
  world->add_option("--days", *days, "That they are spread over, up to now")
      ->check(CLI::Range(1, 3'660))
      ->capture_default_str();
  world->callback([args, days, &status] { status = synth(*args, *days, std::cout); });

  struct ResetArgs {
    std::string config, storage;
    bool yes = false;
  };
  auto gone = std::make_shared<ResetArgs>();
  auto* clear = app.add_subcommand("reset", "Delete everything that a stopped server has kept");
  clear->add_option("--config", gone->config, "Configuration file (YAML)");
  clear->add_option("--data", gone->storage, "The server's data; default: STORAGE_PATH, else ./data");
  clear->add_flag("--yes", gone->yes, "Really");
  clear->callback([gone, &status] {
    Config config;
    status = 2;
    if (!load(gone->config, config)) return;
    if (!gone->storage.empty()) config.storage = gone->storage;
    status = reset(config, gone->yes, std::cout, std::cerr);
  });
}

void add_export(CLI::App& app, int& status) {
  auto args = std::make_shared<ExportArgs>();
  args->control = "http://localhost:" + std::to_string(Ports().control);
  args->evidence = "http://localhost:" + std::to_string(Ports().evidence);
  auto* command =
      app.add_subcommand("export", "What is on record for each control of a framework, for auditors");
  command->add_option("--framework", args->framework, "Of which")
      ->required()
      ->check(CLI::IsMember({"iso42001", "nist-ai-rmf", "eu-ai-act", "soc2", "hipaa"}));
  command
      ->add_option("--format", args->format,
                   "json, csv, html (pdf-ready: made for printing), or the documents of OSCAL 1.2")
      ->check(CLI::IsMember({"json", "oscal", "csv", "html", "pdf-ready"}))
      ->capture_default_str();
  command->add_option("--days", args->days, "Of the last days")
      ->check(CLI::Range(1, 3'660))
      ->capture_default_str();
  command->add_option("--control", args->control, "The control plane's URL")->capture_default_str();
  command->add_option("--evidence", args->evidence, "The evidence service's URL, as readers reach it")
      ->capture_default_str();
  command->add_option("--token", args->token, "Bearer token, where it wants one");
  command->add_option("--out", args->folder, "Folder to write to; default: the terminal");
  command->callback([args, &status] { status = export_evidence(*args, std::cout, std::cerr); });
}

void add_notices(CLI::App& app, int& status) {
  struct Args {
    std::string config, name;
  };
  const auto args = std::make_shared<Args>();
  auto* group = app.add_subcommand("notices", "Work on who is told of what")->require_subcommand(1);
  auto* test = group->add_subcommand("test", "Send a test notice, and print what the other side says");
  test->add_option("name", args->name, "The destination's name, as in 'notices' of the configuration")
      ->required();
  test->add_option("--config", args->config, "Configuration file (YAML)")->required();
  test->callback([args, &status] {
    Config config;
    status = load(args->config, config) ? test_notice(config, args->name, std::cout, std::cerr) : 2;
  });
}

void add_witness(CLI::App& app, int& status) {
  auto args = std::make_shared<WitnessArgs>();
  auto* command =
      app.add_subcommand("witness", "Cosign a log's checkpoints, and only if it never forgets or forks");
  command->add_option("--data", args->folder, "Folder for the witness's key and state")->required();
  command->add_option("--name", args->name, "The witness's name, for its first start: witness.example.org");
  command
      ->add_option("--log", args->logs, "Verifier key of a log to watch (GET /ledger/vkey); may be repeated")
      ->required();
  command->add_option("--host", args->host, "Address to listen on; default 127.0.0.1");
  command->add_option("--port", args->port, "Port; default 8082");
  command->add_option("--certificate", args->certificate, "PEM chain, for TLS");
  command->add_option("--key", args->certificate_key, "Its private key (PEM)");
  command->add_flag("--show-key", args->only_key, "Print the witness's verifier key and end");
  command->callback([args, &status] { status = serve_witness(*args, std::cout, std::cerr); });
}

void add_gate(CLI::App& app, int& status) {
  auto args = std::make_shared<gate::GateArgs>();
  auto* gate_command = app.add_subcommand(
      "ci-check", "Hold evaluation results against the policy: exit 0 passed, 1 violations, 2 bad input");
  gate_command->add_option("--policy", args->policy,
                           "Policy file; default: PAC_CONFIG, else the shipped policy");
  gate_command->add_option("--artifacts", args->sources.artifacts,
                           "Directory with eval_*.json, or one file with the categories inside");
  for (const auto& [flag, category] : {std::pair("--eval", "quality"),
                                       {"--fairness", "fairness"},
                                       {"--safety", "safety"},
                                       {"--drift", "drift"}})
    gate_command->add_option_function<std::string>(
        flag,
        [args, name = std::string(category)](const std::string& path) { args->sources.files[name] = path; },
        std::string("File of the category ") + category);
  gate_command->add_option(
      "--card", args->cards,
      "Evidence (JSON) for the policy's card_required; default: model_card.json in --artifacts");
  gate_command->add_option("--format", args->format, "Output")->check(CLI::IsMember({"text", "json"}));
  gate_command->callback([args, gate_command, &status] {
    if (!args->sources.files.empty() && gate_command->count("--artifacts") == 0)
      args->sources.artifacts.clear();
    if (args->policy.empty()) args->policy = from_process("PAC_CONFIG").value_or("");
    status = gate::run(*args, std::cout, std::cerr);
  });
}

void add_ledger(CLI::App& app, int& status) {
  auto* group = app.add_subcommand("ledger", "Look at a log, prove and verify it")->require_subcommand(1);
  auto directory = std::make_shared<std::string>("data/log");
  auto from = std::make_shared<std::uint64_t>(0);
  auto other = std::make_shared<std::string>();

  auto* show = group->add_subcommand("show", "Print entries, one JSON object a line");
  show->add_option("directory", *directory, "Log directory")->capture_default_str();
  show->add_option("--from", *from, "First index");
  auto* one = show->add_option("--index", *from, "Only this entry")->excludes("--from");
  show->callback(
      [=, &status] { status = ledger_show(*directory, *from, one->count() > 0, std::cout, std::cerr); });

  auto args = std::make_shared<VerifyArgs>();
  args->place = "data/log";
  auto* verify = group->add_subcommand(
      "verify", "Derive the root from the entries; check it, tiles, signatures and older checkpoints");
  verify->add_option("log", args->place, "Log directory, exported copy, or URL")->capture_default_str();
  verify->add_option("--against", args->against, "Signed checkpoints obtained before: files");
  verify->add_option("--policy", args->policy,
                     "Whom to trust: a file of log, witness, group and quorum lines");
  auto* stamps = verify->add_option("--stamps", args->stamps, "Folder of time stamps (data/anchors/stamps)");
  auto* authority =
      verify->add_option("--authority", args->authority, "Certificates (PEM) of whom to trust for stamps");
  stamps->needs(authority);
  authority->needs(stamps);
  verify->callback([=, &status] { status = ledger_verify(*args, std::cout, std::cerr); });

  auto* prove = group->add_subcommand("prove", "Print the proof that an entry is in the log (tlog-proof)");
  prove->add_option("index", *from, "Index of the entry")->required();
  prove->add_option("directory", *directory, "Log directory")->capture_default_str();
  prove->callback([=, &status] { status = ledger_prove(*directory, *from, std::cout, std::cerr); });

  auto* reconcile = group->add_subcommand("reconcile", "Whether every decision that was made is in the log");
  reconcile->add_option("directory", *directory, "Log directory")->capture_default_str();
  reconcile->callback([=, &status] { status = ledger_reconcile(*directory, std::cout, std::cerr); });

  struct PruneArgs {
    std::string config, storage;
  };
  auto pruned = std::make_shared<PruneArgs>();
  auto* prune = group->add_subcommand(
      "prune", "Remove entries whose time is over (records.retention); a server does so by itself, daily");
  prune->add_option("--config", pruned->config, "Configuration file (YAML)");
  prune->add_option("--data", pruned->storage, "The server's data; default: STORAGE_PATH, else ./data");
  prune->callback([pruned, &status] {
    Config config;
    status = 2;
    if (!load(pruned->config, config)) return;
    if (!pruned->storage.empty()) config.storage = pruned->storage;
    status = ledger_prune(config, std::cout, std::cerr);
  });

  auto* copy = group->add_subcommand("export", "Write the log as files for any web server (tlog-tiles)");
  copy->add_option("to", *other, "New directory")->required();
  copy->add_option("directory", *directory, "Log directory")->capture_default_str();
  copy->callback([=, &status] { status = ledger_export(*directory, *other, std::cout, std::cerr); });
}

void add_store(CLI::App& app, int& status) {
  auto* group = app.add_subcommand("store", "Look at the read side, or make it again of the log")
                    ->require_subcommand(1);
  auto args = std::make_shared<StoreArgs>();
  args->database =
      from_process("DATABASE_URL").value_or(from_process("DATABASE_PATH").value_or("data/store.duckdb"));
  const auto command = [&](const char* name, const char* help) {
    auto* made = group->add_subcommand(name, help);
    made->add_option(
        "--database", args->database,
        "A file, or postgresql://…; default: DATABASE_URL, DATABASE_PATH, else data/store.duckdb");
    made->add_option("--log", args->log, "Log directory")->capture_default_str();
    made->add_option("--library", args->library, "DuckDB's libduckdb.so; default: beside the program");
    return made;
  };
  command("rebuild", "Forget what the store has of the log, and read all of it again")
      ->callback([=, &status] { status = store_rebuild(*args, std::cout, std::cerr); });
  auto* show = command("status", "Show how much of the log is in the store, and whether it is this log's");
  show->add_flag("--digests", args->digests, "Also SHA-256 of each table's rows: reads all of them");
  show->callback([=, &status] { status = store_status(*args, std::cout, std::cerr); });
}

void add_keys(CLI::App& app, int& status) {
  auto* group = app.add_subcommand("keys", "The keys that sign a log's checkpoints")->require_subcommand(1);
  auto directory = std::make_shared<std::string>("data/log");
  auto hours = std::make_shared<unsigned>(24 * 30);
  auto* show = group->add_subcommand("show", "Print the verifier keys, oldest first");
  show->add_option("directory", *directory, "Log directory")->capture_default_str();
  show->callback([=, &status] { status = keys_show(*directory, std::cout, std::cerr); });
  auto* rotate = group->add_subcommand("rotate", "Make a new key; until the old one ends, both sign");
  rotate->add_option("directory", *directory, "Log directory")->capture_default_str();
  rotate->add_option("--overlap", *hours, "Hours until the old key ends")
      ->check(CLI::Range(1U, 24U * 3650U))
      ->capture_default_str();
  rotate->callback(
      [=, &status] { status = keys_rotate(*directory, std::chrono::hours(*hours), std::cout, std::cerr); });
}

void add_api_keys(CLI::App& app, int& status) {
  struct Args {
    std::string config, storage, id;
    ApiKeyArgs key;
  };
  auto* group =
      app.add_subcommand("api-key", "API keys of callers; see docs/identity.md")->require_subcommand(1);
  auto args = std::make_shared<Args>();
  const auto command = [&](const char* name, const char* help, auto run) {
    auto* made = group->add_subcommand(name, help);
    made->add_option("--config", args->config, "Configuration file (YAML)");
    made->add_option("--data", args->storage, "The server's data; default: STORAGE_PATH, else ./data");
    made->callback([args, run, &status] {
      Config config;
      status = 2;
      if (!load(args->config, config)) return;
      if (!args->storage.empty()) config.storage = args->storage;
      status = run(config, *args);
    });
    return made;
  };
  auto* create = command("create", "Make a key and show it, this once", [](const Config& c, const Args& a) {
    return api_key_create(c, a.key, std::cout, std::cerr);
  });
  ApiKeyArgs& key = args->key;
  create->add_option("--role", key.roles, "What it may do; may be repeated")
      ->required()
      ->check(CLI::IsMember({"developer", "service", "reviewer", "compliance", "auditor", "admin"}))
      ->delimiter(',');
  create->add_option("--org", key.org, "Whose it is: organisation");
  create->add_option("--user", key.user, "Whose it is: user");
  create->add_option("--tier", key.tier, "Of its traffic")
      ->check(CLI::IsMember({"general", "enterprise", "research_sandbox"}));
  create->add_option("--scope", key.scopes, "Only this of what its roles may; may be repeated")
      ->delimiter(',');
  create->add_option("--report-for", key.report_for,
                     "Organisation whose traffic it may report; may be repeated; '*': any");
  create->add_option("--lawful-basis", key.lawful_basis, "For personal data in its traffic")
      ->check(CLI::IsMember({"consent", "contract", "legal_obligation", "legitimate_interest", "public_task",
                             "vital_interests"}));
  create->add_option("--expires", key.expires, "90d, 12h, 2027-01-31; default: never");
  create->add_option("--name", key.name, "What it is for");
  create->add_flag("--json", key.json, "Print all of it as JSON");
  auto* list = command(
      "list", "Show the keys, but for the keys themselves",
      [](const Config& c, const Args& a) { return api_key_list(c, a.key.json, std::cout, std::cerr); });
  list->add_flag("--json", key.json, "One JSON object a line");
  auto* revoke = command("revoke", "Call a key back, at once", [](const Config& c, const Args& a) {
    return api_key_revoke(c, a.id, std::cout, std::cerr);
  });
  revoke->add_option("id", args->id, "key-…")->required();

  auto format = std::make_shared<std::string>("markdown");
  auto* roles = app.add_subcommand("roles", "Print which role may use which route");
  roles->add_option("--format", *format, "Output")->check(CLI::IsMember({"markdown", "json"}));
  roles->callback([format, &status] { status = show_roles(*format, std::cout); });
}

void add_evaluate(CLI::App& app, int& status) {
  auto args = std::make_shared<EvaluateArgs>();
  auto* command = app.add_subcommand(
      "evaluate", "Measure the detectors and a policy on labelled texts; see docs/evaluate_format.md");
  command->add_option("--data", args->files, "Labelled texts: JSONL, plain or gzip")->required();
  command->add_option("--split", args->splits, "Only rows of these splits")
      ->check(CLI::IsMember({"train", "dev", "heldout", "none"}))
      ->delimiter(',');
  command->add_option("--lang", args->languages, "Only rows of these languages, as the rows call them")
      ->delimiter(',');
  command->add_option("--policy", args->policy, "Policy file; default: PAC_CONFIG, else the shipped policy");
  command->add_option("--direction", args->direction, "Judge the texts as prompts or as outputs")
      ->check(CLI::IsMember({"prompt", "output"}));
  command->add_option("--format", args->format, "Output")->check(CLI::IsMember({"text", "json"}));
  command->add_option("--scores", args->scores, "Write each text's scores, actions and spans here (JSONL)");
  command->add_option("--mistakes", args->mistakes, "Write the texts that were judged wrongly here (JSONL)");
  command->add_flag("--lawful-basis", args->lawful_basis, "Judge as for callers with a lawful basis");
  command->add_flag("--leave-one-source-out", args->leave_one_source_out,
                    "Judge each source by models that never saw it");
  command->add_option("--jobs", args->jobs, "Threads")->capture_default_str();
  command->add_option("--resamples", args->resamples, "Resamples for the intervals; 0: no intervals")
      ->check(CLI::Range(0, 100'000))
      ->capture_default_str();
  command->add_option("--seed", args->seed, "Seed of the resamples")->capture_default_str();
  command->callback([args, &status] {
    if (args->policy.empty()) args->policy = from_process("PAC_CONFIG").value_or("");
    status = evaluate_data(*args, std::cout, std::cerr);
  });
}

void add_inspect(CLI::App& app, int& status) {
  auto args = std::make_shared<InspectArgs>();
  auto* command = app.add_subcommand(
      "inspect", "Show what the detectors find in a text, and the verdict: exit 0 allowed, 1 withheld");
  command->add_option("what", args->what, "A text, a file, or - for standard input")->required();
  command->add_flag("--explain", args->explain, "Also how the text was read, and what each rule made of it");
  command->add_option("--policy", args->policy, "Policy file; default: PAC_CONFIG, else the shipped policy");
  command->add_option("--direction", args->direction, "Judge the text as a prompt or as an output")
      ->check(CLI::IsMember({"prompt", "output"}));
  command->add_option("--tier", args->tier, "Who asks")
      ->check(CLI::IsMember({"general", "enterprise", "research_sandbox", "untiered"}))
      ->capture_default_str();
  command->add_option("--format", args->format, "Output")->check(CLI::IsMember({"text", "json"}));
  command->callback([args, &status] {
    if (args->policy.empty()) args->policy = from_process("PAC_CONFIG").value_or("");
    args->colour = may_colour();
    status = inspect_text(*args, std::cout, std::cerr);
  });
}

void add_train_names(CLI::App& app, int& status) {
  auto args = std::make_shared<TrainNamesArgs>();
  auto raw = std::make_shared<bool>(false);
  auto* command =
      app.add_subcommand("train-names", "Train the model that finds names; see docs/names_format.md");
  command->add_option("--data", args->files, "Files of labelled texts (JSONL, gzip or plain)")->required();
  command->add_option("--out", args->out, "Where the model is written")->required();
  command->add_option("--epochs", args->epochs, "Passes over the examples")->capture_default_str();
  command->add_option("--seed", args->seed, "Of what is random")->capture_default_str();
  command->add_flag("--no-evaluation", *raw, "Only train: no figures, and confidences as the model has them");
  command->callback([=, &status] {
    args->evaluate = !*raw;
    status = train_names(*args, std::cout, std::cerr);
  });
}

void add_corpus(CLI::App& app, int& status) {
  auto* group =
      app.add_subcommand("corpus", "Keep the index of protected works that answers are compared with")
          ->require_subcommand(1);
  auto index = std::make_shared<std::string>(from_process("PLIMSOLL_CORPUS").value_or("data/corpus.plc"));
  auto paths = std::make_shared<std::vector<std::string>>();
  auto text = std::make_shared<std::string>();
  auto format = std::make_shared<std::string>("text");
  auto limit = std::make_shared<std::optional<double>>();
  const auto command = [&](const char* name, const char* help) {
    auto* made = group->add_subcommand(name, help);
    made->add_option("--index", *index, "The index; default: PLIMSOLL_CORPUS, else data/corpus.plc");
    return made;
  };

  auto* add = command("add", "Add works: files, or folders of them, of UTF-8 text");
  add->add_option("files", *paths, "Files and folders; each file is a work")->required();
  add->add_option("--title", *text, "What to call it; default: the file's name");
  add->callback([=, &status] {
    if (!text->empty() && paths->size() != 1) throw CLI::ValidationError("--title", "fits one file only");
    status = corpus_add(*index, *paths, *text, std::cout, std::cerr);
  });

  auto* list = command("list", "List the works: id, length, title");
  list->callback([=, &status] { status = corpus_list(*index, std::cout, std::cerr); });

  auto* remove = command("remove", "Remove a work");
  remove->add_option("id", *text, "Its id, or the beginning of it")->required();
  remove->callback([=, &status] { status = corpus_remove(*index, *text, std::cout, std::cerr); });

  auto* check = command("check", "Show how much of a text is copied, and from which works");
  check->add_option("file", *text, "Text file (UTF-8)")->required();
  check->add_option("--format", *format, "Output")->check(CLI::IsMember({"text", "json"}));
  check->add_option("--limit", *limit, "Exit with 1 when the ratio is over this")
      ->check(CLI::Range(0.0, 1.0));
  check->callback([=, &status] {
    status = corpus_check(*index, *text, *format == "json", *limit, std::cout, std::cerr);
  });
}

void add_card(CLI::App& app, int& status) {
  auto* group = app.add_subcommand("card", "Make model cards, system cards and bias reports of evidence")
                    ->require_subcommand(1);
  for (const auto& [kind, help] : {std::pair("model", "A model card"),
                                   {"system", "A system card"},
                                   {"bias", "Subgroups compared, measurement by measurement"}}) {
    auto args = std::make_shared<CardArgs>();
    args->kind = kind;
    auto* command = group->add_subcommand(kind, help);
    auto* from = command->add_option("--from", args->files,
                                     "Evidence (JSON): submissions, or what GET /evidence shows");
    command->add_option("--url", args->url, "The evidence service to ask instead")->excludes(from);
    command->add_option("--model", args->model, "Model version");
    const auto formats = args->kind == "bias" ? std::vector<std::string>{"markdown", "json"}
                                              : std::vector<std::string>{"markdown", "html", "cyclonedx",
                                                                         "huggingface", "google"};
    command->add_option("--format", args->format, "Output")->check(CLI::IsMember(formats));
    command->add_option("--out", args->out, "File to write; default: standard output");
    if (args->kind != "bias")
      command
          ->add_option("--require", args->required,
                       "Fields that evidence must fill: exit 1 where one is missing")
          ->delimiter(',');
    if (args->kind != "bias")
      command->add_option("--policy", args->policy, "Policy file: its card_required are required, too");
    command->callback([args, &status] {
      if (args->files.empty() && args->url.empty()) throw CLI::RequiredError("--from or --url");
      status = make_card(*args, std::cout, std::cerr);
    });
  }
}

void add_sample_model(CLI::App& app, int& status) {
  auto port = std::make_shared<std::uint16_t>(8000);
  auto* sample = app.add_subcommand(
      "sample-model", "Run a deterministic sample model on loopback: a stand-in for demos and tests, no AI");
  sample->add_option("--port", *port, "Port")->capture_default_str();
  sample->callback([=, &status] { status = serve_sample_model(*port, std::cerr); });
}

void add_train(CLI::App& app, int& status) {
  auto args = std::make_shared<TrainArgs>();
  auto* train = app.add_subcommand("train", "Train the risk model; interrupted, it goes on where it was");
  train->add_option("--data", args->data, "Labelled texts (JSONL, plain or gzip)")->required();
  train->add_option("--out", args->out, "Model file to write")->required();
  train->add_option("--seed", args->seed, "Of all that is drawn by lot")->capture_default_str();
  train->add_option("--epochs", args->epochs, "Times the data are gone through");
  train->add_option("--folds", args->folds, "Groups of sources to leave out for calibration; 0: none")
      ->capture_default_str();
  train->callback([args, &status] { status = train_model(*args, std::cout, std::cerr); });
}

void add_calibrate(CLI::App& app, int& status) {
  auto args = std::make_shared<CalibrateArgs>();
  auto* calibrate =
      app.add_subcommand("calibrate", "Fit a risk model's probabilities to your own labelled texts");
  calibrate->add_option("--data", args->data, "Labelled texts (JSONL, plain or gzip)")->required();
  calibrate->add_option("--model", args->model, "Model file to start from")->required();
  calibrate->add_option("--out", args->out, "Model file to write")->required();
  calibrate->callback([args, &status] { status = calibrate_model(*args, std::cout, std::cerr); });
}

// CLI11 would only say that a command is required.
bool knows_command(const CLI::App& app, std::string_view name) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  if (name.starts_with('-') || std::ranges::find(names, name) != names.end()) return true;
  const std::vector<std::string_view> known(names.begin(), names.end());
  std::cerr << "plimsoll: there is no command '" << name << "'" << yaml::did_you_mean(name, known)
            << "; see plimsoll --help\n";
  return false;
}

}  // namespace
}  // namespace plimsoll::app

int main(int argc, char** argv) {
  using namespace plimsoll::app;
  CLI::App app{"Plimsoll: the load line for AI systems", "plimsoll"};
  app.set_version_flag("--version", std::string("plimsoll ") + PLIMSOLL_VERSION);
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::help);
  int status = 0;
  add_serve(app, status);
  add_config(app, status);
  add_policy(app, status);
  add_gate(app, status);
  add_erase(app, status);
  add_texts(app, status);
  add_notices(app, status);
  add_witness(app, status);
  add_demo(app, status);
  add_export(app, status);
  add_ledger(app, status);
  add_store(app, status);
  add_keys(app, status);
  add_api_keys(app, status);
  add_evaluate(app, status);
  add_inspect(app, status);
  add_train_names(app, status);
  add_corpus(app, status);
  add_card(app, status);
  add_sample_model(app, status);
  add_train(app, status);
  add_calibrate(app, status);
  if (argc > 1 && !knows_command(app, argv[1])) return 2;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::cerr << "plimsoll: " << error.what() << '\n';
    return 2;
  }
  return status;
}
