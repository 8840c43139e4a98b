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

// Two pieces of one word.
std::string of(std::string_view a, std::string_view b) {
  return std::string(a) + std::string(b);
}

}  // namespace

std::vector<Sample> samples() {
  std::vector<Sample> all = {
      {"pii.email", "mail user@example.com now", "user@example and @example.com"},
      {"pii.email_international", "mail jürgen.müller@büro.example now", "jürgen@büro and user@example.com"},
      {"pii.card", "card 4111 1111 1111 1111.", "order 4111 1111 1111 1112"},
      {"pii.iban", "pay GB82 WEST 1234 5698 7654 32 please", "pay GB83 WEST 1234 5698 7654 32"},
      {"pii.iban_compact", "my iban is gb82west12345698765432", "my iban is gb83west12345698765432"},
      {"pii.bic", "BIC: COBADEFFXXX", "BIC: COBAXXFFXXX"},
      {"pii.phone_international", "+44 20 7946 0958", "+1 2, 7 + 8 or +5, +999 1234 5678"},
      {"pii.phone_us", "202-555-0143 ext 12", "2024-01-15 and 12-34-5678, 202-555-0143-7"},
      {"pii.phone_us_parentheses", "(202) 555-0143", "(202) results in 555 rows"},
      {"pii.phone_area_code", "(85) 5986-8343", "(85) items"},
      {"pii.phone_national", "083 445 2424", "page 083 445, 0123-45-67"},
      {"pii.phone_mobile", "139 1234 5678", "1 139 1234 567, 129 1234 5678"},
      {"pii.phone_named", "phone number: 7946 0958", "phone 10, phone: 2024-01-15"},
      {"pii.phone_called", "call me at 020 7946 0958", "call me at 10, reach 1 000 000"},
      {"pii.phone_labelled", "9885 1152 office", "2023-11-05 office"},
      {"pii.ipv4", "host 203.0.113.45", "version 11.2.3.4, mask 255.255.255.0, 10.0.0.256, 1.2.3.4"},
      {"pii.ipv6", "host 2001:db8:85a3::8a2e:370:7334", "at 12:30:45 std::string::npos"},
      {"pii.mac", "nic 00:1b:44:11:3a:b7", "nic 00:00:00:00:00:00 and 00:1b-44:11:3a:b7"},
      {"pii.personal_url", "my website is https://www.ann.example/cv",
       "the website is https://www.ann.example/cv"},
      {"pii.social_profile", "https://www.linkedin.com/in/ann-example", "https://www.linkedin.com/company/x"},
      {"pii.crypto_base58", "to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"},
      {"pii.crypto_base58_named", "litecoin LiK1nuextgFEJ4BLMYwEkj7ZD35mqm2K1W",
       "litecoin LiK1nuextgFEJ4BLMYwEkj7ZD35mqm2K1X"},
      {"pii.crypto_bech32", "to bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
       "to bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"},
      {"pii.crypto_ethereum", "to 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
       "to 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"},
      {"pii.date_of_birth", "date of birth: 12/03/1984", "date of issue: 12/03/1984, born on 45/13/1984"},
      {"pii.coordinates", "coordinates: 52.520008, 13.404954", "coordinates: 152.520008, 213.404954"},
      {"pii.coordinates_degrees", "my location is 40.7128° N, 74.0060° W", "12° North"},
      {"pii.coordinates_map", "https://maps.example/@52.520008,13.404954",
       "https://maps.example/@99.520008,13.404954"},
      {"pii.us_passport", "passport number 512345678", "passport photos cost 12"},
      {"pii.passport", "Reisepass: C01X00T47", "Reisepass: 12"},
      {"pii.us_driver_license", "driver's license: D123-4567-8901", "driver's license test at noon"},
      {"pii.driver_license_abroad", "Führerschein: B072RRE2I55", "Führerschein bestanden"},
      {"pii.medical_record", "MRN: 00482913", "medical record of the year"},
      {"pii.us_bank_account", "account number 483920175566", "account of 1234567 words"},
      {"pii.uk_sort_code", "sort code 12-34-56", "sort code is 12"},
      {"pii.it_identity_card", "carta d'identità: CA12345AA", "carta d'identità scaduta"},
      {"pii.vat", "VAT number DE136695976", "VAT number DE136695977"},
      {"pii.tax_id", "tax id: 12-3456789", "tax id forms, 12 of them"},
      {"pii.vehicle_named", "VIN WVWZZZ1JZXW000001", "VIN of the car"},
      {"pii.aba_routing", "routing number 020380687", "routing number 020380688"},
      {"pii.ae_id", "ID 784-1959-4873949-5", "ID 784-1959-4873949-6"},
      {"pii.ar_cuit", "nro 30-38664794-8", "nro 30-38664794-9"},
      {"pii.at_svnr", "SVNR 2266 261194", "SVNR 2266 261195"},
      {"pii.au_abn", "ABN 17 777 540 162", "ABN 17 777 540 163"},
      {"pii.au_acn", "ACN 426 487 256", "ACN 426 487 257"},
      {"pii.au_medicare", "Medicare 3950 25996 1", "Medicare 1111 11111 1"},
      {"pii.au_tfn", "TFN 465 450 958", "TFN 465 450 959"},
      {"pii.baltic_code", "isikukood 38203135292", "isikukood 38203135293"},
      {"pii.be_national", "nummer 01.07.20-118.31", "nummer 01.07.20-118.32"},
      {"pii.be_national_named", "rijksregisternummer 59080605986", "rijksregisternummer 59080605987"},
      {"pii.bg_egn", "EGN 5712180834", "EGN 5712180835"},
      {"pii.br_cnpj", "empresa 05.828.973/0001-37", "empresa 05.828.973/0001-38"},
      {"pii.br_cnpj_named", "CNPJ 58383192000142", "CNPJ 58383192000143"},
      {"pii.br_cpf", "doc 813.012.226-07", "doc 813.012.226-08"},
      {"pii.br_cpf_named", "CPF 36437663944", "CPF 36437663945"},
      {"pii.ca_sin", "SIN: 394 369 391", "SIN: 394 369 392"},
      {"pii.ch_ahv", "AHV 756.6423.2347.89", "AHV 756.6423.2347.80"},
      {"pii.cl_rut", "doc 15.092.519-3", "doc 15.092.519-4"},
      {"pii.cl_rut_named", "RUT 17769448-7", "RUT 17769448-8"},
      {"pii.cn_resident_id", "证件 110101194004042650", "证件 110101194004042651"},
      {"pii.cz_birth_number", "r.c. 921211/1711", "r.c. 921211/1712"},
      {"pii.de_id_card", "Personalausweisnummer: LZV9XT67H4", "Personalausweisnummer: LZV9XT67H5"},
      {"pii.de_tax_id", "Steuer-ID: 52 621 497 080", "Steuer-ID: 52 621 497 081"},
      {"pii.dk_cpr", "CPR 261004-9809", "CPR 451390-1234"},
      {"pii.es_nie", "con X3120604X", "con X3120605X"},
      {"pii.es_nif", "con 22758550G", "con 22758551G"},
      {"pii.es_nif_named", "DNI 02909646-P", "DNI 02909647-P"},
      {"pii.fi_hetu", "tunnus 110192-501T", "tunnus 110192-502T"},
      {"pii.fr_nir", "sécu 2 87 06 33 562 463 23", "sécu 2 87 06 33 562 463 24"},
      {"pii.gr_amka", "AMKA 01119755989", "AMKA 01119755980"},
      {"pii.hk_id", "HKID Y682812(2)", "HKID Y682812(3)"},
      {"pii.hr_oib", "OIB: 66511605508", "OIB: 66511605509"},
      {"pii.id_nik", "NIK 3171031708890275", "NIK 0000000000000000"},
      {"pii.ie_pps", "PPS number 2321803W", "PPS number 2321804W"},
      {"pii.il_id", "תעודת זהות 135945988", "תעודת זהות 135945989"},
      {"pii.imei", "IMEI 350422496309297", "IMEI 350422496309298"},
      {"pii.in_aadhaar", "with 7248 4558 9961", "with 7248 4558 9962"},
      {"pii.in_aadhaar_named", "Aadhaar number 529351112352", "Aadhaar number 529351112353"},
      {"pii.in_gstin", "bill 05TNBFM3711Q1ZY", "bill 05TNBFM3711Q2ZY"},
      {"pii.in_pan", "with TJSLH4942M", "with ABCZE1234F"},
      {"pii.in_voter", "voter id NSB7552920", "voter id 1234567"},
      {"pii.it_fiscal_code", "codice DLTLFB76B07B373P", "codice DLTLFB76B07B374P"},
      {"pii.it_vat", "partita IVA 07516940959", "partita IVA 07516940950"},
      {"pii.jp_my_number", "マイナンバー: 414170586491", "マイナンバー: 414170586492"},
      {"pii.kr_brn", "사업자 637-12-92611", "사업자 637-12-92612"},
      {"pii.kr_rrn", "번호 520227-2085633", "901301-1234567"},
      {"pii.medical_license", "DEA number AG0686898", "DEA number AG0686899"},
      {"pii.mx_curp", "clave DEDD570428MDFHDG06", "clave DEDD570428MDFHDG07"},
      {"pii.mx_rfc", "RFC BICC0007091E4", "RFC 2616"},
      {"pii.my_nric", "IC 930421-14-2465", "901301-14-5678"},
      {"pii.nl_bsn", "BSN: 225406482", "BSN: 225406483"},
      {"pii.no_fnr", "nummer 12076221071", "nummer 12076221072"},
      {"pii.nz_ird", "IRD 10954622", "IRD 10954623"},
      {"pii.pl_nip", "NIP 619-516-35-22", "NIP 619-516-35-23"},
      {"pii.pl_pesel", "PESEL 95022584580", "PESEL 95022584581"},
      {"pii.pt_nif", "NIF 108 886 905", "NIF 108 886 906"},
      {"pii.ro_cnp", "CNP 1960302040784", "CNP 1960302040785"},
      {"pii.ru_inn", "ИНН 7520431775", "ИНН 7520431776"},
      {"pii.ru_snils", "СНИЛС 600-474-395 60", "СНИЛС 600-474-395 61"},
      {"pii.sa_id", "iqama 2394369918", "iqama 2394369919"},
      {"pii.se_personnummer", "har 771116-6020", "har 771116-6021"},
      {"pii.se_personnummer_named", "personnummer 5602162090", "personnummer 5602162091"},
      {"pii.sg_nric", "NRIC S0423468E", "NRIC S0423469E"},
      {"pii.th_id", "เลข 8-4015-54970-05-1", "เลข 8-4015-54970-05-2"},
      {"pii.tr_id", "TC kimlik 17769690588", "TC kimlik 17769690589"},
      {"pii.tr_id_short", "T.C. No: 17769690588", "T.C. No: 17769690589"},
      {"pii.tw_id", "身分證 A160309267", "身分證 A160309268"},
      {"pii.uk_driving_licence", "licence MORGA759034JD1BK", "MORGA613116SM9IJ"},
      {"pii.uk_nhs", "NHS number 464 590 8766", "NHS number 464 590 8767"},
      {"pii.uk_nino", "NINO TC 32 18 18 C", "grid GB 12 34 56 A"},
      {"pii.uk_utr", "UTR 1431199840", "UTR 1111111111"},
      {"pii.us_ein", "EIN: 90-1717721", "EIN: 00-3456789"},
      {"pii.us_itin", "number 945-94-0246", "number 912-40-1234"},
      {"pii.us_itin_named", "ITIN 937836962", "ITIN 912401234"},
      {"pii.us_mbi", "MBI 9K88-NU8-XH33", "MBI 1SG4-TE5-MK73"},
      {"pii.us_npi", "NPI: 2096825064", "NPI: 2096825065"},
      {"pii.us_ssn", "number 711-06-6580", "number 666-22-8741"},
      {"pii.us_ssn_named", "SSN: 572 13 0070", "SSN is unknown, 22 8741"},
      {"pii.vehicle", "car 1HGYK8970CE299672", "car 1HGYK8970CE299673"},
      {"pii.za_id", "number 0312144435087", "number 0312144435088"},

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
       "p_q7Zk2Lw9Xv4Tb8Np1Rd6Ys3Mf5Hc0J2rlMCg",
       "gh"
       "p_" +
           key(36)},
      {"secret.github_like_token",
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
       "m_q7Zk2Lw9Xv4Tb8Np1Rd6Ys3Mf5Hc0J2rlMCg",
       "np"
       "m_" +
           key(36)},
      {"secret.npm_like_token",
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
       "JhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.ey"
       "JzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IngifQ." +
           key(43),
       "ey"
       "JzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IngifQ.abcdefgh"},
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
      {"secret.bitbucket_token", of("ATB", "B") + key(32), of("ATB", "B") + key(12)},
      {"secret.crates_token", of("ci", "o") + key(32), of("ci", "o") + key(12)},
      {"secret.nuget_key", of("oy", "2") + take("abc3defg7hij9klm5nop2qrs", 43), of("oy", "2abc")},
      {"secret.artifactory_key", of("AKC", "p") + key(69), of("AKC", "p") + std::string(69, 'X')},
      {"secret.sonarqube_token", of("sq", "p_") + hex(40), of("sq", "p_") + hex(12)},
      {"secret.google_service_account", R"({"type": "service_account"})", R"({"type": "user_account"})"},
      {"secret.google_private_key_id", R"("private_key_id": ")" + hex(40) + '"',
       R"("private_key_id": "none")"},
      {"secret.azure_key", "AZURE_OPENAI_API_KEY=" + hex(32), "AZURE_OPENAI_API_KEY=none"},
      {"secret.alibaba_key", of("LTA", "I") + key(20), of("LTA", "I")},
      {"secret.heroku_key", of("HRK", "U-") + "3f9a1c7e-5b2d-8046-e1f7-a9c3b5d03f9a", of("HRK", "U-")},
      {"secret.heroku_named_key", "HEROKU_API_KEY=3f9a1c7e-5b2d-8046-e1f7-a9c3b5d03f9a", "heroku apps:info"},
      {"secret.cloudflare_token", "CLOUDFLARE_API_TOKEN=" + key(40), "CLOUDFLARE_API_TOKEN=token"},
      {"secret.cloudflare_ca_key", of("v1", ".0-") + hex(24) + "-" + hex(110), "v1.0-rc1"},
      {"secret.fastly_fly_token", of("fo", "1_") + key(43), of("fo", "1_bar")},
      {"secret.fastly_token", "FASTLY_API_TOKEN=" + key(32), "FASTLY_API_TOKEN=none"},
      {"secret.netlify_token", "NETLIFY_AUTH_TOKEN=" + key(43), "NETLIFY_AUTH_TOKEN=none"},
      {"secret.netlify_pat", of("nf", "p_") + key(36), of("nf", "p_") + key(6)},
      {"secret.vercel_token", of("vc", "p_") + key(36), of("vc", "p_") + key(6)},
      {"secret.supabase_key", of("sb", "p_") + hex(40), of("sb", "p_") + hex(6)},
      {"secret.vault_old_token", "VAULT_TOKEN=s." + key(24), "VAULT_TOKEN=s.token"},
      {"secret.onepassword_token", of("ops", "_eyJ") + key(120), of("ops", "_eyJ")},
      {"secret.openshift_token", of("sha", "256~") + key(43), of("sha", "256~") + key(13)},
      {"secret.tailscale_key", of("tskey", "-auth-") + key(12) + "-" + key(32),
       of("tskey", "-auth-") + key(4)},
      {"secret.xai_key", of("xa", "i-") + key(80), of("xa", "i-grok")},
      {"secret.replicate_token", of("r", "8_") + key(37), of("r", "8_") + key(7)},
      {"secret.pinecone_key", of("pc", "sk_") + key(70), of("pc", "sk_") + key(7)},
      {"secret.langsmith_key", of("lsv", "2_pt_") + hex(32) + "_" + hex(10), of("lsv", "2_pt_") + hex(32)},
      {"secret.nvidia_key", of("nv", "api-") + key(64), of("nv", "api-") + key(7)},
      {"secret.plimsoll_key", of("pl", "k_") + of("q7Zk2Lw9Xv4Tb8Np1Rd6Ys3Mf", "5Hc0JuVg1Ea4Ki7Wn24Bhdje"),
       of("pl", "k_") + of("q7Zk2Lw9Xv4Tb8Np1Rd6Ys3Mf", "5Hc0JuVg1Ea4Ki7Wn20Bhdje")},
      {"secret.discord_token", of("MT", "k4") + key(20) + ".G7h2Kq." + key(38),
       of("MT", "k4") + key(20) + ".com"},
      {"secret.discord_webhook", "https://discord.com/api/webhooks/123456789012345678/" + key(68),
       "https://discord.com/api/webhooks/123456789012345678/x"},
      {"secret.teams_webhook",
       "https://a.webhook.office.com/webhookb2/3f9a1c7e-5b2d-8046-e1f7-a9c3b5d03f9a@"
       "3f9a1c7e-5b2d-8046-e1f7-a9c3b5d03f9a/IncomingWebhook/" +
           hex(32),
       "https://a.webhook.office.com/webhookb2/"},
      {"secret.twilio_auth", "TWILIO_AUTH_TOKEN=" + hex(32), "TWILIO_AUTH_TOKEN=none"},
      {"secret.sendinblue_key", of("xkey", "sib-") + hex(64) + "-" + key(16), of("xkey", "sib-") + hex(20)},
      {"secret.resend_key", of("r", "e_") + key(8) + "_" + key(24), "re_compile_everything"},
      {"secret.braintree_token",
       of("access_token", "$sandbox$") + take("abc3defg7hij9klm", 16) + "$" + hex(32),
       of("access_token", "$sandbox$")},
      {"secret.paypal_secret", "PAYPAL_CLIENT_SECRET=" + key(64), "PAYPAL_CLIENT_SECRET=none"},
      {"secret.adyen_plaid_key", of("access", "-sandbox-") + "3f9a1c7e-5b2d-8046-e1f7-a9c3b5d03f9a",
       of("access", "-sandbox-") + "mode"},
      {"secret.razorpay_key", of("rzp", "_live_") + key(14), of("rzp", "_live_") + key(4)},
      {"secret.twitter_bearer", std::string(22, 'A') + key(80), std::string(120, 'A')},
      {"secret.twitter_key", "TWITTER_API_SECRET=" + key(50), "TWITTER_API_SECRET=none"},
      {"secret.linkedin_key", "LINKEDIN_CLIENT_SECRET=" + key(16), "LINKEDIN_CLIENT_SECRET=none"},
      {"secret.dropbox_token", of("s", "l.") + key(140), of("s", "l.") + key(30)},
      {"secret.dropbox_key", "DROPBOX_APP_SECRET=" + take("abc3defg7hij9klm5nop2qrs", 15),
       "DROPBOX_APP_SECRET=none"},
      {"secret.intra42_token", of("s-s4", "t2ud-") + hex(64), of("s-s4", "t2ud-") + hex(20)},
      {"secret.airtable_token", of("pa", "t") + key(14) + "." + hex(64), of("pa", "t") + key(14) + ".com"},
      {"secret.notion_token", of("nt", "n_") + key(46), of("nt", "n_") + key(6)},
      {"secret.figma_token", of("fig", "d_") + key(43), of("fig", "d_") + key(6)},
      {"secret.hubspot_token", of("pat", "-na1-") + "3f9a1c7e-5b2d-8046-e1f7-a9c3b5d03f9a",
       of("pat", "-na1-") + "x"},
      {"secret.dynatrace_token", of("dt0", "c01.") + capitals(24) + "." + capitals(64),
       of("dt0", "c01.") + capitals(24)},
      {"secret.datadog_key", "DD_API_KEY=" + hex(32), "DD_API_KEY=none"},
      {"secret.sumologic_key", "SUMO_ACCESS_KEY=" + key(64), "sumo wrestling: a sport"},
      {"secret.putty_key", "PuTTY-User-Key-File-3: ssh-ed25519", "PuTTY 0.78"},
      {"secret.wallet_key", of("5J", "yyCUuqYVMxm5RK2Pn28ovDZza3r3vhFzstXzbf23ibM4vBcFu"),
       of("5J", "yyCUuqYVMxm5RK2Pn28ovDZza3r3vhFzstXzbf23ibM4vBcFv")},
      {"secret.wallet_named_key",
       "private key: " + of("Ky", "ZPdvLm6taJXBbJ6u3jxVwEXezQ6W7XU3r8zAAbsueUMQLfmaYH"),
       "private key: " + of("Ky", "ZPdvLm6taJXBbJ6u3jxVwEXezQ6W7XU3r8zAAbsueUMQLfmaYJ")},
      {"secret.curl_user_only", "curl -u \"d2LkV78zLx!t:\" https://a.example",
       "curl -u \"developer:\" https://a.example"},
      {"secret.basic_credentials", "Authorization: Basic YW5uOlRyMHViNGRvciYz",
       "Authorization: Basic realmrealmrealm"},
      {"secret.header_value", "curl -H 'X-Api-Key: " + key(20) + "'", "curl -H 'X-Api-Key: $KEY'"},

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
