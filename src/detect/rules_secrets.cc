#include "rule.h"
#include "validate.h"

namespace plimsoll::detect {
namespace {

constexpr auto kSecret = Category::kSecret;

// A key that is known by how it begins.
constexpr Rule prefixed(std::string_view id, std::string_view entity, std::string_view pattern,
                        Check check = looks_random, double confidence = .95, std::string_view trigger = {}) {
  return {.id = id,
          .category = kSecret,
          .entity = entity,
          .pattern = pattern,
          .exact_case = true,
          .check = check,
          .confidence = confidence,
          .trigger = trigger};
}

// Quotes may stand escaped: JSON inside a JSON string.
#define ASSIGN R"((?:[\\ ]{0,3}["']){0,2}\s{0,3}(?::=|=>|[:=]|\sis\s)\s{0,3}(?:[\\ ]{0,3}["'`]){0,2})"

constexpr Rule kRules[] = {
    prefixed("secret.aws_access_key", "AWS_ACCESS_KEY", R"(\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b)",
             is_varied, .98),
    {.id = "secret.aws_secret_key",
     .category = kSecret,
     .entity = "AWS_SECRET_KEY",
     .pattern = R"(\baws[\w. -]{0,20}(?:secret|key)[\w. -]{0,12})" ASSIGN R"(([A-Za-z0-9/+=]{40})\b)",
     .check = looks_random,
     .confidence = .95},
    prefixed("secret.aws_bedrock_key", "AWS_BEDROCK_KEY", R"(\bABSK[A-Za-z0-9+/]{100,150})"),
    prefixed("secret.github_token", "GITHUB_TOKEN", R"(\bgh(?:p|o|u|s|r)_[A-Za-z0-9]{36}\b)", looks_random,
             .98),
    prefixed("secret.github_fine_grained", "GITHUB_TOKEN",
             R"(\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b)"),
    prefixed(
        "secret.gitlab_token", "GITLAB_TOKEN",
        R"(\b(?:glpat|gldt|glrt|glcbt|glptt|glft|glimt|glagent|gloas|glsoat|GR1348941)-?[A-Za-z0-9_-]{20,60}\b)"),
    prefixed("secret.slack_token", "SLACK_TOKEN", R"(\bxox[abposre](?:\.xox[bp])?-[A-Za-z0-9-]{10,150}\b)"),
    prefixed("secret.slack_app_token", "SLACK_TOKEN",
             R"(\bxapp-\d-[A-Z0-9]{5,15}-\d{8,15}-[a-z0-9]{30,80}\b)"),
    prefixed("secret.slack_webhook", "SLACK_WEBHOOK",
             R"(\bhooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{43,80})"),
    prefixed("secret.stripe_key", "STRIPE_KEY", R"(\b[sr]k_(?:live|test|prod)_[A-Za-z0-9]{10,99}\b)"),
    prefixed("secret.stripe_webhook", "STRIPE_KEY", R"(\bwhsec_[A-Za-z0-9]{24,64}\b)"),
    prefixed("secret.openai_key", "OPENAI_KEY",
             R"(\bsk-(?:proj-|svcacct-|admin-|None-)?[A-Za-z0-9_-]{20,74}T3BlbkFJ[A-Za-z0-9_-]{20,74}\b)",
             nullptr, .99),
    prefixed("secret.openai_project_key", "OPENAI_KEY",
             R"(\bsk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{20,160}\b)"),
    prefixed("secret.openai_like_key", "API_KEY", R"(\bsk-[A-Za-z0-9]{32,64}\b)"),
    prefixed("secret.anthropic_key", "ANTHROPIC_KEY", R"(\bsk-ant-[a-z]{3,8}\d{2}-[A-Za-z0-9_-]{24,120}\b)"),
    prefixed("secret.openrouter_key", "API_KEY", R"(\bsk-or-v\d-[a-f0-9]{40,64}\b)"),
    prefixed("secret.google_api_key", "GOOGLE_API_KEY", R"(\bAIza[A-Za-z0-9_-]{35})", looks_random, .97),
    prefixed("secret.google_oauth", "GOOGLE_OAUTH",
             R"(\b(?:ya29\.[A-Za-z0-9_-]{30,160}|GOCSPX-[A-Za-z0-9_-]{28}))"),
    prefixed("secret.npm_token", "NPM_TOKEN", R"(\bnpm_[A-Za-z0-9]{36}\b)"),
    prefixed("secret.pypi_token", "PYPI_TOKEN", R"(\bpypi-AgE[A-Za-z0-9_-]{50,170})"),
    prefixed("secret.sendgrid_key", "SENDGRID_KEY", R"(\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64})"),
    prefixed("secret.twilio_key", "TWILIO_KEY", R"(\b(?:SK|AC)[0-9a-f]{32}\b)", is_random_hex, .8,
             R"(\b(?:SK|AC)[0-9a-f]{8})"),
    prefixed("secret.mailgun_key", "MAILGUN_KEY", R"(\b(?:key-[0-9a-f]{32}|pubkey-[0-9a-f]{32})\b)",
             is_random_hex),
    prefixed("secret.mailchimp_key", "MAILCHIMP_KEY", R"(\b[0-9a-f]{32}-us\d{1,2}\b)", is_random_hex),
    prefixed("secret.shopify_token", "SHOPIFY_TOKEN", R"(\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b)",
             is_random_hex),
    prefixed("secret.square_token", "SQUARE_TOKEN",
             R"(\b(?:EAAA[A-Za-z0-9_-]{60}|sq0[a-z]{3}-[A-Za-z0-9_-]{22,43})\b)"),
    prefixed("secret.databricks_token", "DATABRICKS_TOKEN", R"(\bdapi[0-9a-f]{32}(?:-\d)?\b)", is_random_hex),
    prefixed("secret.digitalocean_token", "DIGITALOCEAN_TOKEN", R"(\bdo[opr]_v1_[0-9a-f]{64}\b)",
             is_random_hex),
    prefixed("secret.huggingface_token", "HUGGINGFACE_TOKEN", R"(\b(?:hf_|api_org_)[A-Za-z]{34}\b)", nullptr,
             .9),
    prefixed("secret.vault_token", "VAULT_TOKEN", R"(\bhv[sbr]\.[A-Za-z0-9_-]{24,160}\b)"),
    prefixed("secret.terraform_token", "TERRAFORM_TOKEN",
             R"(\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,70})"),
    prefixed("secret.atlassian_token", "ATLASSIAN_TOKEN", R"(\bATATT3[A-Za-z0-9_=-]{20,170})"),
    prefixed("secret.docker_token", "DOCKER_TOKEN", R"(\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{27,60}\b)"),
    prefixed("secret.grafana_token", "GRAFANA_TOKEN", R"(\bgl(?:sa|c)_[A-Za-z0-9_=+/]{32,160})"),
    prefixed("secret.newrelic_key", "NEWRELIC_KEY", R"(\bNR(?:AK|JS|II|RA)-[A-Za-z0-9_-]{19,42}\b)"),
    prefixed("secret.pulumi_token", "PULUMI_TOKEN", R"(\bpul-[0-9a-f]{40}\b)", is_random_hex),
    prefixed("secret.rubygems_key", "RUBYGEMS_KEY", R"(\brubygems_[0-9a-f]{48}\b)", is_random_hex),
    prefixed("secret.linear_key", "LINEAR_KEY", R"(\blin_api_[A-Za-z0-9]{40}\b)"),
    prefixed("secret.postman_key", "POSTMAN_KEY", R"(\bPMAK-[0-9a-f]{24}-[0-9a-f]{34}\b)", is_random_hex),
    prefixed("secret.planetscale", "PLANETSCALE_TOKEN",
             R"(\bpscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{32,64})"),
    prefixed("secret.telegram_bot", "TELEGRAM_TOKEN", R"(\b\d{8,10}:AA[A-Za-z0-9_-]{33})"),
    prefixed("secret.doppler_token", "DOPPLER_TOKEN",
             R"(\bdp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9_.]{40,60}\b)"),
    prefixed("secret.perplexity_key", "API_KEY", R"(\bpplx-[A-Za-z0-9]{48}\b)"),
    prefixed("secret.groq_key", "API_KEY", R"(\bgsk_[A-Za-z0-9]{40,60}\b)"),
    prefixed("secret.sentry_token", "SENTRY_TOKEN", R"(\bsntry[su]_[A-Za-z0-9+/=_]{40,150})"),
    prefixed("secret.age_key", "AGE_SECRET_KEY",
             R"(\bAGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}\b)"),
    prefixed("secret.azure_storage", "AZURE_STORAGE_KEY", R"(\bAccountKey=[A-Za-z0-9+/]{86}==)"),
    prefixed("secret.azure_ad_secret", "AZURE_CLIENT_SECRET",
             R"(\b[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34})", looks_random, .95, "Q~"),
    {.id = "secret.azure_sas",
     .category = kSecret,
     .entity = "AZURE_SAS",
     .pattern = R"([?&]sig=[A-Za-z0-9%/+]{40,80}(?:%3d|=){0,2})",
     .check = looks_random},
    {.id = "secret.jwt",
     .category = kSecret,
     .entity = "JWT",
     .pattern = R"(\beyJ[A-Za-z0-9_-]{12,120}(?:\.eyJ[A-Za-z0-9_-]{8})?)",
     .exact_case = true,
     .check = is_jwt_head,
     .tail = Tail::kToken,
     .confidence = .9},
    {.id = "secret.private_key",
     .category = kSecret,
     .entity = "PRIVATE_KEY",
     .pattern = R"(-----BEGIN (?:[A-Z0-9]{2,10} ){0,3}PRIVATE KEY(?: BLOCK)?-----)",
     .exact_case = true,
     .tail = Tail::kPem,
     .confidence = .99},
    {.id = "secret.curl_user",
     .category = kSecret,
     .entity = "PASSWORD",
     .pattern =
         R"(\bcurl\s(?:[\w./:'"=-]{1,20}\s{1,2}){0,3}(?:-u|--user)\s{1,2}["']?[\w.@{}-]{0,30}["']?:["']?([\w!@#$%^&*~+=.{}-]{6,40}))",
     .check = looks_like_password,
     .confidence = .85},
    prefixed("secret.facebook_token", "FACEBOOK_TOKEN", R"(\bEAA[A-Z][A-Za-z0-9]{60,170})"),
    prefixed("secret.facebook_app_token", "FACEBOOK_TOKEN", R"(\b\d{15,16}\|[A-Za-z0-9_-]{27}\b)",
             looks_random, .9, R"(\d\|[A-Za-z0-9_-]{8})"),
    {.id = "secret.url_credentials",
     .category = kSecret,
     .entity = "URL_CREDENTIALS",
     .pattern =
         R"(\b[a-z][a-z0-9+]{1,14}://[\w.%~+-]{0,40}:[\w.%~+!$&*=^#-]{3,50}@[\w-]{1,28}(?:\.[\w-]{1,20}){0,2})",
     .confidence = .95,
     .trigger = "://"},
    {.id = "secret.connection_string",
     .category = kSecret,
     .entity = "CONNECTION_STRING",
     .pattern = R"(\b(?:password|pwd|sharedaccesskey|accountkey)=([A-Za-z0-9+/=!@#$%^&*._-]{6,90});)",
     .check = looks_like_password,
     .confidence = .9},
    {.id = "secret.authorization_header",
     .category = kSecret,
     .entity = "AUTHORIZATION_HEADER",
     .pattern =
         R"(\b(?:authorization["']?\s{0,2}[:=]\s{0,2}["']?(?:bearer|basic|token)|bearer)\s([A-Za-z0-9._~+/=-]{16,100}))",
     .check = looks_random,
     .confidence = .85},
    {.id = "secret.api_key_assignment",
     .category = kSecret,
     .entity = "API_KEY",
     .pattern =
         R"((?:api[_. -]?key|apikey|access[_. -]?key|secret[_. -]?key|client[_. -]?secret|auth[_. -]?token|access[_. -]?token|api[_. -]?token|private[_. -]?key|app[_. -]?secret|encryption[_. -]?key|signing[_. -]?key|refresh[_. -]?token|secret|token))" ASSIGN
         R"(([A-Za-z0-9_+/=.~-]{16,80}))",
     .check = looks_random,
     .confidence = .8},
    {.id = "secret.password_assignment",
     .category = kSecret,
     .entity = "PASSWORD",
     .pattern = R"((?:password|passwd|passphrase|pwd|passwort|contraseña|senha))" ASSIGN
                R"(([A-Za-z0-9!@#$%^&*._+=~?/-]{6,64}))",
     .check = looks_like_password,
     .confidence = .75},
};

#undef ASSIGN

}  // namespace

std::span<const Rule> secret_rules() {
  return kRules;
}

}  // namespace plimsoll::detect
