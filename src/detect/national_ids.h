// Numbers that states give to people (and some to firms), by their check digits and the dates within them. Each
// takes exactly what its rule's pattern matched: the number, with the separators it may be written with.
#pragma once

#include <string_view>

namespace plimsoll::detect {

bool is_us_ssn(std::string_view text);   // ranges that were ever issued
bool is_us_itin(std::string_view text);  // the tax office's numbers for those without one
bool is_us_ein(std::string_view text);   // prefixes of the tax office's campuses
bool is_us_mbi(std::string_view text);   // Medicare: which character is a letter
bool is_us_npi(std::string_view text);   // Luhn, with 80840 before it
bool is_us_dea(std::string_view text);   // licence to prescribe: check digit

bool is_uk_nhs(std::string_view text);   // mod 11
bool is_uk_nino(std::string_view text);  // prefixes that are never given are refused
bool is_uk_utr(std::string_view text);   // mod 11, the check digit first
bool is_uk_driving_licence(std::string_view text);
bool is_ie_pps(std::string_view text);  // mod 23

bool is_de_tax_id(std::string_view text);       // ISO 7064 mod 11,10, and one digit repeated
bool is_de_id_card(std::string_view text);      // weights 7 3 1
bool is_fr_nir(std::string_view text);          // mod 97, Corsica too
bool is_es_nif(std::string_view text);          // mod 23
bool is_es_nie(std::string_view text);          // mod 23
bool is_it_fiscal_code(std::string_view text);  // with homocodes
bool is_it_vat(std::string_view text);          // Luhn
bool is_pl_pesel(std::string_view text);        // date and weights
bool is_pl_nip(std::string_view text);
bool is_nl_bsn(std::string_view text);           // eleven-proof
bool is_be_national(std::string_view text);      // date and mod 97
bool is_at_svnr(std::string_view text);          // date and weights
bool is_se_personnummer(std::string_view text);  // date and Luhn
bool is_fi_hetu(std::string_view text);          // date and mod 31
bool is_no_fnr(std::string_view text);           // date and two check digits
bool is_dk_cpr(std::string_view text);           // date; the check digit is no longer sure
bool is_ch_ahv(std::string_view text);           // EAN-13 with 756
bool is_pt_nif(std::string_view text);
bool is_cz_birth_number(std::string_view text);  // Slovak too: date and mod 11
bool is_ro_cnp(std::string_view text);
bool is_bg_egn(std::string_view text);
bool is_hr_oib(std::string_view text);
bool is_ee_or_lt_code(std::string_view text);
bool is_gr_amka(std::string_view text);  // date and Luhn
bool is_ru_snils(std::string_view text);
bool is_ru_inn(std::string_view text);

bool is_br_cpf(std::string_view text);
bool is_br_cnpj(std::string_view text);
bool is_mx_curp(std::string_view text);
bool is_mx_rfc(std::string_view text);
bool is_ar_cuit(std::string_view text);
bool is_cl_rut(std::string_view text);
bool is_ca_sin(std::string_view text);  // Luhn

bool is_in_aadhaar(std::string_view text);  // Verhoeff
bool is_in_gstin(std::string_view text);
bool is_au_tfn(std::string_view text);
bool is_au_abn(std::string_view text);
bool is_au_acn(std::string_view text);
bool is_au_medicare(std::string_view text);
bool is_nz_ird(std::string_view text);
bool is_cn_resident_id(std::string_view text);  // date and ISO 7064 mod 11,2
bool is_tw_id(std::string_view text);
bool is_hk_id(std::string_view text);
bool is_kr_rrn(std::string_view text);  // date and century; the check digit is gone since 2020
bool is_kr_brn(std::string_view text);
bool is_jp_my_number(std::string_view text);
bool is_sg_nric(std::string_view text);
bool is_th_id(std::string_view text);
bool is_my_nric(std::string_view text);  // date and place of birth
bool is_id_nik(std::string_view text);   // province and date
bool is_za_id(std::string_view text);    // date, citizenship, Luhn
bool is_tr_id(std::string_view text);    // two check digits
bool is_il_id(std::string_view text);    // Luhn
bool is_sa_id(std::string_view text);    // Luhn
bool is_ae_id(std::string_view text);    // Luhn

// A tax number of a member of the European Union (or of GB, CH, NO), with its country's letters.
bool is_eu_vat(std::string_view text);

}  // namespace plimsoll::detect
