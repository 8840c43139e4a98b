#include "samples.h"

#include "detect/rules.h"

namespace plimsoll::detect {
namespace {

std::string take(std::string_view from, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += from[i * 7 % from.size()];
  return out;
}
// Letters and digits, hexadecimal digits, capitals and digits, of no meaning.
std::string key(std::size_t count) {
  return take("q7Zk2Lw9Xv4Tb8Np1Rd6Ys3Mf5Hc0JgKeUaWoiVuBnE1QxSt", count);
}
std::string hex(std::size_t count) {
  return take("3f9a1c7e5b2d8046e1f7a9c3b5d", count);
}
std::string capitals(std::size_t count) {
  return take("Q7ZK2LW4XV3TB6NPR5DYSMFHCJG", count);
}

}  // namespace

std::vector<Sample> samples() {
  std::vector<Sample> all = {
      {"pii.email", "mail user@example.com now", "user@example and @example.com"},
      {"pii.card", "card 4111 1111 1111 1111.", "order 4111 1111 1111 1112"},
      {"pii.iban", "pay GB82 WEST 1234 5698 7654 32 please", "pay GB83 WEST 1234 5698 7654 32"},
      {"pii.iban_compact", "my iban is gb82west12345698765432", "my iban is gb83west12345698765432"},
      {"pii.us_ssn", "number 536-22-8741", "number 666-22-8741"},
      {"pii.us_ssn_named", "SSN is 536 22 8741", "SSN is unknown, 22 8741"},
      {"pii.us_itin", "tax 912-70-1234", "tax 912-40-1234"},
      {"pii.ipv4", "host 203.0.113.45", "version 1.2.3.4, mask 255.255.255.0, 10.0.0.256"},
      {"pii.ipv6", "host 2001:db8:85a3::8a2e:370:7334", "at 12:30:45 std::string::npos"},
      {"pii.mac", "nic 00:1b:44:11:3a:b7", "nic 00:00:00:00:00:00 and 00:1b-44:11:3a:b7"},
      {"pii.phone_international", "+44 20 7946 0958", "+1 2, 7 + 8 or +5"},
      {"pii.phone_us", "202-555-0143 ext 12", "2024-01-15 and 12-34-5678"},
      {"pii.phone_us_parentheses", "(202) 555-0143", "(202) results in 555 rows"},
      {"pii.phone_area_code", "(85) 5986-8343", "(85) items"},
      {"pii.phone_national", "083 445 2424", "page 083 445"},
      {"pii.phone_named", "call me at 020 7946 0958", "call me at 10"},
      {"pii.crypto_base58", "to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"},
      {"pii.crypto_bech32", "to bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "to bc1qw508d6"},
      {"pii.crypto_ethereum", "to 0x" + hex(40), "to 0x" + std::string(40, '0')},
      {"pii.date_of_birth", "date of birth: 12/03/1984", "date of issue: 12/03/1984"},
      {"pii.us_passport", "passport number 512345678", "passport photos cost 12"},
      {"pii.us_driver_license", "driver's license: D123-4567-8901", "driver's license test at noon"},
      {"pii.medical_record", "MRN: 00482913", "medical record of the year"},
      {"pii.us_bank_account", "account number 483920175566", "account of 1234567 words"},
      {"pii.aba_routing", "routing number 021000021", "routing number 021000022"},
      {"pii.uk_nhs", "NHS number 943 476 5919", "NHS number 943 476 5918"},
      {"pii.uk_nino", "nino AB 12 34 56 C", "grid AB 12 34 56 X"},
      {"pii.tax_id", "EIN: 12-3456789", "tax id forms, 12 of them"},
      {"pii.vehicle", "VIN 1HGCM82633A004352", "VIN of the car"},

      {"secret.aws_access_key",
       "id AK"
       "IA" +
           capitals(16),
       "id AK"
       "IA" +
           capitals(9)},
      {"secret.aws_secret_key", "aws_secret_access_key = " + key(40), "aws_secret_access_key = None"},
      {"secret.aws_bedrock_key",
       "AB"
       "SK" +
           key(110),
       "AB"
       "SK" +
           key(40)},
      {"secret.github_token",
       "gh"
       "p_" +
           key(36),
       "gh"
       "p_" +
           key(20)},
      {"secret.github_fine_grained",
       "github"
       "_pat_" +
           key(22) + "_" + key(59),
       "github"
       "_pat_" +
           key(22)},
      {"secret.gitlab_token",
       "gl"
       "pat-" +
           key(20),
       "gl"
       "pat-" +
           key(6)},
      {"secret.slack_token",
       "xo"
       "xb-2345678901-" +
           key(24),
       "xo"
       "xb-aaaaaaaaaaaa"},
      {"secret.slack_app_token",
       "xa"
       "pp-1-A0123BCDE4-1234567890123-" +
           hex(40),
       "xa"
       "pp-1-A0123"},
      {"secret.slack_webhook",
       "hooks.slack"
       ".com/services/" +
           key(44),
       "hooks.slack"
       ".com/services/here"},
      {"secret.stripe_key",
       "sk"
       "_live_" +
           key(24),
       "sk"
       "_live_mode"},
      {"secret.stripe_webhook",
       "wh"
       "sec_" +
           key(32),
       "wh"
       "sec_value"},
      {"secret.openai_key",
       "s"
       "k-" +
           key(20) +
           "T3Blb"
           "kFJ" +
           key(20),
       "s"
       "k-" +
           key(20)},
      {"secret.openai_project_key",
       "s"
       "k-proj-" +
           key(48),
       "s"
       "k-proj-name"},
      {"secret.openai_like_key",
       "s"
       "k-" +
           key(48),
       "s"
       "k-learn-tutorial"},
      {"secret.anthropic_key",
       "s"
       "k-ant-api03-" +
           key(90),
       "s"
       "k-ant-colony"},
      {"secret.openrouter_key",
       "s"
       "k-or-v1-" +
           hex(64),
       "s"
       "k-or-v1-x"},
      {"secret.google_api_key",
       "AI"
       "za" +
           key(35),
       "AI"
       "za" +
           key(12)},
      {"secret.google_oauth",
       "GOC"
       "SPX-" +
           key(28),
       "GOC"
       "SPX-" +
           key(8)},
      {"secret.npm_token",
       "np"
       "m_" +
           key(36),
       "np"
       "m_config_registry"},
      {"secret.pypi_token",
       "py"
       "pi-AgE" +
           key(60),
       "py"
       "pi-AgEnt"},
      {"secret.sendgrid_key",
       "S"
       "G." +
           key(22) + "." + key(43),
       "S"
       "G." +
           key(8)},
      {"secret.twilio_key",
       "S"
       "K" +
           hex(32),
       "S"
       "K" +
           std::string(32, 'a')},
      {"secret.mailgun_key",
       "ke"
       "y-" +
           hex(32),
       "ke"
       "y-" +
           hex(12)},
      {"secret.mailchimp_key", hex(32) + "-us12", hex(30) + "-us12"},
      {"secret.shopify_token",
       "shp"
       "at_" +
           hex(32),
       "shp"
       "at_" +
           hex(8)},
      {"secret.square_token",
       "sq0"
       "atp-" +
           key(22),
       "sq0"
       "atp-" +
           key(5)},
      {"secret.databricks_token",
       "da"
       "pi" +
           hex(32),
       "da"
       "pi" +
           hex(10)},
      {"secret.digitalocean_token",
       "do"
       "p_v1_" +
           hex(64),
       "do"
       "p_v1_" +
           hex(20)},
      {"secret.huggingface_token",
       "h"
       "f_" +
           take("abQdRfgHiJkLmNoPqrStUvWxyzA", 34),
       "h"
       "f_hub_download"},
      {"secret.vault_token",
       "hv"
       "s." +
           key(40),
       "hv"
       "s." +
           key(8)},
      {"secret.terraform_token",
       key(14) +
           ".atlas"
           "v1." +
           key(64),
       key(14) + ".atlas"
                 "v1."},
      {"secret.atlassian_token",
       "ATA"
       "TT3" +
           key(60),
       "ATA"
       "TT3"},
      {"secret.docker_token",
       "dckr"
       "_pat_" +
           key(27),
       "dckr"
       "_pat_" +
           key(7)},
      {"secret.grafana_token",
       "gl"
       "sa_" +
           key(41),
       "gl"
       "sa_" +
           key(7)},
      {"secret.newrelic_key",
       "NR"
       "AK-" +
           key(27),
       "NR"
       "AK-" +
           key(7)},
      {"secret.pulumi_token",
       "pu"
       "l-" +
           hex(40),
       "pu"
       "l-" +
           hex(7)},
      {"secret.rubygems_key",
       "ruby"
       "gems_" +
           hex(48),
       "ruby"
       "gems_" +
           hex(7)},
      {"secret.linear_key",
       "lin"
       "_api_" +
           key(40),
       "lin"
       "_api_" +
           key(7)},
      {"secret.postman_key",
       "PM"
       "AK-" +
           hex(24) + "-" + hex(34),
       "PM"
       "AK-" +
           hex(24)},
      {"secret.planetscale",
       "pscale"
       "_tkn_" +
           key(43),
       "pscale"
       "_tkn_" +
           key(7)},
      {"secret.telegram_bot",
       "123456789:A"
       "A" +
           key(33),
       "123456789:A"
       "A" +
           key(7)},
      {"secret.doppler_token",
       "dp."
       "pt." +
           key(43),
       "dp."
       "pt." +
           key(7)},
      {"secret.perplexity_key",
       "pp"
       "lx-" +
           key(48),
       "pp"
       "lx-" +
           key(7)},
      {"secret.groq_key",
       "gs"
       "k_" +
           key(52),
       "gs"
       "k_" +
           key(7)},
      {"secret.sentry_token",
       "snt"
       "rys_" +
           key(60),
       "snt"
       "rys_" +
           key(7)},
      {"secret.age_key",
       "AGE-SECRET"
       "-KEY-1" +
           take("QPZRY9X8GF2TVDW0S3JN54KHCE6", 58),
       "AGE-SECRET"
       "-KEY-1"},
      {"secret.azure_storage",
       "Account"
       "Key=" +
           key(86) + "==",
       "Account"
       "Key=..."},
      {"secret.azure_ad_secret",
       "abc8"
       "Q~" +
           key(34),
       "abc8"
       "Q~" +
           key(7)},
      {"secret.azure_sas", "x?sig=" + key(43) + "%3D", "x?sig=abc"},
      {"secret.jwt",
       "ey"
       "J" +
           key(30) +
           ".ey"
           "J" +
           key(80) + "." + key(43),
       "ey"
       "Jaaaaaaaaaaaaaaaaaaa"},
      {"secret.private_key",
       "-----BEGIN RSA PRIVATE"
       " KEY-----\n" +
           key(64) +
           "\n-----END RSA PRIVATE"
           " KEY-----",
       "-----BEGIN CERTIFICATE-----"},
      {"secret.curl_user", "curl -k -u elastic:P4ssw0rd$1 https://a.example",
       "curl -u user https://a.example"},
      {"secret.facebook_token",
       "EA"
       "AM" +
           key(90),
       "EA"
       "AM" +
           key(9)},
      {"secret.facebook_app_token", "1308742762612587|" + key(27), "13087427|" + key(27)},
      {"secret.url_credentials", "postgres://app:hunter42@db.internal/main", "https://example.com:8080/a@b"},
      {"secret.connection_string", "Server=x;Password=Tr0ub4dor&3;", "Server=x;Password=***;"},
      {"secret.authorization_header", "Authorization: Bearer " + key(32), "bearer of good news, everyone"},
      {"secret.api_key_assignment", "api_key = \"" + key(32) + "\"", "api_key = \"YOUR_API_KEY_GOES_HERE\""},
      {"secret.password_assignment", "password: Tr0ub4dor&3", "password: required"},
  };
  // Of the rules that are data, each with its first example of either kind.
  for (const auto& rule : shipped_rules().rules) {
    const auto example = [&](bool found) {
      for (const auto& e : shipped_rules().examples)
        if (e.id == rule.id && e.found == found) return e.text;
      return std::string();
    };
    all.push_back({rule.id, example(true), example(false)});
  }
  return all;
}

}  // namespace plimsoll::detect
