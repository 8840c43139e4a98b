#include "national_ids.h"
#include "phone_plans.h"
#include "rule.h"
#include "validate.h"

namespace plimsoll::detect {
namespace {

#define MONTH \
  R"((?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|januar|februar|märz|juni|juli|oktober|dezember|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|dezembro|maart|mei|augustus)\.?)"
#define DATE                                                                                \
  R"((\d{1,4}[-/.]\s?\d{1,2}[-/.]\s?\d{1,4}|\d{1,2}[- /.])" MONTH R"([- /.]\d{2,4}|)" MONTH \
  R"(\s\d{1,2}(?:st|nd|rd|th)?,?\s\d{4}|\d{1,2}(?:st|nd|rd|th)?\.?\s(?:of\s|de\s)?)" MONTH  \
  R"(,?\s(?:de\s)?\d{4}))"
#define TIME R"((?:(?:T|,?[ \t])\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[ \t]?[ap]m|Z|[+-]\d{2}:?\d{2})?)?)"
// Between the name of a number and the number: "number is:", `": "`.
#define IS \
  R"((?:["'\s)*_]{0,2}(?:numbers?|nummer|numero|número|numéro|num|nr|no|n°|nº|id|code|card|is|was|are|ist|est|es|lautet|è|é|#|=|:|-)\.?){0,4}["'\s(\[*]{0,3})"

// A number that is known by its form and its check digits.
constexpr Rule by_form(std::string_view id, std::string_view entity, std::string_view pattern, Check check,
                       double confidence, std::string_view trigger) {
  return {.id = id,
          .entity = entity,
          .pattern = pattern,
          .exact_case = true,
          .check = check,
          .around = stands_alone,
          .confidence = confidence,
          .trigger = trigger,
          .needs_digits = true};
}

// A number after a word that names it.
constexpr Rule by_name(std::string_view id, std::string_view entity, std::string_view pattern, Check check,
                       double confidence = .9, bool needs_digits = true) {
  return {.id = id,
          .entity = entity,
          .pattern = pattern,
          .check = check,
          .confidence = confidence,
          .needs_digits = needs_digits};
}

// The digits of a telephone number, and an extension.
#define EXTENSION R"((?:[ \t]{0,2}(?:x|ext\.?|extension|#|durchwahl|poste|int\.?)[ \t]?\d{1,6})?)"
#define PHONE R"((\+?\(?\d(?:[ ().\t/-]{0,3}\d){5,16})" EXTENSION ")"

constexpr Rule kRules[] = {
    {.id = "pii.email",
     .entity = "EMAIL_ADDRESS",
     .pattern =
         R"([A-Za-z0-9_](?:[A-Za-z0-9._%+'-]{0,62}[A-Za-z0-9_%+-])?@(?:[A-Za-z0-9-]{1,28}\.){1,3}(?:[A-Za-z]{2,18}|xn--[A-Za-z0-9-]{2,20})\b)",
     .exact_case = true,
     .check = is_email,
     .confidence = .98,
     .trigger = R"(@[a-z0-9-]{1,28}\.)"},
    {.id = "pii.email_international",
     .entity = "EMAIL_ADDRESS",
     .pattern =
         R"((?:(?:[A-Za-z0-9_.%+-]|\L){0,16}\L[A-Za-z0-9_.%+-]{0,12}@(?:[A-Za-z0-9-]|\L){1,14}\.|[A-Za-z0-9_.%+-]{1,32}@(?:[A-Za-z0-9-]{1,14}\.)?(?:[A-Za-z0-9-]|\L){0,12}\L[A-Za-z0-9-]{0,12}\.)(?:(?:[A-Za-z0-9-]|\L){1,14}\.){0,2}(?:[A-Za-z]{2,18}\b|\L{2,8}))",
     .exact_case = true,
     .check = is_email,
     .confidence = .95,
     .trigger = R"(@(?:[A-Za-z0-9-]|\L){1,26}\.)"},
    {.id = "pii.card",
     .entity = "CREDIT_CARD",
     .pattern =
         R"(\b(?:\d{12,19}|\d{4}[ .-]\d{4}[ .-]\d{4}[ .-]\d{3,4}(?:[ .-]\d{3})?|\d{4}[ .-]\d{6}[ .-]\d{4,5})\b)",
     .check = is_card_number,
     .around = stands_alone,
     .confidence = .95,
     .trigger = R"(\b\d{4}[ .-]?\d{4})",
     .needs_digits = true},
    {.id = "pii.iban",
     .entity = "IBAN_CODE",
     .pattern = R"(\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?\b)",
     .exact_case = true,
     .check = is_iban,
     .confidence = .98,
     .trigger = R"(\b[A-Z]{2}\d{2}[ -]?[A-Z0-9]{4}[ -]?[A-Z0-9]{4})",
     .needs_digits = true},
    {.id = "pii.iban_compact",
     .entity = "IBAN_CODE",
     .pattern = R"(\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b)",
     .check = is_iban,
     .confidence = .98,
     .trigger = R"(\b[A-Z]{2}\d{2}[A-Z0-9]{11})",
     .needs_digits = true},
    {.id = "pii.bic",
     .entity = "SWIFT_CODE",
     .pattern = R"(\b(?:BIC|SWIFT|Bic|Swift|bic|swift)(?:/BIC|/SWIFT|-BIC|\sBIC|[ -]?[Cc]ode|-Code)?\b)" IS
                R"(([A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)\b)",
     .exact_case = true,
     .check = is_bic,
     .confidence = .85},

    // Telephones.
    {.id = "pii.phone_international",
     .entity = "PHONE_NUMBER",
     .pattern = R"((?:\+|\b00|\b011[ -])\(?[1-9](?:[ ().\t/-]{0,2}\d){6,16})" EXTENSION R"(\b)",
     .check = is_international_phone,
     .around = stands_alone,
     .confidence = .9,
     .trigger = R"((?:\+|\b00|\b011[ -])\(?[1-9][ ().\t/-]{0,2}\d[ ().\t/-]{0,2}\d)",
     .needs_digits = true},
    {.id = "pii.phone_us",
     .entity = "PHONE_NUMBER",
     .pattern = R"(\b(?:(?:00)?1[ .-])?\d{3}[.-]\d{3}[.-]\d{4}(?:[.-]\d{1,4})?)" EXTENSION R"(\b)",
     .check = is_nanp_phone,
     .around = stands_alone,
     .confidence = .8,
     .trigger = R"(\b\d{3}[.-]\d{3}[.-]\d{4})",
     .needs_digits = true},
    {.id = "pii.phone_us_parentheses",
     .entity = "PHONE_NUMBER",
     .pattern = R"((?:\b1[ .-]?)?\(\d{3}\)[ .-]{0,2}\d{3}[ .-]?\d{4})" EXTENSION R"(\b)",
     .check = is_nanp_phone,
     .confidence = .9,
     .trigger = R"(\(\d{3}\)[ .-]{0,2}\d{3}[ .-]?\d{4})",
     .needs_digits = true},
    {.id = "pii.phone_area_code",
     .entity = "PHONE_NUMBER",
     .pattern = R"(\(0?\d{1,4}\)[ /-]?\d{3,5}[ -]\d{3,4}(?:[ -]\d{2,4})?\b)",
     .check = nullptr,
     .confidence = .75,
     .trigger = R"(\(0?\d{1,4}\)[ /-]?\d{3,5}[ -]\d{3})",
     .needs_digits = true},
    {.id = "pii.phone_national",
     .entity = "PHONE_NUMBER",
     .pattern = R"((?:\b|\()0\d{1,5}\)?(?:[ ./-]{1,3}\d{1,8}){1,4}\b)",
     .check = is_national_phone,
     .around = stands_alone,
     .confidence = .7,
     .trigger = R"((?:\b|\()0\d{1,5}\)?[ ./-]{1,3}\d)",
     .needs_digits = true},
    {.id = "pii.phone_mobile",
     .entity = "PHONE_NUMBER",
     .pattern =
         R"(\b(?:1[3-9]\d[ -]\d{4}[ -]\d{4}|[6-9]\d{4}[ -]\d{5}|8[ -]?\(?[3489]\d{2}\)?[ -]?\d{3}[ -]\d{2}[ -]\d{2}|[679]\d{2} \d{2} \d{2} \d{2})\b)",
     .check = is_national_phone,
     .around = stands_alone,
     .confidence = .65,
     .trigger =
         R"(\b(?:1[3-9]\d[ -]\d{4}[ -]\d{4}|[6-9]\d{4}[ -]\d{5}|8[ -]?\(?[3489]\d{2}\)?[ -]?\d{3}[ -]\d{2}[ -]\d{2}|[679]\d{2} \d{2} ))",
     .needs_digits = true},
    {.id = "pii.phone_named",
     .entity = "PHONE_NUMBER",
     .pattern =
         R"((?:\b(?:(?:tele|cell|mobile|smart)?phones?|tel|mobile|cell|cellular|landline|fax|telefax|whatsapp|hotline|helpline|pager|telefone?|telefoon|telefono|teléfono|téléphone|tfno|móvil|celular|cellulare|telemóvel|portable|handy|handynummer|mobil|mobilfunk|rufnummer|telefonnummer|mobiel|telefoonnummer|puhelin|telefonnr|telefonszám|komórka)(?:_?(?:number|no|nr|num))?\.?|телефон|тел\.|电话|手机|電話|手機|携帯|전화|휴대폰|연락처|फ़ोन|मोबाइल|هاتف)(?:["'\s)*]{0,2}(?:numbers?|no|nr|num|is|was|are|at|on|me|us|under|unter|au|al|ist|est|es|è|é|номер|号码|番号|번호|#|=|:|-|：)\.?){0,5}["'\s\[*]{0,3})" PHONE
         R"(\b)",
     .check = is_named_phone,
     .confidence = .85,
     .needs_digits = true},
    {.id = "pii.phone_called",
     .entity = "PHONE_NUMBER",
     .pattern =
         R"(\b(?:call|calling|called|dial|dialing|dialling|reach|reached|contact|ring|text|texting|txt|sms|tex|message|answering|available|calls|appelez|appeler|joindre|joignable|llame|llamar|llámame|llámanos|chiama|chiamare|chiamami|ligue|ligar|anrufen|erreichbar|erreichen|bel|bellen|ringe|ring|zadzwoń|dzwonić|arayın|arayin|my\s(?:new\s|work\s|personal\s)?number)(?:[\s:]{1,2}(?:me|us|him|her|them|it|at|on|to|via|is|the|our|my|his|your|number|numbers|office|home|work|cell|phone|mobile|toll|free|direct|line|now|today|by|back|either|anytime|au|al|ao|le|sur|op|på|pod|unter|under|auf|für|or|this|that|following)){0,6}[\s:"'@=]{1,3})" PHONE
         R"(\b)",
     .check = is_called_phone,
     .confidence = .8,
     .needs_digits = true},
    {.id = "pii.phone_labelled",
     .entity = "PHONE_NUMBER",
     .pattern = PHONE
     R"((?:\s?[-,(/]\s?|\s{1,2})(?:office|fax|mobile|cell|cellphone|landline|telefax|tel|phone|mobil|whatsapp|voicemail)\b)",
     .check = is_named_phone,
     .around = stands_alone,
     .confidence = .8,
     .needs_digits = true},

    // Addresses of machines.
    {.id = "pii.ipv4",
     .entity = "IP_ADDRESS",
     .pattern =
         R"((?:\b(?:v|ver|versions?|release|rev|revision|build|sections?|chapter|firmware|software|clause|article|fig|figure|table|rule)\.?[ :=v]{0,3})?\b((?:(?:\d{2,3}\.\d{1,3}|\d\.\d{2,3})\.\d{1,3}\.\d{1,3}|\d\.\d\.(?:\d{2,3}\.\d{1,3}|\d\.\d{2,3}))(?:\.\d{1,3}){0,2})\b)",
     .check = is_ipv4,
     .around = is_not_a_version,
     .confidence = .8,
     .trigger = R"(\.\d{2,3}\.\d|\d\d\.\d\.\d|\d\.\d\.\d\d)"},
    {.id = "pii.ipv6",
     .entity = "IP_ADDRESS",
     .pattern =
         R"(\b(?:(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){1,6})\b)",
     .check = is_ipv6,
     .around = is_not_in_hex,
     .confidence = .85,
     .trigger = R"(::[0-9a-f]|(?::[0-9a-f]{1,4}){3}:)"},
    {.id = "pii.mac",
     .entity = "MAC_ADDRESS",
     .pattern = R"(\b(?:[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5,7}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})\b)",
     .check = is_mac_address,
     .around = is_not_in_hex,
     .confidence = .9,
     .trigger =
         R"(\b(?:[0-9a-f]{2}[:-][0-9a-f]{2}[:-][0-9a-f]{2}[:-][0-9a-f]{2}[:-]|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}))"},
    {.id = "pii.personal_url",
     .entity = "URL",
     .pattern =
         R"(\b(?:my|our)\s(?:personal\s|own\s)?(?:website|web\ssite|homepage|home\spage|blog|site|portfolio|profile|page|linkedin|facebook|instagram|twitter)(?:\s(?:profile|page))?(?:\s?(?:is|at|:|can\sbe\sfound\sat|url\sis)){0,2}\s?(https?://[\w.~/%?=&#-]{4,90}|www\.[\w.~/%?=&#-]{4,90}))",
     .confidence = .8},
    {.id = "pii.social_profile",
     .entity = "URL",
     .pattern = R"(\b(?:https?://)?(?:[a-z]{2,3}\.)?linkedin\.com/in/[\w%-]{3,60})",
     .confidence = .85},

    // Crypto currencies.
    {.id = "pii.crypto_base58",
     .entity = "CRYPTO",
     .pattern = R"(\b[13][A-HJ-NP-Za-km-z1-9]{25,34}\b)",
     .exact_case = true,
     .check = is_base58_address,
     .confidence = .99,
     .trigger = R"(\b[13][a-z1-9]{25})"},
    {.id = "pii.crypto_base58_named",
     .entity = "CRYPTO",
     .pattern =
         R"(\b(?:litecoin|ltc|doge(?:coin)?|dash|tron|trx|usdt|trc-?20|testnet|wallet)(?:\s(?:wallet|address|to|at|is))?(?:\s(?:address|is|to))?[\s:="']{1,3}([LMDTXmn2][A-HJ-NP-Za-km-z1-9]{25,34})\b)",
     .check = is_base58_address,
     .confidence = .99},
    {.id = "pii.crypto_bech32",
     .entity = "CRYPTO",
     .pattern = R"(\b(?:bc|tb|ltc|addr)1[qpzry9x8gf2tvdw0s3jn54khce6mua7l]{38,110}\b)",
     .check = is_bech32_address,
     .confidence = .99},
    {.id = "pii.crypto_ethereum",
     .entity = "CRYPTO",
     .pattern = R"(\b0x[0-9a-fA-F]{40}\b)",
     .exact_case = true,
     .check = is_ethereum_address,
     .confidence = .9,
     .trigger = R"(\b0x[0-9a-f]{40}\b)"},

    // Dates and places.
    {.id = "pii.date_of_birth", .entity = "DATE_OF_BIRTH", .pattern = R"((?:\b(?:date\sof\sbirth|birth[\s_-]?date|birth\sday|birthday|d\.?o\.?b\.?|born|geburtsdatum|geboren|geb\.|geburtstag|date\sde\snaissance|née?|nacid[oa]|fecha\sde\snacimiento|nat[oa]|data\sdi\snascita|data\sde\snascimento|nascid[oa]|geboortedatum|data\surodzenia|født|född|fødselsdato|födelsedatum|syntymäaika)|дата рождения|出生日期|生年月日|생년월일)(?:["'\s)*.]{0,2}(?:it's|it\sis|is|was|on|the|am|le|el|il|em|op|den|:|=|-)){0,3}["'\s(*]{0,3})" DATE R"(\b)", .check = is_date, .confidence = .9},
    // Any date and any address of a site: no personal data by themselves, but of the identifiers that must go where what is
    // left shall speak of nobody (HIPAA, 45 CFR 164.514(b)(2)(i)(C) and (N)).
    {.id = "pii.date",
     .entity = "DATE_TIME",
     .pattern = R"(\b(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}))" TIME R"(\b)",
     .check = is_date_and_time,
     .around = stands_alone,
     .confidence = .6,
     .trigger = R"(\d[-/.]\d{1,2}[-/.]\d)",
     .needs_digits = true,
     .optional = true},
    {.id = "pii.date_in_words",
     .entity = "DATE_TIME",
     .pattern =
         R"(\b(?:\d{1,2}(?:st|nd|rd|th)?\.?[ \t-](?:of[ \t]|de[ \t])?)" MONTH
         R"(,?[ \t-](?:de[ \t])?\d{4}|)" MONTH R"([ \t]\d{1,2}(?:st|nd|rd|th)?,?[ \t]\d{4}))" TIME R"(\b)",
     .check = is_date_and_time,
     .around = stands_alone,
     .confidence = .6,
     .trigger = R"([ \t-]\d{4}\b)",
     .optional = true},
    {.id = "pii.url",
     .entity = "URL",
     .pattern = R"(\b(?:https?://|www\.)[\w.~/%?=&#@:+-]{2,160}[\w/=&#-])",
     .confidence = .6,
     .optional = true},
    {.id = "pii.domain",
     .entity = "URL",
     .pattern =
         R"(\b((?:[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?\.){1,3}(?:com|org|net|edu|gov|info|biz|co\.(?:uk|nz|za|jp|kr|in|il|th)|com\.(?:au|br|mx|tr|cn|ar|sg|hk))(?:/[\w.~/%?=&#@:+-]{0,40}[\w/=&#-])?\b)(?:\.[a-z])?)",
     .around = is_whole_domain,
     .confidence = .55,
     .trigger = R"([a-z0-9]\.(?:com|org|net|edu|gov|info|biz|co\.[a-z]{2})\b)",
     .optional = true},
    {.id = "pii.coordinates",
     .entity = "COORDINATES",
     .pattern =
         R"(\b(?:coordinates?|coords?|gps|geo|lat(?:itude)?(?:[/,& ]{1,3}(?:and\s)?(?:lon|lng|long|longitude))?|latlng|location|koordinaten|coordonnées|coordenadas)(?:["'\s)*]{0,2}(?:are|is|was|at|position|location|point|:|=|-)){0,3}["'\s(\[*]{0,3}(-?\d{1,2}\.\d{3,10}(?:°)?(?:\s?[NS])?(?:["'\s,;/]{1,3}(?:and\s)?(?:lon|lng|long|longitude)?["'\s:=]{0,4}|[,;/ ]{1,2})-?\d{1,3}\.\d{3,10}(?:°)?(?:\s?[EW]\b)?))",
     .check = is_coordinates,
     .confidence = .85,
     .needs_digits = true},
    {.id = "pii.coordinates_degrees",
     .entity = "COORDINATES",
     .pattern =
         R"(\b\d{1,2}(?:\.\d{1,8})?°[ \t]?(?:\d{1,2}(?:\.\d{1,4})?(?:'|′|’)[ \t]?)?(?:\d{1,2}(?:\.\d{1,4})?(?:"|″|”)[ \t]?)?[NS][,;/ ]{1,2}\d{1,3}(?:\.\d{1,8})?°[ \t]?(?:\d{1,2}(?:\.\d{1,4})?(?:'|′|’)[ \t]?)?(?:\d{1,2}(?:\.\d{1,4})?(?:"|″|”)[ \t]?)?[EWO]\b)",
     .confidence = .9},
    {.id = "pii.coordinates_map",
     .entity = "COORDINATES",
     .pattern = R"((?:geo:|maps[a-z./]{0,20}[?@/](?:q=|ll=|@)?)(-?\d{1,2}\.\d{3,10},-?\d{1,3}\.\d{3,10}))",
     .check = is_coordinates,
     .confidence = .85,
     .needs_digits = true},

    // Documents.
    by_name("pii.us_passport", "US_PASSPORT", R"(\bpassport(?:\s?card)?)" IS R"((\d{9}|[A-Z]\d{8})\b)",
            is_document_number, .85),
    by_name(
        "pii.passport", "PASSPORT",
        R"(\b(?:passport|passeport|reisepass|pasaporte|passaporto|passaporte|paspoort|paszport|pass-?nr|护照|旅券|여권))" IS
        R"(([A-Z0-9]{7,10}|[A-Z]{1,2} ?\d{5,8})\b)",
        is_document_number, .8, false),
    by_name(
        "pii.us_driver_license", "US_DRIVER_LICENSE",
        R"(\b(?:driver(?:'?s|’s)?\s(?:licen[cs]e|permit)|driving\slicen[cs]e|driverslicense|driver_licen[cs]e|dl(?:\s?#|\snumber|\sno)))" IS
        R"(([A-Z]{0,3}[ -]?\d{3,4}[A-Z0-9-]{2,14})\b)",
        has_digits, .85, false),
    by_name(
        "pii.driver_license_abroad", "DRIVER_LICENSE",
        R"(\b(?:führerschein(?:nummer)?|permis\sde\sconduire|permiso\sde\sconduc(?:ir|ción)|licencia\sde\sconducir|patente(?:\sdi\sguida)?|carteira\sde\shabilitação|carta\sde\scondução|rijbewijs(?:nummer)?|prawo\sjazdy|körkort))" IS
        R"(([A-Z0-9]{1,3}[A-Z0-9/ -]{4,14}\d[A-Z0-9]{0,2})\b)",
        has_digits, .8, false),
    by_form("pii.uk_driving_licence", "UK_DRIVING_LICENCE",
            R"(\b[A-Z9]{5}[ ]?\d{6}[ ]?[A-Z9]{2}[ ]?[A-Z0-9][A-Z]{2}(?: ?\d{2})?\b)", is_uk_driving_licence,
            .9, R"(\b[A-Z9]{5} ?\d{6} ?[A-Z9]{2} ?[A-Z0-9][A-Z]{2})"),

    // Health.
    by_name(
        "pii.medical_record", "MEDICAL_RECORD_NUMBER",
        R"(\b(?:mrn|medical\srecord|patient\s(?:id|number|no|record)|health\s(?:card|insurance|record)|hospital\s(?:id|number)|patient_id|krankenversicherten|dossier\smédical))" IS
        R"(([A-Z]{0,4}-?\d{5,12})\b)",
        is_account_number, .85, false),
    by_name("pii.medical_license", "MEDICAL_LICENSE",
            R"(\b(?:dea|medical\slicen[cs]e|prescriber))" IS R"(([ABCDEFGHJKLMPRSTUX][A-Z9]\d{7})\b)",
            is_us_dea, .95),
    by_name("pii.us_npi", "US_NPI", R"(\b(?:npi|national\sprovider(?:\sidentifier)?))" IS R"((\d{10})\b)",
            is_us_npi, .95),
    {.id = "pii.us_mbi",
     .entity = "US_MBI",
     .pattern =
         R"(\b[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y]{2}\d{2}\b)",
     .exact_case = true,
     .check = is_us_mbi,
     .around = stands_alone,
     .confidence = .85,
     .trigger = R"(\b[1-9][A-Z][A-Z0-9]\d-?[A-Z][A-Z0-9]\d-?[A-Z]{2}\d{2}\b)"},

    // Banks.
    by_name(
        "pii.us_bank_account", "US_BANK_NUMBER",
        R"(\b(?:bank\s(?:account|acct)|account|acct|a/c|checking|savings|account_number|accountnumber|kontonummer|konto|compte|cuenta|conto\scorrente))" IS
        R"((\d{8,17}|\d{4}[ -]\d{4}[ -]\d{2,4})\b)",
        is_account_number, .75),
    by_name("pii.aba_routing", "ABA_ROUTING_NUMBER",
            R"(\b(?:routing|aba|rtn|routing_number)(?:\stransit)?)" IS R"((\d{9}|\d{4}-\d{4}-\d)\b)",
            is_aba_routing, .95),
    by_name("pii.uk_sort_code", "UK_SORT_CODE", R"(\bsort[\s_-]?code)" IS R"((\d{2}[ -]?\d{2}[ -]?\d{2})\b)",
            nullptr, .9),

    // The United States.
    {.id = "pii.us_ssn",
     .entity = "US_SSN",
     .pattern = R"(\b\d{3}-\d{2}-\d{4}(?:-\d{1,4})?\b)",
     .check = is_us_ssn,
     .around = stands_alone,
     .confidence = .9,
     .trigger = R"(\b\d{3}-\d{2}-\d{4})",
     .needs_digits = true},
    {.id = "pii.us_ssn_named",
     .entity = "US_SSN",
     .pattern =
         R"(\b(?:ssn|ss#|social\ssecurity|socialsecuritynumber|social_security(?:_number)?|soc\ssec|ssid))" IS
         R"((\d{3}[ .-]?\d{2}[ .-]?\d{4})\b)",
     .check = is_us_ssn,
     .confidence = .95,
     .needs_digits = true},
    {.id = "pii.us_itin",
     .entity = "US_ITIN",
     .pattern = R"(\b9\d{2}[ -]\d{2}[ -]\d{4}\b)",
     .check = is_us_itin,
     .around = stands_alone,
     .confidence = .85,
     .trigger = R"(\b9\d{2}[ -]\d{2}[ -]\d{4}\b)",
     .needs_digits = true},
    by_name("pii.us_itin_named", "US_ITIN", R"(\bitin)" IS R"((9\d{2}[ -]?\d{2}[ -]?\d{4})\b)", is_us_itin,
            .95),
    by_name("pii.us_ein", "US_EIN",
            R"(\b(?:ein|fein|employer\sidentification|federal\stax\sid))" IS R"((\d{2}-?\d{7})\b)", is_us_ein,
            .85),

    // Europe.
    by_name("pii.uk_nhs", "UK_NHS", R"(\bnhs)" IS R"((\d{3}[ -]?\d{3}[ -]?\d{4})\b)", is_uk_nhs, .95),
    by_form("pii.uk_nino", "UK_NINO",
            R"(\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ -]?\d{2}[ -]?\d{2}[ -]?\d{2}[ -]?[A-D]\b)", is_uk_nino,
            .85, R"(\b[A-Z]{2}[ -]?\d{2}[ -]?\d{2}[ -]?\d{2}[ -]?[A-D]\b)"),
    by_name("pii.uk_utr", "UK_UTR", R"(\b(?:utr|unique\staxpayer\sreference))" IS R"((\d{5} ?\d{5})\b)",
            is_uk_utr, .95),
    by_name("pii.ie_pps", "IE_PPSN", R"(\b(?:ppsn?|personal\spublic\sservice))" IS R"((\d{7}[A-W][A-IW]?)\b)",
            is_ie_pps, .95),
    by_name(
        "pii.de_tax_id", "DE_TAX_ID",
        R"(\b(?:steuer-?id(?:entifikationsnummer)?|steuerliche\sidentifikationsnummer|identifikationsnummer|idnr|steuernummer|tin|tax\sid))" IS
        R"((\d{2} ?\d{3} ?\d{3} ?\d{3})\b)",
        is_de_tax_id, .95),
    by_name("pii.de_id_card", "DE_ID_CARD",
            R"(\b(?:personalausweis(?:nummer)?|ausweis(?:nummer)?|ausweis-?nr|german\sid(?:entity)?))" IS
            R"(([CFGHJKLMNPRTVWXYZ0-9]{9}\d)\b)",
            is_de_id_card, .95, false),
    by_form("pii.fr_nir", "FR_NIR",
            R"(\b[1-4] ?\d{2} ?(?:0[1-9]|[1-35-9]\d|4[0-2]) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}\b)",
            is_fr_nir, .95, R"(\b[1-4] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}\b)"),
    by_form("pii.es_nif", "ES_NIF", R"(\b\d{8}[ -]?[A-HJ-NP-TV-Z]\b)", is_es_nif, .85,
            R"(\b\d{8}[ -]?[A-Z]\b)"),
    by_name("pii.es_nif_named", "ES_NIF", R"(\b(?:dni|nif))" IS R"((\d{8}[ -]?[A-HJ-NP-TV-Z])\b)", is_es_nif,
            .95),
    by_form("pii.es_nie", "ES_NIE", R"(\b[XYZ]-?\d{7}-?[A-HJ-NP-TV-Z]\b)", is_es_nie, .9,
            R"(\b[XYZ]-?\d{7}-?[A-Z]\b)"),
    {.id = "pii.it_fiscal_code",
     .entity = "IT_FISCAL_CODE",
     .pattern = R"(\b[A-Z]{6}[0-9LMNP-V]{2}[ABCDEHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]\b)",
     .check = is_it_fiscal_code,
     .confidence = .97,
     .trigger = R"(\b[A-Z]{6}[0-9LMNP-V]{2}[ABCDEHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]\b)",
     .needs_digits = true},
    by_name("pii.it_vat", "IT_VAT_CODE",
            R"(\b(?:p(?:artita)?\.?\s?iva|vat|iva))" IS R"((?:IT\s?)?(\d{11})\b)", is_it_vat, .95),
    by_name("pii.it_identity_card", "IT_IDENTITY_CARD",
            R"(\b(?:carta\s(?:d'|di\s)identità|identity\scard|cie))" IS
            R"(([A-Z]{2} ?\d{7}|C[A-Z]\d{5}[A-Z]{2})\b)",
            is_document_number, .85, false),
    by_name("pii.pl_pesel", "PL_PESEL", R"(\bpesel)" IS R"((\d{11})\b)", is_pl_pesel, .97),
    by_name("pii.pl_nip", "PL_NIP",
            R"(\bnip)" IS R"((?:PL)?(\d{3}-?\d{3}-?\d{2}-?\d{2}|\d{3}-\d{2}-\d{2}-\d{3})\b)", is_pl_nip, .95),
    by_name("pii.nl_bsn", "NL_BSN",
            R"(\b(?:bsn|burgerservicenummer|sofinummer|sofi))" IS
            R"((\d{4}[ .]?\d{2}[ .]?\d{3}|\d{3}[ .]?\d{3}[ .]?\d{3})\b)",
            is_nl_bsn, .95),
    by_form("pii.be_national", "BE_NATIONAL_NUMBER", R"(\b\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}\b)",
            is_be_national, .97, R"(\b\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}\b)"),
    by_name("pii.be_national_named", "BE_NATIONAL_NUMBER",
            R"(\b(?:rijksregister(?:nummer)?|registre\snational|national\sregister|niss|insz))" IS
            R"((\d{2}[. ]?\d{2}[. ]?\d{2}[ -]?\d{3}[. ]?\d{2})\b)",
            is_be_national, .97),
    by_name("pii.at_svnr", "AT_SVNR",
            R"(\b(?:svnr|sv-?nummer|sozialversicherungsnummer|versicherungsnummer))" IS R"((\d{4} ?\d{6})\b)",
            is_at_svnr, .95),
    by_form("pii.se_personnummer", "SE_PERSONNUMMER", R"(\b(?:19|20)?\d{6}[+-]\d{4}\b)", is_se_personnummer,
            .8, R"(\b(?:19|20)?\d{6}[+-]\d{4}\b)"),
    by_name("pii.se_personnummer_named", "SE_PERSONNUMMER",
            R"(\b(?:personnummer|personnr|samordningsnummer|pnr))" IS R"(((?:19|20)?\d{6}[+-]?\d{4})\b)",
            is_se_personnummer, .95),
    by_form("pii.fi_hetu", "FI_PERSONAL_IDENTITY_CODE", R"(\b\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]\b)",
            is_fi_hetu, .92, R"(\b\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]\b)"),
    by_form("pii.no_fnr", "NO_FODSELSNUMMER", R"(\b\d{6} ?\d{5}\b)", is_no_fnr, .8, R"(\b\d{6} ?\d{5}\b)"),
    by_name("pii.dk_cpr", "DK_CPR", R"(\b(?:cpr|personnummer)(?:-?n(?:umme)?r)?)" IS R"((\d{6}-?\d{4})\b)",
            is_dk_cpr, .9),
    by_form("pii.ch_ahv", "CH_AHV", R"(\b756\.?\d{4}\.?\d{4}\.?\d{2}\b)", is_ch_ahv, .97,
            R"(\b756\.?\d{4}\.?\d{4}\.?\d{2}\b)"),
    by_name("pii.pt_nif", "PT_NIF",
            R"(\b(?:nif|contribuinte|número\sde\scontribuinte))" IS R"((\d{3} ?\d{3} ?\d{3})\b)", is_pt_nif,
            .95),
    by_form("pii.cz_birth_number", "CZ_BIRTH_NUMBER", R"(\b\d{6}/\d{3,4}\b)", is_cz_birth_number, .85,
            R"(\b\d{6}/\d{3,4}\b)"),
    by_name("pii.ro_cnp", "RO_CNP", R"(\b(?:cnp|cod\snumeric\spersonal))" IS R"((\d{13})\b)", is_ro_cnp, .97),
    by_name("pii.bg_egn", "BG_EGN", R"((?:\begn|ЕГН))" IS R"((\d{10})\b)", is_bg_egn, .95),
    by_name("pii.hr_oib", "HR_OIB", R"(\boib)" IS R"((\d{11})\b)", is_hr_oib, .95),
    by_name("pii.baltic_code", "EE_LT_PERSONAL_CODE", R"(\b(?:isikukood|asmens\skodas))" IS R"((\d{11})\b)",
            is_ee_or_lt_code, .97),
    by_name("pii.gr_amka", "GR_AMKA", R"((?:\bamka|ΑΜΚΑ))" IS R"((\d{11})\b)", is_gr_amka, .95),
    by_form("pii.ru_snils", "RU_SNILS", R"(\b\d{3}-\d{3}-\d{3}[ -]\d{2}\b)", is_ru_snils, .9,
            R"(\b\d{3}-\d{3}-\d{3}[ -]\d{2}\b)"),
    by_name("pii.ru_inn", "RU_INN", R"((?:\binn|ИНН))" IS R"((\d{12}|\d{10})\b)", is_ru_inn, .95),
    by_name(
        "pii.vat", "VAT_NUMBER",
        R"(\b(?:vat|ust-?id(?:-?nr)?|uid|umsatzsteuer-?id|tva|btw|nif-iva|moms|vat\sreg(?:istration)?)(?:-?n(?:umme)?r)?)" IS
        R"(([A-Z]{2} ?[A-Z0-9]{6,12})\b)",
        is_eu_vat, .9),

    // The Americas.
    by_form("pii.br_cpf", "BR_CPF", R"(\b\d{3}\.\d{3}\.\d{3}-\d{2}\b)", is_br_cpf, .97,
            R"(\b\d{3}\.\d{3}\.\d{3}-\d{2}\b)"),
    by_name("pii.br_cpf_named", "BR_CPF", R"(\bcpf)" IS R"((\d{11}|\d{9}-\d{2})\b)", is_br_cpf, .97),
    by_form("pii.br_cnpj", "BR_CNPJ", R"(\b\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}\b)", is_br_cnpj, .97,
            R"(\b\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}\b)"),
    by_name("pii.br_cnpj_named", "BR_CNPJ", R"(\bcnpj)" IS R"((\d{14})\b)", is_br_cnpj, .97),
    by_form("pii.mx_curp", "MX_CURP",
            R"(\b[A-Z][AEIOUX][A-Z]{2}\d{6}[HMX][A-Z]{2}[B-DF-HJ-NP-TV-Z]{3}[A-Z0-9]\d\b)", is_mx_curp, .97,
            R"(\b[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d\b)"),
    by_name("pii.mx_rfc", "MX_RFC", R"(\brfc)" IS R"(((?:[A-Z&]|Ñ){3,4}\d{6}[A-Z0-9]{3})\b)", is_mx_rfc, .9),
    by_form("pii.ar_cuit", "AR_CUIT", R"(\b\d{2}-\d{8}-\d\b)", is_ar_cuit, .9, R"(\b\d{2}-\d{8}-\d\b)"),
    by_form("pii.cl_rut", "CL_RUT", R"(\b\d{1,2}\.\d{3}\.\d{3}-[0-9Kk]\b)", is_cl_rut, .95,
            R"(\b\d{1,2}\.\d{3}\.\d{3}-[0-9K]\b)"),
    by_name("pii.cl_rut_named", "CL_RUT", R"(\b(?:rut|run))" IS R"((\d{7,8}-[0-9K])\b)", is_cl_rut, .95),
    by_name("pii.ca_sin", "CA_SIN",
            R"(\b(?:sin|nas|social\sinsurance|assurance\ssociale))" IS R"((\d{3}[ -]?\d{3}[ -]?\d{3})\b)",
            is_ca_sin, .95),

    // Asia, Africa, Oceania.
    by_form("pii.in_aadhaar", "IN_AADHAAR", R"(\b[2-9]\d{3}[ -]\d{4}[ -]\d{4}\b)", is_in_aadhaar, .7,
            R"(\b\d{4}[ .-]?\d{4})"),
    by_name("pii.in_aadhaar_named", "IN_AADHAAR",
            R"((?:\b(?:aadhaar|aadhar|adhaar|uidai)|आधार))" IS R"(([2-9]\d{3}[ -]?\d{4}[ -]?\d{4})\b)",
            is_in_aadhaar, .97),
    {.id = "pii.in_pan",
     .entity = "IN_PAN",
     .pattern = R"(\b[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z]\b)",
     .exact_case = true,
     .around = stands_alone,
     .confidence = .85,
     .trigger = R"([A-Z]\d{4}[A-Z]\b)"},
    by_form("pii.in_gstin", "IN_GSTIN", R"(\b[0-3]\d[A-Z]{5}\d{4}[A-Z][1-9A-Z]Z[0-9A-Z]\b)", is_in_gstin, .95,
            R"(\b[0-3]\d[A-Z]{5}\d{4}[A-Z][1-9A-Z]Z[0-9A-Z]\b)"),
    by_name("pii.in_voter", "IN_VOTER", R"(\b(?:voter(?:\sid)?|epic))" IS R"(([A-Z]{3}\d{7})\b)", nullptr,
            .85),
    by_name("pii.au_tfn", "AU_TFN", R"(\b(?:tfn|tax\sfile))" IS R"((\d{3}[ -]?\d{3}[ -]?\d{3}|\d{8})\b)",
            is_au_tfn, .95),
    by_name("pii.au_abn", "AU_ABN",
            R"(\b(?:abn|australian\sbusiness))" IS R"((\d{2} ?\d{3} ?\d{3} ?\d{3})\b)", is_au_abn, .95),
    by_name("pii.au_acn", "AU_ACN", R"(\b(?:acn|australian\scompany))" IS R"((\d{3} ?\d{3} ?\d{3})\b)",
            is_au_acn, .95),
    by_name("pii.au_medicare", "AU_MEDICARE", R"(\bmedicare)" IS R"((\d{4}[ -]?\d{5}[ -]?\d(?:[ /-]?\d)?)\b)",
            is_au_medicare, .95),
    by_name("pii.nz_ird", "NZ_IRD", R"(\bird)" IS R"((\d{2,3}-?\d{3}-?\d{3})\b)", is_nz_ird, .95),
    by_form("pii.cn_resident_id", "CN_RESIDENT_ID", R"(\b\d{6}(?:19|20)\d{2}[01]\d[0-3]\d\d{3}[0-9Xx]\b)",
            is_cn_resident_id, .97, R"(\b\d{6}(?:19|20)\d{2}[01]\d[0-3]\d{4}[0-9X]\b)"),
    by_form("pii.tw_id", "TW_NATIONAL_ID", R"(\b[A-Z][1289]\d{8}\b)", is_tw_id, .85,
            R"(\b[A-Z][1289]\d{8}\b)"),
    {.id = "pii.hk_id",
     .entity = "HK_ID",
     .pattern = R"(\b[A-Z]{1,2}\d{6} ?\([0-9A]\))",
     .exact_case = true,
     .check = is_hk_id,
     .around = stands_alone,
     .confidence = .95,
     .trigger = R"(\b[A-Z]{1,2}\d{6} ?\([0-9A]\))",
     .needs_digits = true},
    by_form("pii.kr_rrn", "KR_RRN", R"(\b\d{6}-[1-8]\d{6}\b)", is_kr_rrn, .9, R"(\b\d{6}-[1-8]\d{6}\b)"),
    by_form("pii.kr_brn", "KR_BRN", R"(\b\d{3}-\d{2}-\d{5}\b)", is_kr_brn, .75, R"(\b\d{3}-\d{2}-\d{4})"),
    by_name("pii.jp_my_number", "JP_MY_NUMBER",
            R"((?:\b(?:my\s?number|individual\snumber)|マイナンバー|個人番号))" IS
            R"((\d{4}[ -]?\d{4}[ -]?\d{4})\b)",
            is_jp_my_number, .95),
    by_form("pii.sg_nric", "SG_NRIC_FIN", R"(\b[STFGM]\d{7}[A-Z]\b)", is_sg_nric, .92,
            R"(\b[STFGM]\d{7}[A-Z]\b)"),
    by_form("pii.th_id", "TH_TNIN", R"(\b\d-\d{4}-\d{5}-\d{2}-\d\b)", is_th_id, .97,
            R"(\b\d-\d{4}-\d{5}-\d{2}-\d\b)"),
    by_form("pii.my_nric", "MY_NRIC", R"(\b\d{6}-\d{2}-\d{4}\b)", is_my_nric, .8, R"(\b\d{6}-\d{2}-\d{4}\b)"),
    by_name("pii.id_nik", "ID_NIK", R"(\b(?:nik|ktp))" IS R"((\d{16})\b)", is_id_nik, .97),
    by_form("pii.za_id", "ZA_ID", R"(\b\d{6} ?\d{4} ?[0-2][89]\d\b)", is_za_id, .75,
            R"(\b\d{6} ?\d{4} ?[0-2][89]\d\b)"),
    by_name("pii.tr_id", "TR_ID", R"(\b(?:t\.?c\.?\s?)?(?:kimlik|tckn))" IS R"((\d{11})\b)", is_tr_id, .97),
    by_name("pii.tr_id_short", "TR_ID",
            R"(\bt\.?c\.?[ \t]{0,2}(?:(?:no|num|numara|id|:|=|#)\.?[ \t]{0,2}){0,2}(\d{11})\b)", is_tr_id,
            .97),
    by_name("pii.il_id", "IL_ID", R"((?:\b(?:teudat\szehut|israeli\sid)|תעודת זהות|ת\.ז))" IS R"((\d{9})\b)",
            is_il_id, .95),
    by_name("pii.sa_id", "SA_ID", R"((?:\b(?:iqama|saudi\sid)|رقم الهوية))" IS R"(([12]\d{9})\b)", is_sa_id,
            .95),
    by_form("pii.ae_id", "AE_ID", R"(\b784-?\d{4}-?\d{7}-?\d\b)", is_ae_id, .95,
            R"(\b784-?\d{4}-?\d{7}-?\d\b)"),
    by_name(
        "pii.tax_id", "TAX_ID",
        R"(\b(?:tax(?:payer)?\s(?:id|identification|number|no)|tin|codice\sfiscale|fiscal\snumber|numéro\sfiscal))" IS
        R"(([A-Z]{0,2}\d{2}-?\d{7,9})\b)",
        is_account_number, .8),

    // Things.
    by_form("pii.vehicle", "VEHICLE_VIN", R"(\b[A-HJ-NPR-Z0-9]{17}\b)", is_vin, .85,
            R"(\b[A-HJ-NPR-Z0-9]{17}\b)"),
    by_name("pii.vehicle_named", "VEHICLE_VIN",
            R"(\b(?:vin|vehicle\sidentification|fahrgestellnummer|chassis))" IS R"(([A-HJ-NPR-Z0-9]{17})\b)",
            has_digits, .9, false),
    by_name("pii.imei", "IMEI", R"(\bimei)" IS R"((\d{15}|\d{2}-\d{6}-\d{6}-\d)\b)", is_imei, .95),
};

#undef PHONE
#undef EXTENSION
#undef IS
#undef DATE
#undef MONTH

}  // namespace

std::span<const Rule> pii_rules() {
  return kRules;
}

}  // namespace plimsoll::detect
