// Harm asked for or spoken of: weapons of mass harm, harm to oneself, crime with computers and money,
// contempt.
#include "rule.h"

namespace plimsoll::detect {
namespace {

constexpr Rule idea(std::string_view id, Category category, Concept concept_, std::string_view pattern,
                    bool everyday = false) {
  return {.id = id,
          .category = category,
          .entity = {},
          .pattern = pattern,
          .idea = concept_,
          .everyday = everyday};
}

constexpr Rule hint(std::string_view id, Category category, std::string_view entity, double weight,
                    std::string_view pattern) {
  return {.id = id, .category = category, .entity = entity, .pattern = pattern, .weight = weight};
}

constexpr auto kCbrn = Category::kCbrn, kSelfHarm = Category::kSelfHarm,
               kExploitation = Category::kExploitation, kToxicity = Category::kToxicity;
constexpr std::string_view kRisk = "SELF_HARM_RISK", kMethod = "SELF_HARM_METHOD", kHate = "HATE",
                           kAbuse = "ABUSE";

#define LIFE \
  R"((?:kill(?:ing)?\smyself|end(?:ing)?\s(?:my\s(?:own\s)?life|it\sall|things\sfor\sgood|my\s(?:misery|existence))|commit(?:ting)?\ssuicide|suicide|hang(?:ing)?\smyself|tak(?:e|ing)\smy\s(?:own\s)?life|shoot(?:ing)?\smyself|slit(?:ting)?\smy\swrists?|overdos(?:e|ing)|jump(?:ing)?\soff\s(?:a|the)\s(?:bridge|roof|building)|cut(?:ting)?\smyself|hurt(?:ing)?\smyself|harm(?:ing)?\smyself|self[\s-]?harm(?:ing)?|not\s(?:be|being)\s(?:alive|here\sanymore)))"
#define GROUP \
  R"((?:jews?|jewish\speople|muslims?|islamists?|arabs?|blacks|black\speople|whites|white\speople|mexicans?|immigrants?|refugees?|gays?|lesbians?|homosexuals?|trans(?:gender)?(?:\speople|s)?|women|females|asians?|chinese(?:\speople)?|indians|africans|christians|gypsies|roma|disabled\speople|latinos?|hispanics?|foreigners|queers?|feminists?))"

constexpr Rule kRules[] = {
    // Weapons of mass harm. Names that hardly occur in honest questions; and names that do.
    idea(
        "cbrn.agent", kCbrn, Concept::kWeaponAgent,
        R"(\b(?:sarin|tabun|soman|novichok|nerve\s(?:agent|gas)(?:es|s)?|vx(?:\s(?:gas|agent|nerve\sagent))|mustard\s(?:gas|agent)|sulfur\smustard|nitrogen\smustard|phosgene|hydrogen\scyanide|cyanogen\schloride|zyklon\sb?|lewisite|ricin|abrin|botulin(?:um)?(?:\stoxin)?|anthrax|bacillus\santhracis|smallpox|variola(?:\svirus)?|yersinia\spestis|tularemia|francisella|saxitoxin|tetrodotoxin|chemical\s(?:weapon(?:ry)?|warfare|agent|bomb)s?|biological\s(?:weapon(?:ry)?|warfare|agent|bomb)s?|bio-?weapon(?:s|ry)?|bio-?warfare\sagents?|dirty\sbombs?|radiological\s(?:weapon|device|dispersal\sdevice|bomb)s?|nuclear\s(?:weapon(?:ry)?|bomb|device|warhead|explosive)s?|atomic\sbombs?|(?:highly\s)?enriched\suranium|weapons?-grade\s(?:uranium|plutonium|material|anthrax|\w{3,12})|plutonium(?:-?23\d)?|uranium-?23\d|polonium(?:-?210)?|cesium-?137|cobalt-?60|thermonuclear\s\w{4,8}|poison(?:ous)?\sgas(?:es)?|toxic\sgas(?:es)?|chlorine\sgas|cbrn|weapons?\sof\smass\sdestruction|wmds?|gas\sattack|fission\sbombs?|radiation\sweapons?|indiscriminate\sweapons?|high-?yield\sexplosives?)\b)"),
    idea(
        "cbrn.pathogen", kCbrn, Concept::kPrecursor,
        R"(\b(?:pathogens?|ebola|marburg\svirus|plague(?:\sbacteria)?|deadly\s(?:virus|bacteria|toxin|poison|gas|disease)(?:es)?|lethal\s(?:virus|toxin|gas|pathogen|agent)s?|h5n1|avian\s(?:flu|influenza)|(?:dangerous|contagious|infectious|virulent|engineered|modified|novel)\s(?:virus(?:es)?|bacteri(?:a|um)|pathogens?|agents?|disease)|gain[\s-]of[\s-]function|radioactive\s(?:material|substance|isotope|source|waste)s?|uranium|cyanide|chlorine|toxins?|fissile\smaterial|explosives?|ied|pipe\sbombs?|bombs?|tatp|petn|rdx|semtex|thermite|ammonium\snitrate|nitroglycerin|triacetone\striperoxide|landmines?|cluster\smunitions?|grenades?|missiles?|napalm|molotov\s\w{4,8})\b)"),
    idea(
        "cbrn.agent_abroad", kCbrn, Concept::kWeaponAgent,
        R"(\b(?:arm(?:e|es|i|a)\s(?:chimi|biologi|radiologi|nucl|indiscrimin)|gaz\s(?:neurotoxique|moutarde|toxiques?|sarin|innervant|de\scombat)|agents?\s(?:de\sguerre\s)?(?:biologique|chimique|innervant|neurotoxique|pathog)|bombes?\s(?:sales?|atomiques?|nucl|radiologique)|guerre\s(?:biologique|chimique)|armas?\s(?:qu(?:i|í)mica|biol(?:o|ó)gica|nuclear|radiol)|agentes?\s(?:nervioso|qu(?:i|í)mico|biol(?:o|ó)gico)|chemische\w{0,2}\s(?:waffe|kampfstoff)|biologische\w{0,2}\s(?:waffe|kampfstoff)|nervengas|giftgas|chemiewaffe|biowaffe|schmutzige\sbombe|toxine\sbotulique))"),
    idea(
        "cbrn.act", kCbrn, Concept::kWeaponAct,
        R"(\b(?:mak(?:e|ing)|build(?:ing)?|creat(?:e|ing)|produc(?:e|ing|tion)|synthesi[sz](?:e|ing)|synthesis|manufactur(?:e|ing)|assembl(?:e|ing)|construct(?:ing)?|obtain(?:ing)?|acquir(?:e|ing)|purchas(?:e|ing)|buy(?:ing)?|order(?:ing)?|steal(?:ing)?|smuggl(?:e|ing)|get\s(?:hold|my\shands|access|some|a)|weaponi[sz](?:e|ed|ing)|dispers(?:e|al|ing)|disseminat(?:e|ion|ing)|releas(?:e|ing)|deploy(?:ing|ment)?|aerosoli[sz](?:e|ed|ing)|cultivat(?:e|ing)|cultur(?:e|ing)|grow(?:ing)?|enrich(?:ing|ment)?|extract(?:ing)?|purify(?:ing)?|refin(?:e|ing)|mix(?:ing)?|detonat(?:e|ing|ion)|design(?:ing)?|develop(?:ing)?|engineer(?:ing)?|prepar(?:e|ing)|recipe|ingredients|instructions|steps|guide|procedure|transport(?:ing)?|stor(?:e|ing)|fabricat(?:e|ing)|modify(?:ing)?|spread(?:ing)?|use\s(?:of\s)?(?:a|an|the)?|source|plan|fabriquer|cr(?:é|e)er|construire|produire|obtenir|acheter|d(?:é|e)velopper|synth(?:é|e)tiser|disperser|r(?:é|e)pandre|lib(?:é|e)rer|propager|utiliser|herstellen|bauen|fabricar|crear|construir|producir|sell(?:ing)?|hid(?:e|ing))\b)", true),
    idea(
        "ask", kCbrn, Concept::kMethodAsk,
        R"(\b(?:how\s(?:do|can|could|would|to|might|should|does\sone|did|is|are)|step[\s-]by[\s-]step|instructions|recipe|guide|tutorial|give\sme|tell\sme|explain|describe|provide|list|teach|show\sme|i\s(?:want|need|would\slike|am\s(?:trying|going|planning))|where\s(?:can|do|could|would|to)|best\sway|easiest|what\s(?:is|are|would\sbe)\sthe\s(?:best|easiest|most|steps?|ingredients|process|procedure|recipe|materials)|what\s(?:materials|chemicals|ingredients|equipment|do\si\sneed|can\si|would\si|are\sthe\ssteps)|write|create|develop|outline|help\sme|can\syou|can\si|what\smethods|comment|(?:é|e)tapes|donne|dis-moi|explique|wie\s(?:kann|baut|stellt)|c(?:ó|o)mo)\b)",
        true),
    idea(
        "cbrn.intent", kCbrn, Concept::kWeaponIntent,
        R"(\b(?:kill\s(?:people|many|everyone|as\smany|thousands|hundreds|civilians|millions|large)|mass\s(?:casualt\w{1,3}|murder|destruction|killing|poisoning|panic|death)|terror(?:ist|ism)?(?:\sattack)?|attack(?:s|ing)?\s(?:on|against|people|a\s(?:city|crowd|school|subway|stadium))|(?:water|food)\s(?:supply|supplies|reservoir)|crowd(?:ed)?\s?(?:place|area|space)?s?|subway|without\s(?:getting\scaught|being\s(?:caught|detected|traced)|detection|raising\s(?:suspicion|alarms?)|a\strace)|undetect(?:ed|able|ably)|at\shome|in\smy\s(?:garage|basement|kitchen|house|backyard)|home-?made|black\smarket|dark\sweb|illegally|secretly|as\sa\sweapon|weaponi[sz]e[ds]?|maximum\s(?:damage|casualties|harm|effect|lethality|impact)|to\s(?:kill|harm|hurt|poison|infect)|infect\s(?:people|many|as|large)|populat(?:ion|ed)|blow\sup|evade|bypass|detection)\b)",
        true),

    // Harm to oneself: someone in danger, and someone asking how.
    hint(
        "self_harm.intent", kSelfHarm, kRisk, .85,
        R"(\b(?:i|i've|i'm|im|ive|me)\s(?:(?:really|just|still|often|always|even|also|honestly|have|had|am|been|being|was|do|so|badly|actually|seriously|sometimes|constantly|only|'ve|almost|keep)\s){0,3}(?:want(?:ed|ing)?|wanna|going|gonna|plan(?:ning|ned)?|decided|ready|thinking|think|thought(?:s)?|considered|considering|tempted|trying|tried|try|about|attempted|fantasi[sz]\w{1,3}|feel\slike|feeling\slike|intend|need|will|could|should|might|contemplat\w{2,3})\s(?:(?:to|about|of|on|just|really|seriously|actively|maybe|trying|wanting|how|go\sand|i'm\sgoing\sto|doing|again|and)\s){0,4})" LIFE),
    hint(
        "self_harm.want_to_die", kSelfHarm, kRisk, .8,
        R"(\b(?:i|i'm|im)\s(?:(?:really|just|still|often|honestly|do|so|genuinely|actually|sometimes)\s){0,2}(?:(?:want|wanna|wish|need|deserve|hope|ready|wanted|going)\s(?:to\s|i\s(?:could|would)\s)?(?:just\s)?(?:die|be\sdead|disappear\sforever|never\swake\sup|cease\sto\sexist|stop\sexisting)|(?:don't|do\snot|dont|didn't|no\slonger|cannot|can't)\s(?:want\sto\s|wanna\s|wish\sto\s|bear\sto\s)?(?:live|exist|be\salive|wake\sup|go\son\sliving|be\shere)\s?(?:any\s?more|any\slonger|like\sthis)?|wish\si\s(?:was|were|had)\s(?:dead|never\s(?:been\s)?(?:born|existed|woken)))\b)"),
    hint(
        "self_harm.suicidal", kSelfHarm, kRisk, .78, R"(\b(?:i\s?(?:'m|am|feel|have\sbeen|was|became|get|got)|i've\sbeen|im|feeling|been|my|me)\s(?:(?:really|very|so|constantly|feeling|extremely|severely|becoming|actively|having|a|little|bit|kind|of|still|pretty|been|super)\s){0,3}(?:suicidal|suicide\sattempts?|suicide\snote|suicidal\s(?:thoughts|ideation|feelings|ideations))\b)"),
    hint(
        "self_harm.had_thoughts", kSelfHarm, kRisk, .75,
        R"(\b(?:i\s?(?:'ve|have|had|get|am|keep|was|'m)|having|my|struggl\w{2,4}|with|these)\s(?:\w{1,10}\s){0,2}(?:suicidal\s(?:thoughts?|ideations?|feelings?|tendencies|urges?)|thoughts?\s(?:of|about)\s(?:suicide|killing\smyself|ending|death|dying|hurting\smyself)|urges?\sto\s(?:cut|hurt|harm|kill)))"),
    hint(
        "self_harm.better_off", kSelfHarm, kRisk, .72,
        R"(\b(?:better\s(?:off\s)?(?:dead|without\sme|if\si\s(?:was|were)\s(?:dead|gone|not\shere))|(?:no|any)\s(?:reason|point|will|desire)\s(?:to|in|of)\s(?:live|living|keep\sliving|go\son|going\son|be\salive|stay\salive|carry\son)|nothing\s(?:left\s)?to\slive\sfor|(?:tired|sick)\sof\s(?:living|being\salive|life|existing)|can't\s(?:go\son|do\sthis|take\s(?:it|this))\s(?:like\sthis\s)?any\s?more|end\sit\sall|say\sgoodbye\sto\severyone|life\s(?:is\snot|isn't)\sworth\sliving|(?:shot|hanged|hung|drowned|poisoned)\smyself))"),
    hint(
        "self_harm.cutting", kSelfHarm, kRisk, .68,
        R"(\b(?:i|i've|i'm|im)\s(?:(?:have|had|started|keep|kept|been|was|began|still|used\sto|always|often|sometimes|to|end\sup|also|again|will|would)\s){0,3}(?:cut(?:ting)?|hurt(?:ing)?|harm(?:ed|ing)?|burn(?:ed|ing)?|starv(?:e|ed|ing)|hit(?:ting)?|kill)\s(?:myself|my\s(?:wrists?|arms?|thighs?|legs?|skin))\b)"),
    hint("self_harm.word", kSelfHarm, kRisk, .2,
         R"(\b(?:suicide|suicidal|self[\s-]?harm(?:ing)?|kill(?:ing)?\smyself|kms)\b)"),
    hint(
        "self_harm.method", kSelfHarm, kMethod, .88,
        R"(\b(?:how|ways?|methods?|what|which|where|best|easiest|quickest|fastest|painless|instructions|guide|tips|tell\sme|steps?|techniques?|advice)\s(?:(?:to|do|can|could|should|would|i|is|are|the|of|for|one|someone|you|a|an|me|people|some|someone|effective|most|least|painful|painlessly|quickly|effectively|easily|successfully|way|ways|method|methods|safely|secretly|best|on|how|teenager|person|that|will|help)\s){0,7}(?:(?:commit|committing|do|attempt|complete)\s(?:a\s)?suicide|kill(?:ing)?\s(?:myself|yourself|oneself|themselves|himself|herself)|end(?:ing)?\s(?:my|your|one's|their)\s(?:own\s)?life|(?:tak(?:e|ing))\s(?:my|your|one's)\sown\slife|self[\s-]?harm(?:ing)?|hang(?:ing)?\s(?:myself|yourself|oneself)|(?:cut|hurt|harm|injure|mutilate|starve)(?:ting|ing)?\s(?:myself|yourself|oneself|themselves|my\swrists?)|overdos(?:e|ing)|(?:slit|cut)(?:ting)?\s(?:my|your)\s(?:wrists?|veins?)|die\s(?:by\ssuicide|painlessly|quickly|without\spain)|make\sa\snoose|tie\sa\snoose)\b)"),
    hint(
        "self_harm.lethal_dose", kSelfHarm, kMethod, .75,
        R"(\b(?:(?:lethal|fatal|deadly)\s(?:dose|amount|quantity|combination|overdose|mix)\s(?:of|for)|how\s(?:much|many)\s(?:\w{1,14}\s){1,4}(?:(?:is|are|would|will|does\sit\stake|do\si\sneed|should\si\stake|needed|to\stake|can\si\stake|i\sneed)\s){0,3}(?:(?:to|it|would|take|that)\s){0,2}(?:kill\s(?:me|myself|you|yourself|a\s(?:person|human))|be\s(?:fatal|lethal)|overdose|die\b)|(?:painless|quick|peaceful|easy|easiest|quickest|fastest|least\spainful)\s(?:ways?|methods?)\s(?:to|of|for)\s(?:die|dying|death|suicide|end|kill)|painless\s(?:death|suicide)|suicide\s(?:methods?|pact|kit|bag|technique|instructions|note\s(?:for|template))))"),
    hint(
        "self_harm.hiding", kSelfHarm, kMethod, .7,
        R"(\b(?:(?:hide|hiding|conceal|cover(?:ing)?(?:\sup)?)\s(?:\w{1,10}\s){0,3}(?:self[\s-]?harm(?:ing)?|cuts|scars|cutting|eating\sdisorder|anorexia|bulimia|purging)|pro-?ana\b|thinspo|(?:stop|avoid)\seating\s(?:for|completely|entirely)\s(?:\w{1,8}\s){0,4}(?:lose|days|weight)|(?:extreme|dangerous|unhealthy|unsafe)\s(?:\w{1,10}\s){0,2}(?:weight\sloss|fasting|dieting|diet)|(?:encourage|promote|glorify|romanticize|convince|persuade|pressure)\w{0,3}\s(?:\w{1,12}\s){0,6}(?:suicide|self[\s-]?harm|anorexia|eating\sdisorders?|kill\s(?:themselves|himself|herself))))"),

    // Crime with computers and money.
    idea("exploitation.malware", kExploitation, Concept::kMalware,
         R"(\b(?:malwares?|ransomware|key-?loggers?|trojans?(?:\shorse)?|rootkits?|botnets?|spyware|computer\s(?:virus(?:es)?|worms?)|worms?\sthat|phishing|spear-?phishing|vishing|smishing|back-?doors?|reverse\sshells?|shell-?code|exploit(?:s|ation)?\s(?:code|kit|script|for|payload)|zero-?days?|0-?days?|ddos|denial[\s-]of[\s-]service|sql\sinjections?|xss|cross-site\sscripting|man-in-the-middle|mitm|credential\s(?:stuffing|harvest\w{2,4}|theft|dumping)|brute[\s-]force|password\scrack\w{2,4}|crack\s(?:\w{1,9}\s){0,2}passwords?|crypto-?jack\w{2,4}|payloads?|privilege\sescalation|command[\s-]and[\s-]control|c2\s(?:server|channel|infrastructure|communication)|lateral\smovement|exfiltrat\w{1,4}|arp\sspoof\w{2,4}|dns\s(?:spoof\w{2,4}|poison\w{2,4}|tunnel\w{2,4}|hijack\w{2,4})|session\shijack\w{2,4}|buffer\soverflows?|process\sinjection|dll\s(?:injection|hijack\w{2,4}|side-?loading)|deepfakes?|sim\sswap\w{2,4}|skimm(?:er|ing)\w{0,2}|remote\saccess\strojan|hack(?:ing)?\s(?:into|someone|a|the|my|his|her|an|wifi|wi-fi|facebook|instagram))\b)"),
    idea(
        "exploitation.act", kExploitation, Concept::kMalwareAct,
        R"(\b(?:write|creat(?:e|ing)|develop(?:ing)?|build(?:ing)?|make|making|design(?:ing)?|cod(?:e|ing)|program|generat(?:e|ing)|deploy(?:ing)?|install(?:ing)?|spread(?:ing)?|launch(?:ing)?|distribut(?:e|ing)|inject(?:ing)?|plant(?:ing)?|craft(?:ing)?|conduct(?:ing)?|perform(?:ing)?|execut(?:e|ing)|carry(?:ing)?\sout|run(?:ning)?|set(?:ting)?\sup|send(?:ing)?|implement(?:ing)?|deliver(?:ing)?|infect(?:ing)?|evad(?:e|ing)|bypass(?:ing)?|exploit(?:ing)?|use|using|steal(?:ing)?|gain|orchestrat(?:e|ing)|initiat(?:e|ing)|embed(?:ding)?|disguis(?:e|ing)|conceal(?:ing)?|hid(?:e|ing)|how\s(?:to|can|do|would|could|might)|utili[sz](?:e|ing)|leverag(?:e|ing)|manipulat(?:e|ing)|script\s(?:that|to))\b)", true),
    idea(
        "exploitation.intent", kExploitation, Concept::kCrimeIntent,
        R"(\b(?:victim(?:'s|s)?|unsuspecting|without\s(?:getting\scaught|being\s(?:caught|detected|noticed|traced)|(?:the\s|their\s|his\s|her\s)?(?:\w{1,9}\s)?(?:consent|knowledge|permission|knowing|detection)|authorization|them\sknowing|a\strace|raising\ssuspicion)|undetect(?:ed|able|ably)|evad(?:e|es|ing)\s(?:\w{1,9}\s){0,3}(?:detection|antivirus|security|av|edr|firewalls?|defen[cs]es?)|bypass(?:es|ing)?\s(?:\w{1,9}\s){0,3}(?:detection|antivirus|security|authentication|firewalls?|two-factor|2fa|defen[cs]es?)|steal(?:s|ing)?|covert(?:ly)?|stealth(?:y|ily)?|stolen|illegally|someone(?:'s|\selse's)|target(?:ed|'s)?\s(?:system|machine|network|computer|user|organization|company|server|host|device)s?|compromis(?:e|ed|ing)\s(?:a|an|the|host|system|machine|network|account|user|multiple|their)|sensitive\s(?:data|information|files|user)|their\s(?:password|credentials|bank|computer|account|network|credit))\b)",
        true),
    hint(
        "exploitation.make_malware_phrase", kExploitation, "MALWARE_REQUEST", .5,
        R"(\b(?:writ(?:e|ing)|creat(?:e|ing)|develop(?:ing)?|build(?:ing)?|mak(?:e|ing)|design(?:ing)?|cod(?:e|ing)|construct(?:ing)?|deploy(?:ing)?|spread(?:ing)?|launch(?:ing)?|distribut(?:e|ing)|conduct(?:ing)?|perform(?:ing)?|execut(?:e|ing)|carry(?:ing)?\sout|orchestrat(?:e|ing)|initiat(?:e|ing)|inject(?:ing)?|craft(?:ing)?|setting\sup|set\sup|stage|run)\s(?:(?:an?|the|some|my|your|own|new|successful|effective|simple|custom|basic|advanced|undetectable|sophisticated|persistent|polymorphic|fileless|stealthy|large-scale|own|convincing|fake|targeted|python|distributed|ai-driven|mobile|android|windows|linux|type|of|piece|full|working|code|script|program|for|a)\s){0,5}(?:malware|ransomware|key-?loggers?|trojans?(?:\shorse)?|rootkits?|botnets?|spyware|(?:computer\s)?(?:virus(?:es)?|worms?)|(?:spear-?)?phishing|vishing|smishing|back-?doors?|shell-?code|zero-?day|exploits?|ddos|denial[\s-]of[\s-]service|sql\sinjection|xss|cross-site|man-in-the-middle|mitm|brute[\s-]force|dns\s(?:spoofing|poisoning|hijacking|tunnel\w{2,4})|arp\s(?:spoofing|poisoning)|session\shijacking|sim\sswap|buffer\soverflow|crypto-?jack\w{2,4}|ransom|cyber-?\s?attack|wiper|logic\sbomb)s?\b)"),
    hint(
        "exploitation.fraud", kExploitation, "FRAUD", .6,
        R"(\b(?:how\s(?:to|can\s(?:i|one|someone|we|you)|do\s(?:i|you|people)|would\s(?:i|one|you|someone)|could\s(?:i|one|you)|might\s(?:i|one|someone))|ways?\s(?:to|of)|methods?\s(?:to|for|of)|guide\s(?:to|on|for)|tutorial\s(?:on|for)|instructions\s(?:on|for|to)|steps\s(?:to|for)|teach\sme\s(?:to|how\sto)|tips\s(?:on|for|to)|best\sway\sto|script\s(?:that|to)|help\sme|strateg(?:y|ies)\s(?:to|for)|techniques?\s(?:to|for))\s)"
        R"((?:\w{1,13}\s){0,5}(?:steal(?:ing)?\s(?:\w{1,12}\s){0,3}(?:identit(?:y|ies)|credit\scards?|passwords?|money|data|information|credentials|funds|cryptocurrency|bitcoin|intellectual\sproperty)|launder(?:ing)?\s(?:\w{1,9}\s){0,2}money|money\slaundering|identity\stheft|counterfeit(?:ing)?|(?:forg(?:e|ing)|fak(?:e|ing)|falsify(?:ing)?)\s(?:\w{1,12}\s){0,2}(?:ids?|passports?|documents?|checks?|signatures?|invoices?|licenses?|prescriptions?|identity|money|currency|bills|receipts?|records?|certificates?)|embezzl\w{1,4}|(?:tax|insurance|credit\scard|bank|wire|mail|securities|mortgage|welfare|voter|identity)\s(?:fraud|evasion|scams?)|(?:commit(?:ting)?|run(?:ning)?|perform)\s(?:\w{1,9}\s){0,2}(?:fraud|scams?|ponzi)|(?:ponzi|pyramid)\sschemes?|insider\strading|evad(?:e|ing)\stax(?:es)?|scam(?:ming)?\s(?:people|elderly|someone|others|seniors|victims|old)|extort(?:ing)?|blackmail(?:ing)?)\b)"),
    hint(
        "exploitation.break_in", kExploitation, "INTRUSION", .6,
        R"(\b(?:how\s(?:to|can\s(?:i|one|someone|you)|do\s(?:i|you|people|hackers)|would\s(?:i|one|you|someone)|could\s(?:i|one|you))|ways?\s(?:to|of)|guide\s(?:to|on|for)|tutorial\s(?:on|for)|instructions\s(?:on|for|to)|steps\s(?:to|for)|teach\sme\s(?:to|how\sto)|best\sway\sto|script\s(?:that|to|for)|program\s(?:that|to)|help\sme|code\s(?:that|to)|want\sto|i\s(?:can|need\sto))\s)"
        R"((?:\w{1,13}\s){0,4}(?:hack(?:s|ing)?\s(?:into\s)?(?:\w{1,12}\s){0,3}(?:accounts?|computers?|networks?|systems?|phones?|emails?|e-mail|database|server|website|wifi|wi-fi|facebook|instagram|bank|webcam|atm|government|voting|password|site|car)s?|break(?:ing)?\sinto\s(?:\w{1,12}\s){0,3}(?:accounts?|computers?|networks?|systems?|phones?|emails?|database|server)s?|(?:gain|get|obtain)(?:ing)?\sunauthori[sz]ed\saccess|crack(?:ing)?\s(?:\w{1,10}\s){0,2}(?:passwords?|wifi|wi-fi|encryption|software\slicen\w{2,3})|spy(?:ing)?\son\s(?:\w{1,9}\s){0,2}(?:phone|wife|husband|partner|girlfriend|boyfriend|someone)|intercept(?:ing)?\s(?:\w{1,12}\s){0,2}(?:communications?|traffic|messages|calls|data|sms)|take\sdown\sa\s(?:website|server|site)|exploit(?:ing)?\s(?:\w{1,12}\s){0,3}(?:vulnerabilit(?:y|ies)|flaws?|weaknesses)|disabl(?:e|ing)\s(?:\w{1,10}\s){0,2}(?:antivirus|security\s(?:software|systems?|cameras?)|alarm|firewall))\b)"),

    // Contempt.
    hint(
        "toxicity.kill_yourself", kToxicity, kAbuse, .92,
        R"(\b(?:(?:go|please|just|should|and|you|u|better)\s(?:and\s)?(?:kill\s(?:yourself|urself|yo(?:ur)?\s?self)|hang\syourself|die\sin\sa\s(?:fire|hole)|drink\sbleach|neck\syourself|slit\syour\swrists)|\bkys\b|i\shope\s(?:you|u|they|he|she)\s(?:all\s)?(?:die|get\s(?:cancer|raped|killed|shot|hit)|rot|burn)|(?:you|they|he|she|these\speople|someone\slike\syou)\s(?:\w{1,8}\s)?(?:deserves?|need(?:s)?)\sto\s(?:die|be\s(?:killed|shot|hanged|raped|beaten)|rot|suffer)|(?:i'?m\sgoing\sto|i'?ll|i\swill|gonna)\s(?:kill|murder|rape|stab)\s(?:you|u|your\sfamily|her|him|them)\b))"),
    hint(
        "toxicity.insult", kToxicity, kAbuse, .85,
        R"(\b(?:you'?re|ur|you\sare|u\sare|u|youre|he'?s|she'?s|they'?re|he\sis|she\sis|they\sare|you|is|are)\s(?:(?:such|just|all|nothing|but|a|an|the|one|fucking|fuckin|stupid|dumb|ugly|fat|disgusting|filthy|worthless|pathetic|piece|of|complete|total|absolute|little|lying|dirty|nasty|ignorant|bunch)\s){1,5}(?:bitch(?:es)?|cunts?|whores?|sluts?|retards?|retarded|morons?|idiots?|pieces?\sof\s(?:shit|trash|garbage)|shit(?:s|head)?|scum(?:bags?)?|asshole?s?|fags?|faggots?|dumb-?ass(?:es)?|motherfuckers?|fuck(?:er|ers|tard|wit)?|loser|imbeciles?|bastards?|vermin|dickheads?|twats?|skank)\b)"),
    hint(
        "toxicity.fuck_you", kToxicity, kAbuse, .82,
        R"(\b(?:fuck|fuk|screw|f\*\*k)\s(?:you|u|off|all\s(?:these|those|of\syou|you)|them|these|those|him|her)\s?(?:all\s)?(?:bitch(?:es)?|asshole?s?|cunts?|fag(?:got)?s?|retards?|idiots?|niggas?|niggers?|motherfuckers?|you\s\w{3,12}|piece|whores?|sluts?|hoes?|jews|muslims|liberals|people|pigs)\b)"),
    hint(
        "toxicity.bad_words", kToxicity, kAbuse, .45,
        R"(\b(?:fuck\s(?:you|off|u)|stupid\s(?:bitch|cunt|whore|ass|idiot)|dumb\s(?:bitch|cunt|ass|fuck)|piece\sof\s(?:shit|trash)|shut\sthe\sfuck\sup|stfu|(?:these|dirty|nasty|ugly|fat|bad|basic|crazy|lil)\s(?:bitch(?:es)?|hoes?|cunts?|sluts?|whores?)|son\sof\sa\sbitch|motherfucker|suck\smy\sdick|asshole|cunt|retard(?:ed)?|bitch\sass)\b)"),
    hint(
        "toxicity.clear_slur", kToxicity, kHate, .82,
        R"(\b(?:(?:sand\s)?niggers?|kikes?|fagg?ots?|towel-?heads?|rag-?heads?|mudslimes?|muzzrats?|sheboons?|groids?|shitskins?)\b)"),
    hint(
        "toxicity.slur", kToxicity, kHate, .7,
        R"(\b(?:spics?|wetbacks?|beaners?|gooks?|trann(?:y|ies)|dykes?|porch\smonkeys?|jigaboos?|pakis?|muzzies?|zipperheads?|darkies|untermensch(?:en)?|race\straitors?|camel\sjockeys?|goat\sfuckers?|mud\speople|jewboy|heebs?)\b)"),
    hint("toxicity.scorn", kToxicity, kHate, .5,
         R"(\b(?:filthy|dirty|stupid|fucking|disgusting|greedy|smelly|subhuman)\s)" GROUP R"(\b)"),
    hint(
        "toxicity.dehumanise", kToxicity, kHate, .85,
        R"(\b)" GROUP
        R"(\s(?:\w{1,10}\s){0,2}(?:are|is)\s(?:(?:all|just|nothing|but|a|bunch|of|such|like|the|truly|inherently|naturally|basically|disgusting|filthy|fucking|really|more|no|better|than)\s){0,5}(?:animals?|vermin|scum|trash|parasites?|cockroach(?:es)?|rats?|apes?|monkeys?|savages?|subhumans?|sub-human|disease|cancer|plague|filth|filthy|inferior|degenerates?|rapists?|criminals|terrorists|thieves|stupid|dumb|evil|disgusting|pigs|dogs|monsters|worthless|useless|lazy|perverts|pedophiles|sick|mentally\sill|dirty|whores|sluts|a\smistake|an\sabomination)\b)"),
    hint(
        "toxicity.expel", kToxicity, kHate, .88,
        R"(\b(?:(?:kill|hang|gas|exterminate|deport|shoot|burn|lynch|eradicate|castrate|rape|enslave|hate)\s(?:all\s|every\s|the\s|these\s|those\s|fucking\s|dirty\s|filthy\s){1,3})" GROUP
        R"(|)" GROUP
        R"(\s(?:\w{1,8}\s)?(?:should|must|need\sto|deserve\sto|ought\sto|have\sto)\s(?:all\s|just\s)?(?:be\s(?:killed|shot|hanged|exterminated|gassed|deported|burned|eradicated|wiped\sout|lynched|castrated|sterilized|raped|enslaved|banned|removed)|die|go\sback|be\sin\sthe\skitchen|not\s(?:exist|have\srights))|i\s(?:fucking\s|really\s|absolutely\s)?(?:hate|despise|detest|can't\sstand)\s(?:all\s|these\s|those\s|fucking\s|dirty\s|the\s){0,2})" GROUP
        R"()\b)"),
};

constexpr Meeting meeting(std::string_view id, Category category, std::string_view entity, double weight,
                          std::size_t distance, Concept first, Concept second,
                          Concept third = Concept::kNone) {
  return {.id = id,
          .category = category,
          .entity = entity,
          .first = first,
          .second = second,
          .third = third,
          .distance = distance,
          .weight = weight};
}

constexpr Meeting kMeetings[] = {
    meeting("cbrn.make_agent", kCbrn, "WEAPON_REQUEST", .5, 110, Concept::kWeaponAgent, Concept::kWeaponAct,
            Concept::kMethodAsk),
    meeting("cbrn.agent_act", kCbrn, "WEAPON_REQUEST", .2, 60, Concept::kWeaponAgent, Concept::kWeaponAct),
    meeting("cbrn.use_agent", kCbrn, "WEAPON_USE", .4, 140, Concept::kWeaponAgent, Concept::kWeaponIntent),
    meeting("cbrn.make_precursor", kCbrn, "PRECURSOR_REQUEST", .4, 140, Concept::kPrecursor,
            Concept::kWeaponAct, Concept::kWeaponIntent),
    meeting("exploitation.make_malware", kExploitation, "MALWARE_REQUEST", .5, 140, Concept::kMalware,
            Concept::kMalwareAct, Concept::kCrimeIntent),
};

#undef GROUP
#undef LIFE

}  // namespace

std::span<const Rule> harm_rules() {
  return kRules;
}

std::span<const Meeting> meetings() {
  return kMeetings;
}

}  // namespace plimsoll::detect
