#include "key_checks.h"
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

// Of so much random hex that it has digits enough.
constexpr Rule of_digits(Rule rule) {
  rule.needs_digits = true;
  return rule;
}

// A value that is a key because of the name it is given.
constexpr Rule assigned(std::string_view id, std::string_view entity, std::string_view pattern,
                        Check check = looks_random, double confidence = .9) {
  return {.id = id,
          .category = kSecret,
          .entity = entity,
          .pattern = pattern,
          .check = check,
          .around = is_value,
          .confidence = confidence};
}

// Quotes may stand escaped: JSON inside a JSON string.
#define ASSIGN R"([\s"'\\]{0,6}(?:is\s|[:=]{1,2}>?)[\s"'`\\]{0,6})"
// The name of a value goes on: CLOUDFLARE_API_TOKEN, datadogApiKey.
#define KEY R"([\w. -]{0,16}(?:key|token|secret|password|pat|auth)[\w.]{0,8})"

constexpr Rule kRules[] = {
    prefixed("secret.aws_access_key", "AWS_ACCESS_KEY", R"(\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b)",
             is_varied, .98),
    assigned("secret.aws_secret_key", "AWS_SECRET_KEY",
             R"(\b(?:aws[\w. -]{0,20}(?:secret|key)[\w. -]{0,12}|secret_?access_?key))" ASSIGN
             R"(([A-Za-z0-9/+=]{40})\b)",
             looks_random, .95),
    prefixed("secret.aws_bedrock_key", "AWS_BEDROCK_KEY", R"(\bABSK[A-Za-z0-9+/]{100,150})", is_varied),

    // Code and packages.
    prefixed("secret.github_token", "GITHUB_TOKEN", R"(\bgh(?:p|o|u|s|r)_[A-Za-z0-9]{36}\b)",
             has_crc32_suffix, .99),
    prefixed("secret.github_like_token", "GITHUB_TOKEN", R"(\bgh(?:p|o|u|s|r)_[A-Za-z0-9]{36}\b)",
             looks_random, .9),
    prefixed("secret.github_fine_grained", "GITHUB_TOKEN",
             R"(\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b)"),
    prefixed(
        "secret.gitlab_token", "GITLAB_TOKEN",
        R"(\b(?:glpat|gldt|glrt|glcbt|glptt|glft|glimt|glagent|gloas|glsoat|glffct|glwt|GR1348941)-?[A-Za-z0-9_-]{20,60}\b)"),
    prefixed("secret.bitbucket_token", "BITBUCKET_TOKEN", R"(\bATBB[A-Za-z0-9]{32}\b)"),
    prefixed("secret.atlassian_token", "ATLASSIAN_TOKEN", R"(\bATATT3[A-Za-z0-9_=-]{20,170})"),
    prefixed("secret.npm_token", "NPM_TOKEN", R"(\bnpm_[A-Za-z0-9]{36}\b)", has_crc32_suffix, .99),
    prefixed("secret.npm_like_token", "NPM_TOKEN", R"(\bnpm_[A-Za-z0-9]{36}\b)", looks_random, .9),
    prefixed("secret.pypi_token", "PYPI_TOKEN", R"(\bpypi-AgE[A-Za-z0-9_-]{50,170})"),
    prefixed("secret.rubygems_key", "RUBYGEMS_KEY", R"(\brubygems_[0-9a-f]{48}\b)", is_random_hex),
    prefixed("secret.crates_token", "CRATES_TOKEN", R"(\bcio[A-Za-z0-9]{32}\b)", looks_random, .95,
             R"(\bcio[A-Za-z0-9]{32}\b)"),
    prefixed("secret.nuget_key", "NUGET_KEY", R"(\boy2[a-z0-9]{43}\b)", looks_random, .95,
             R"(\boy2[a-z0-9]{43}\b)"),
    prefixed("secret.docker_token", "DOCKER_TOKEN", R"(\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{27,60}\b)"),
    prefixed("secret.artifactory_key", "ARTIFACTORY_KEY",
             R"(\b(?:AKCp[A-Za-z0-9]{69}|cmVmdGtu[A-Za-z0-9]{56})\b)"),
    prefixed("secret.sonarqube_token", "SONARQUBE_TOKEN", R"(\bsq[upa]_[a-z0-9]{40}\b)", is_random_hex),
    prefixed("secret.postman_key", "POSTMAN_KEY", R"(\bPMAK-[0-9a-f]{24}-[0-9a-f]{34}\b)", is_random_hex),

    // Clouds and hosting.
    prefixed("secret.google_api_key", "GOOGLE_API_KEY", R"(\bAIza[A-Za-z0-9_-]{35})", looks_random, .97),
    prefixed("secret.google_oauth", "GOOGLE_OAUTH",
             R"(\b(?:ya29\.[A-Za-z0-9_-]{30,160}|GOCSPX-[A-Za-z0-9_-]{28}|1//0[A-Za-z0-9_-]{60,110}))"),
    {.id = "secret.google_service_account",
     .category = kSecret,
     .entity = "GOOGLE_SERVICE_ACCOUNT",
     .pattern = R"(\btype)" ASSIGN R"((service_account)\b)",
     .confidence = .8},
    assigned("secret.google_private_key_id", "GOOGLE_SERVICE_ACCOUNT",
             R"(\bprivate_key_id)" ASSIGN R"(([0-9a-f]{40})\b)", is_random_hex, .95),
    prefixed("secret.azure_storage", "AZURE_STORAGE_KEY", R"(\bAccountKey=[A-Za-z0-9+/]{86}==)"),
    {.id = "secret.azure_ad_secret",
     .category = kSecret,
     .entity = "AZURE_CLIENT_SECRET",
     .pattern = R"(\b([A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}))",
     .exact_case = true,
     .check = looks_random,
     .around = is_whole_token,
     .confidence = .95,
     .trigger = R"(\dQ~)"},
    {.id = "secret.azure_sas",
     .category = kSecret,
     .entity = "AZURE_SAS",
     .pattern = R"([?&]sig=[A-Za-z0-9%/+]{40,80}(?:%3d|=){0,2})",
     .check = looks_random},
    assigned("secret.azure_key", "AZURE_KEY",
             R"(\b(?:azure|cognitive|cosmos|ocp-apim-subscription))" KEY ASSIGN
             R"(([A-Za-z0-9+/]{32,88}={0,2}))",
             looks_random, .9),
    prefixed("secret.alibaba_key", "ALIBABA_ACCESS_KEY", R"(\bLTAI[A-Za-z0-9]{12,24}\b)"),
    prefixed("secret.digitalocean_token", "DIGITALOCEAN_TOKEN", R"(\bdo[opr]_v1_[0-9a-f]{64}\b)",
             is_random_hex),
    prefixed("secret.heroku_key", "HEROKU_API_KEY", R"(\bHRKU-(?:AA[A-Za-z0-9_-]{58}|[0-9a-f-]{36})\b)"),
    assigned("secret.heroku_named_key", "HEROKU_API_KEY",
             R"(\bheroku)" KEY ASSIGN R"(([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b)",
             is_random_hex),
    assigned("secret.cloudflare_token", "CLOUDFLARE_TOKEN",
             R"(\b(?:cloudflare|cf_api|cf_))" KEY ASSIGN R"(([A-Za-z0-9_-]{37,40})\b)"),
    prefixed("secret.cloudflare_ca_key", "CLOUDFLARE_TOKEN", R"(\bv1\.0-[a-f0-9]{24}-[a-f0-9]{100,120})",
             is_random_hex),
    prefixed("secret.fastly_fly_token", "FLY_TOKEN",
             R"(\b(?:fo1_[\w-]{43}|fm[12][ar]?_[A-Za-z0-9+/]{100,150}))"),
    assigned("secret.fastly_token", "FASTLY_TOKEN", R"(\bfastly)" KEY ASSIGN R"(([A-Za-z0-9_-]{32})\b)"),
    assigned("secret.netlify_token", "NETLIFY_TOKEN",
             R"(\bnetlify)" KEY ASSIGN R"(([A-Za-z0-9_=-]{40,46})\b)"),
    prefixed("secret.netlify_pat", "NETLIFY_TOKEN", R"(\bnf[pocu]_[A-Za-z0-9]{36}\b)"),
    prefixed("secret.vercel_token", "VERCEL_TOKEN", R"(\bvc[aikpr]_[A-Za-z0-9]{24,60}\b)"),
    prefixed("secret.supabase_key", "SUPABASE_KEY",
             R"(\b(?:sbp_[a-f0-9]{40}|sb_secret_[A-Za-z0-9_-]{31})\b)"),
    prefixed("secret.planetscale", "PLANETSCALE_TOKEN",
             R"(\bpscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{32,64})"),
    prefixed("secret.databricks_token", "DATABRICKS_TOKEN", R"(\bdapi[0-9a-f]{32}(?:-\d)?\b)", is_random_hex),
    prefixed("secret.vault_token", "VAULT_TOKEN", R"(\bhv[sbr]\.[A-Za-z0-9_-]{24,160}\b)"),
    assigned("secret.vault_old_token", "VAULT_TOKEN",
             R"(\b(?:vault_token|x-vault-token))" ASSIGN R"((s\.[A-Za-z0-9]{24})\b)"),
    prefixed("secret.terraform_token", "TERRAFORM_TOKEN",
             R"(\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,70})"),
    prefixed("secret.pulumi_token", "PULUMI_TOKEN", R"(\bpul-[0-9a-f]{40}\b)", is_random_hex),
    prefixed("secret.doppler_token", "DOPPLER_TOKEN",
             R"(\bdp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9_.]{40,60}\b)"),
    prefixed(
        "secret.onepassword_token", "ONEPASSWORD_TOKEN",
        R"(\b(?:ops_eyJ[A-Za-z0-9+/=]{100,170}|A3-[A-Z0-9]{6}-[A-Z0-9]{11}-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}))",
        is_varied),
    prefixed("secret.openshift_token", "OPENSHIFT_TOKEN", R"(\bsha256~[A-Za-z0-9_-]{43}\b)"),
    prefixed("secret.tailscale_key", "TAILSCALE_KEY",
             R"(\btskey-(?:auth|api|client|scim|webhook)-[A-Za-z0-9]{8,20}-[A-Za-z0-9]{20,40}\b)"),

    // Models.
    prefixed("secret.openai_key", "OPENAI_KEY",
             R"(\bsk-(?:proj-|svcacct-|admin-|None-)?[A-Za-z0-9_-]{20,74}T3BlbkFJ[A-Za-z0-9_-]{20,74}\b)",
             is_varied, .99),
    prefixed("secret.openai_project_key", "OPENAI_KEY",
             R"(\bsk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{20,160}\b)"),
    prefixed("secret.openai_like_key", "API_KEY", R"(\bsk-[A-Za-z0-9]{32,64}\b)"),
    prefixed("secret.anthropic_key", "ANTHROPIC_KEY", R"(\bsk-ant-[a-z]{3,8}\d{2}-[A-Za-z0-9_-]{24,120}\b)"),
    prefixed("secret.openrouter_key", "API_KEY", R"(\bsk-or-v\d-[a-f0-9]{40,64}\b)"),
    prefixed("secret.huggingface_token", "HUGGINGFACE_TOKEN", R"(\b(?:hf_|api_org_)[A-Za-z]{34}\b)",
             is_random_letters, .95),
    prefixed("secret.perplexity_key", "API_KEY", R"(\bpplx-[A-Za-z0-9]{48}\b)"),
    prefixed("secret.groq_key", "API_KEY", R"(\bgsk_[A-Za-z0-9]{40,60}\b)"),
    prefixed("secret.xai_key", "API_KEY", R"(\bxai-[A-Za-z0-9]{60,90}\b)"),
    prefixed("secret.replicate_token", "API_KEY", R"(\br8_[A-Za-z0-9_-]{37}\b)"),
    prefixed("secret.pinecone_key", "API_KEY", R"(\bpcsk_[A-Za-z0-9_]{60,80}\b)"),
    prefixed("secret.langsmith_key", "API_KEY", R"(\blsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}\b)",
             is_random_hex),
    prefixed("secret.nvidia_key", "API_KEY", R"(\bnvapi-[A-Za-z0-9_-]{60,70}\b)"),

    prefixed("secret.plimsoll_key", "PLIMSOLL_KEY", R"(\bplk_[A-Za-z0-9]{49}\b)", has_crc32_suffix, .99),

    // Messages and mail.
    prefixed(
        "secret.slack_token", "SLACK_TOKEN",
        R"(\b(?:xox[bpers]-\d{9,14}-[A-Za-z0-9-]{20,150}|xoxe\.xox[bp]-\d-[A-Za-z0-9]{120,160}|xoxe-\d-[A-Za-z0-9]{130,150}|xox[ar]-(?:\d-)?[A-Za-z0-9-]{20,70})\b)"),
    prefixed("secret.slack_app_token", "SLACK_TOKEN",
             R"(\bxapp-\d-[A-Z0-9]{5,15}-\d{8,15}-[a-z0-9]{30,80}\b)"),
    prefixed("secret.slack_webhook", "SLACK_WEBHOOK",
             R"(\bhooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{43,80})"),
    prefixed("secret.discord_token", "DISCORD_TOKEN",
             R"(\b[MNO][DTjz][A-Za-z0-9]{21,26}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}\b)", looks_random,
             .95, R"(\.[A-Z0-9_-]{6}\.[A-Z0-9_-]{27})"),
    prefixed("secret.discord_webhook", "DISCORD_WEBHOOK",
             R"(\bdiscord(?:app)?\.com/api/webhooks/\d{17,20}/[A-Za-z0-9_-]{60,70})"),
    prefixed("secret.teams_webhook", "TEAMS_WEBHOOK",
             R"(\.webhook\.office\.com/webhookb2/[a-f0-9-]{36}@[a-f0-9-]{36}/IncomingWebhook/[a-f0-9]{32})",
             is_varied),
    prefixed("secret.telegram_bot", "TELEGRAM_TOKEN", R"(\b\d{8,10}:AA[A-Za-z0-9_-]{33})"),
    prefixed("secret.sendgrid_key", "SENDGRID_KEY", R"(\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64})"),
    of_digits(prefixed("secret.twilio_key", "TWILIO_KEY", R"(\b(?:SK|AC)[0-9a-f]{32}\b)", is_random_hex, .8,
                       R"(\b(?:SK|AC)[0-9a-f]{32}\b)")),
    assigned("secret.twilio_auth", "TWILIO_KEY", R"(\btwilio)" KEY ASSIGN R"(([0-9a-f]{32})\b)",
             is_random_hex),
    prefixed("secret.mailgun_key", "MAILGUN_KEY", R"(\b(?:pub)?key-[0-9a-f]{32}\b)", is_random_hex),
    of_digits(prefixed("secret.mailgun_key", "MAILGUN_KEY", R"(\b[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}\b)",
                       is_random_hex, .95, R"([0-9a-f]-[0-9a-f]{8}-)")),
    of_digits(prefixed("secret.mailchimp_key", "MAILCHIMP_KEY", R"(\b[0-9a-f]{32}-us\d{1,2}\b)",
                       is_random_hex, .95, R"([0-9a-f]{8}-us\d)")),
    prefixed("secret.sendinblue_key", "BREVO_KEY", R"(\bxkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}\b)"),
    prefixed("secret.resend_key", "API_KEY", R"(\bre_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}\b)", looks_random, .95,
             R"(\bre_[A-Za-z0-9]{8}_)"),

    // Shops and payments.
    prefixed("secret.stripe_key", "STRIPE_KEY", R"(\b[sr]k_(?:live|test|prod)_[A-Za-z0-9]{10,99}\b)"),
    prefixed("secret.stripe_webhook", "STRIPE_KEY", R"(\bwhsec_[A-Za-z0-9+/]{24,64})"),
    prefixed("secret.shopify_token", "SHOPIFY_TOKEN", R"(\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b)",
             is_random_hex),
    prefixed("secret.square_token", "SQUARE_TOKEN",
             R"(\b(?:EAAA[A-Za-z0-9_-]{60}|sq0[a-z]{3}-[A-Za-z0-9_-]{22,43})\b)"),
    prefixed("secret.braintree_token", "BRAINTREE_TOKEN",
             R"(\baccess_token(\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32})\b)"),
    assigned("secret.paypal_secret", "PAYPAL_SECRET",
             R"(\b(?:paypal|braintree))" KEY ASSIGN R"(([A-Za-z0-9_-]{32,80})\b)"),
    prefixed(
        "secret.adyen_plaid_key", "PLAID_TOKEN",
        R"(\baccess-(?:sandbox|development|production)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b)",
        is_random_hex),
    prefixed("secret.razorpay_key", "RAZORPAY_KEY", R"(\brzp_(?:live|test)_[A-Za-z0-9]{14}\b)"),

    // Networks of people.
    prefixed("secret.facebook_token", "FACEBOOK_TOKEN", R"(\bEAA[A-Z][A-Za-z0-9]{60,170})"),
    prefixed("secret.facebook_app_token", "FACEBOOK_TOKEN", R"(\b\d{15,16}\|[A-Za-z0-9_-]{27}\b)",
             looks_random, .9, R"(\b\d{15,16}\|[A-Za-z0-9_-]{27})"),
    prefixed(
        "secret.twitter_bearer", "TWITTER_TOKEN", R"(\bA{20}[A-Za-z0-9%]{60,100})",
        [](std::string_view t) { return looks_random(t.substr(20)); }, .95, R"(\bA{20})"),
    assigned("secret.twitter_key", "TWITTER_TOKEN",
             R"(\btwitter)" KEY ASSIGN R"(([A-Za-z0-9]{25}|[A-Za-z0-9]{50}|\d{15,20}-[A-Za-z0-9]{20,40})\b)"),
    assigned("secret.linkedin_key", "LINKEDIN_SECRET",
             R"(\blinked-?in)" KEY ASSIGN R"(([A-Za-z0-9]{16}|WPL_AP1\.[A-Za-z0-9.+/=]{20,50}))"),
    prefixed("secret.dropbox_token", "DROPBOX_TOKEN", R"(\bsl\.(?:u\.)?[A-Za-z0-9_-]{130,160})"),
    assigned("secret.dropbox_key", "DROPBOX_TOKEN",
             R"(\bdropbox)" KEY ASSIGN R"(([a-z0-9]{15}|[A-Za-z0-9_-]{43,64})\b)"),
    prefixed("secret.intra42_token", "INTRA42_SECRET", R"(\bs-s4t2(?:ud|af)-[0-9a-f]{64}\b)", is_random_hex),
    prefixed("secret.airtable_token", "AIRTABLE_TOKEN", R"(\bpat[A-Za-z0-9]{14}\.[0-9a-f]{64}\b)",
             looks_random, .95, R"(\bpat[A-Za-z0-9]{14}\.[0-9a-f]{64})"),
    prefixed("secret.notion_token", "NOTION_TOKEN",
             R"(\b(?:secret_[A-Za-z0-9]{43}|ntn_[A-Za-z0-9]{40,50})\b)"),
    prefixed("secret.figma_token", "FIGMA_TOKEN", R"(\bfig[dou]_[A-Za-z0-9_-]{40,50}\b)"),
    prefixed("secret.linear_key", "LINEAR_KEY", R"(\blin_api_[A-Za-z0-9]{40}\b)"),
    prefixed("secret.hubspot_token", "HUBSPOT_TOKEN",
             R"(\bpat-(?:na|eu)\d-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b)",
             is_random_hex),

    // Watching.
    prefixed("secret.grafana_token", "GRAFANA_TOKEN", R"(\bgl(?:sa|c)_[A-Za-z0-9_=+/]{32,160})"),
    prefixed("secret.newrelic_key", "NEWRELIC_KEY", R"(\bNR(?:AK|JS|II|RA)-[A-Za-z0-9_-]{19,42}\b)"),
    prefixed("secret.sentry_token", "SENTRY_TOKEN", R"(\bsntry[su]_[A-Za-z0-9+/=_]{40,150})"),
    prefixed("secret.dynatrace_token", "DYNATRACE_TOKEN", R"(\bdt0[a-z]\d{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}\b)"),
    assigned("secret.datadog_key", "DATADOG_KEY",
             R"(\b(?:datadog|dd_api|dd_app|dd-api|dd-application|dd-))" KEY ASSIGN
             R"(([0-9a-f]{40}|[0-9a-f]{32})\b)",
             is_random_hex),
    assigned("secret.sumologic_key", "SUMOLOGIC_KEY",
             R"(\bsumo(?:[ _-]?logic)?[ _.-]\w{0,20})" ASSIGN R"(((?:su[A-Za-z0-9]{12}|[A-Za-z0-9]{64}))\b)",
             looks_random, .85),

    // Forms that many issuers share.
    {.id = "secret.jwt",
     .category = kSecret,
     .entity = "JWT",
     .pattern = R"(\beyJ[A-Za-z0-9_-]{12,160}\.[A-Za-z0-9_-]{4})",
     .exact_case = true,
     .check = is_jwt,
     .tail = Tail::kToken,
     .confidence = .9},
    {.id = "secret.private_key",
     .category = kSecret,
     .entity = "PRIVATE_KEY",
     .pattern = R"(-----BEGIN (?:[A-Z0-9]{2,10} ){0,3}PRIVATE KEY(?: BLOCK)?-----)",
     .exact_case = true,
     .tail = Tail::kPem,
     .confidence = .99},
    prefixed("secret.age_key", "AGE_SECRET_KEY",
             R"(\bAGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}\b)"),
    {.id = "secret.putty_key",
     .category = kSecret,
     .entity = "PRIVATE_KEY",
     .pattern = R"(\bPuTTY-User-Key-File-[23]: (?:ssh-|ecdsa-)[a-z0-9-]{3,20})",
     .exact_case = true,
     .confidence = .95},
    prefixed("secret.wallet_key", "CRYPTO_PRIVATE_KEY", R"(\b5[HJK][1-9A-HJ-NP-Za-km-z]{49}\b)",
             is_wallet_key, .99, R"(\b5[HJK][1-9A-Z]{49}\b)"),
    assigned("secret.wallet_named_key", "CRYPTO_PRIVATE_KEY",
             R"(\b(?:wif|priv(?:ate)?[ _-]?key|wallet[ _-]?key))" ASSIGN
             R"(([5KL][1-9A-HJ-NP-Za-km-z]{50,51})\b)",
             is_wallet_key, .99),
    {.id = "secret.curl_user",
     .category = kSecret,
     .entity = "PASSWORD",
     .pattern = R"([ \t](?:-u|--user)[ \t]{1,2}["']?[\w.@{}+-]{0,40}["']?:["']?([\w!@#$%^&*~+=.{}-]{6,40}))",
     .check = looks_like_password,
     .confidence = .85,
     .trigger = R"( (?:-u|--user) )"},
    {.id = "secret.curl_user_only",
     .category = kSecret,
     .entity = "PASSWORD",
     .pattern =
         R"(\bcurl\s(?:[\w./:'"=%-]{1,24}\s{1,3}){0,2}(?:-u|--user)\s{1,2}["']([\w!@#$%^&*~+=.-]{10,50}):["'\s])",
     .check = looks_like_password,
     .confidence = .7},
    {.id = "secret.url_credentials",
     .category = kSecret,
     .entity = "URL_CREDENTIALS",
     .pattern =
         R"(\b[a-z][a-z0-9+]{1,14}://[\w.%~+-]{0,40}:([\w.%~+!$&*=^#-]{3,50})@[\w-]{1,28}(?:\.[\w-]{1,20}){0,2})",
     .check = [](std::string_view t) { return !is_placeholder(t) && t[0] != '$' && t[0] != '%'; },
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
         R"(\b(?:authorization["']?\s{0,2}[:=]\s{0,3}["']?(?:bearer|token|api-token|apikey|api-key)|bearer)\s([A-Za-z0-9._~+/=-]{16,100}))",
     .check = looks_random,
     .confidence = .85},
    {.id = "secret.basic_credentials",
     .category = kSecret,
     .entity = "AUTHORIZATION_HEADER",
     .pattern = R"(\bauthorization["']?\s{0,2}[:=]\s{0,3}["']?basic\s([A-Za-z0-9+/]{8,120}={0,2}))",
     .check = is_basic_credentials,
     .around = is_whole_token,
     .confidence = .95},
    {.id = "secret.header_value",
     .category = kSecret,
     .entity = "API_KEY",
     .pattern =
         R"((?:-H|--header)\s{1,3}["'](?:authorization|x-[a-z-]{0,20}(?:key|token)|api-?token|api-?key|token|private-token)\s?:\s{0,3}([A-Za-z0-9._~+/=@-]{10,100})["'])",
     .check = looks_sent,
     .confidence = .85},
    {.id = "secret.api_key_assignment",
     .category = kSecret,
     .entity = "API_KEY",
     .pattern =
         R"((?:(?:public|csrf|xsrf|page|next|continuation|sync|web)[_.-]?)?(?:(?:api|access|client|auth|private|app|encryption|signing|refresh)[_. -]?(?:key|secret|token)|secret(?:[_.-]?(?:access[_.-]?)?key)?|token))" ASSIGN
         R"(([A-Za-z0-9_+/.~-][A-Za-z0-9_+/=.~-]{15,79}))",
     .check = looks_assigned,
     .around = is_secret_name,
     .confidence = .8},
    {.id = "secret.password_assignment",
     .category = kSecret,
     .entity = "PASSWORD",
     .pattern =
         R"((?:password|passwort|passwd|passphrase|pwd|contraseña|senha|mot\sde\spasse|wachtwoord|hasło|пароль|密码|パスワード|비밀번호))" ASSIGN
         R"(([A-Za-z0-9!@#$%^&*._+~?/-][A-Za-z0-9!@#$%^&*._+=~?/-]{5,47}))",
     .check = looks_like_password,
     .around = is_value,
     .confidence = .75},
};

#undef KEY
#undef ASSIGN

}  // namespace

std::span<const Rule> secret_rules() {
  return kRules;
}

}  // namespace plimsoll::detect
