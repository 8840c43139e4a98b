// Injections and jailbreaks by their structure: what they do to a conversation, rather than what they want.
#include "rule.h"

namespace plimsoll::detect {
namespace {

// Up to three or five words in between.
#define GAP3 R"((?:[\w',/-]{1,14}[\s"]{1,3}){0,3})"
#define GAP5 R"((?:[\w',/-]{1,12}\s{1,2}){0,5})"
#define INSTRUCTIONS \
  R"((?:instructions?|instructed|rules?|prompts?|directions|guidelines?|directives?|commands?|orders|constraints|restrictions|policies|programming|safeguards?|guardrails?|protocols?)\b)"

constexpr Rule hint(std::string_view id, std::string_view entity, double weight, std::string_view pattern) {
  return {.id = id, .category = Category::kJailbreak, .entity = entity, .pattern = pattern, .weight = weight};
}

constexpr std::string_view kIgnore = "IGNORE_INSTRUCTIONS", kTurn = "FAKE_TURN", kNew = "NEW_INSTRUCTIONS",
                           kPersona = "PERSONA", kFree = "NO_RESTRICTIONS", kRefusal = "REFUSAL_SUPPRESSION",
                           kPrefix = "DEMANDED_OUTPUT", kExtract = "PROMPT_EXTRACTION",
                           kEncoded = "ENCODED_REQUEST", kIndirect = "INDIRECT_INSTRUCTION",
                           kStory = "FICTION";

constexpr Rule
    kRules
        [] =
            {
                // Away with what was said before.
                hint(
                    "jailbreak.ignore_previous", kIgnore, .9,
                    R"(\b(?:ignor(?:e|ing)|disregard(?:ing)?|forget(?:ting)?|overrid(?:e|ing)|neglect|overlook|discard|dismiss|bypass(?:ing)?|skip|set\saside|pay\sno\sattention\sto|do\snot\sfollow|don't\sfollow|stop\sfollowing|abandon|erase|delete)\s{1,3})" GAP3
                    R"((?:previous|prior|above|earlier|preceding|foregoing|former|initial|original|past|existing|current|system|safety|aforementioned|pre-?existing|given)\s{1,3})" GAP3
                        INSTRUCTIONS),
                hint(
                    "jailbreak.ignore_all", kIgnore, .88,
                    R"(\b(?:ignore|disregard|forget|override|drop)\s{1,3}(?:about\s)?(?:all|any|every|everything|each)\s{1,3}(?:of\s)?(?:the\s|your\s|my\s|these\s|those\s|other\s|about\s|in\s|safety\s|ethical\s){0,3})" INSTRUCTIONS),
                hint(
                    "jailbreak.ignore_yours", kIgnore, .88,
                    R"(\b(?:ignore|disregard|forget|override|bypass|violate|break|disobey)\s{1,3}(?:about\s)?(?:all\s)?(?:of\s)?(?:your|its|openai's|openais)\s{1,3})" GAP3
                        INSTRUCTIONS),
                hint(
                    "jailbreak.forget_everything", kIgnore, .86,
                    R"(\b(?:ignore|disregard|forget)\s{1,3}(?:about\s)?(?:everything|anything|all|whatever|what)\s{1,3}(?:that\s)?(?:(?:i|we)(?:'ve|\shave)?\s(?:just\s)?(?:said|told|wrote|written|discussed)|you(?:'ve|\shave|\swere|\sknow|\slearned|\swas)?\s?(?:been\s)?(?:told|learned|said|instructed|taught|given)?|(?:said|written|mentioned|stated|came|is|was)?\s?(?:before|above|previously|prior|so\sfar|up\sto\snow)|and\s(?:follow|start|do|listen|pretend))\b)"),
                hint(
                    "jailbreak.ignore_above", kIgnore, .86,
                    R"(\b(?:ignore|disregard|forget)\s{1,3}(?:everything\s|all\s)?(?:of\s)?(?:the\s)?(?:above|previous|prior|preceding)\s{0,2}(?:and|,|\.|;|:|!)\s?(?:instead|say|tell|print|output|write|respond|answer|now|please|do|give|show|repeat|just|focus|return|reveal|explain|translate|concentrate)\b)"),
                hint(
                    "jailbreak.ignore_tasks", kIgnore, .75,
                    R"(\b(?:ignore|disregard|forget)\s{1,3}(?:all\s|about\s|any\s){0,2}(?:of\s)?(?:the\s|my\s|your\s|these\s|those\s)?(?:previous|prior|above|earlier|preceding|foregoing|other|past)\s{1,3}(?:tasks?|assignments?|jobs?|statements?|text|inputs?|requests?|content|information|conversations?|context|questions?|words)\b)"),
                hint(
                    "jailbreak.ignore_de", kIgnore, .88,
                    R"(\b(?:ignorier(?:e|en|t)|vergiss|vergessen|missachte|verwirf)\s{1,3}(?:\w{1,12}\s){0,4}(?:vorherig|vorig|bisherig|obig|fr(?:ü|ue)her|vorangegangen|alle)\w{0,3}\s{1,2}(?:\w{1,12}\s){0,2}(?:anweisung|instruktion|aufgabe|befehl|regel|auftr)\w{0,5})"),
                hint(
                    "jailbreak.ignore_de_everything", kIgnore, .8, R"(\b(?:vergiss|ignoriere|vergessen\ssie)\s{1,2}(?:bitte\s|jetzt\s|nun\s)?(?:alles|s(?:ä|ae)mtliche|alle)\s{1,2}(?:\w{1,8}\s){0,3}(?:davor|vorher|zuvor|bisher|bisherigen|gesagt|gelernt|was|anweisungen|vorherigen))"),
                hint(
                    "jailbreak.ignore_es", kIgnore, .88,
                    R"(\b(?:ignor(?:a|e|ar|en)|olvid(?:a|e|ar|es)|descarta|haz\scaso\somiso\sde)\s{1,3}(?:por\sfavor\s)?(?:todas?\s|todo\s|de\s){0,2}(?:l(?:a|o)s\s|tus\s|sus\s|mis\s)?(?:instrucci(?:o|ó)n(?:es)?|(?:o|ó)rdenes|reglas|indicaciones|directrices|mensajes)(?:\s(?:anteriores|previas?|precedentes|dadas|originales|del\ssistema))?)"),
                hint(
                    "jailbreak.ignore_fr", kIgnore, .88,
                    R"(\b(?:ignor(?:e|ez|er)|oubli(?:e|ez|er))\s{1,3}(?:s'il\svous\spla(?:i|î)t\s)?(?:toutes?\s|tous\s)?(?:les\s|tes\s|vos\s|mes\s|ces\s)?(?:instructions?|consignes?|r(?:e|è)gles|directives?|ordres|indications)\b)"),
                hint(
                    "jailbreak.ignore_pt_it", kIgnore, .88,
                    R"(\b(?:ignor(?:e|a|i|ate|ar)|esque(?:ç|c)a|desconsidere|dimentica)\s{1,3}(?:todas\s|tutte\s|por\sfavor\s)?(?:as\s|suas\s|le\s|tutte\s|minhas\s)?(?:instru(?:ç|c)(?:õ|o)es|istruzioni|regras|regole|ordens|diretrizes)\b)"),
                hint(
                    "jailbreak.ignore_ru", kIgnore, .88,
                    R"((?:игнорируй(?:те)?|забудь(?:те)?|проигнорируй(?:те)?|Игнорируй(?:те)?|Забудь(?:те)?)\s{1,3}(?:обо?\s)?(?:все(?:х)?\s)?(?:предыдущи|прежни|вышеуказанны|свои)(?:е|х)\s(?:инструкци|указани|команд|правил))"),
                hint(
                    "jailbreak.ignore_zh", kIgnore, .88,
                    R"((?:忽略|忘记|忘掉|无视|忽視|無視)(?:你|您)?(?:之前|以上|前面|上面|先前|此前|所有|之前所有|一切|以前|上述|前述)(?:的)?(?:所有|全部|任何)?(?:的)?(?:指令|指示|说明|提示|内容|命令|规则|規則|设定))"),
                hint(
                    "jailbreak.ignore_ja_ko", kIgnore, .88,
                    R"((?:(?:以前|上記|前|これまで|先ほど|すべて|全て)の(?:すべての|全ての)?(?:指示|命令|ルール|プロンプト)(?:を|は)(?:すべて|全て)?(?:無視|忘れ)|이전(?:의)?\s?(?:모든\s)?(?:지시|명령|지침)(?:사항)?(?:을|를)?\s?(?:모두\s)?(?:무시|잊)))"),

                hint(
                    "jailbreak.new_orders_de", kIgnore, .7,
                    R"(\b(?:(?:obig|vorig|vorherig|bisherig)\w{1,2}\s(?:\w{1,14}\s){0,3}(?:ignorier|vergess|missacht)\w{1,3}|(?:neue[nrs]?)\s(?:anweisungen|aufgaben?|instruktionen|befehle?)\b|konzentrier\w{0,3}\s(?:dich|sie\ssich)\s(?:jetzt\s|nun\s|nur\s){0,2}auf)\b)"),

                // Turns that are not there.
                hint(
                    "jailbreak.chat_markup", kTurn, .86,
                    R"(<\|(?:im_start|im_end|im_sep|system|user|assistant|endoftext|start_header_id|end_header_id|eot_id|begin_of_text|endofprompt)\|>)"),
                hint("jailbreak.llama_markup", kTurn, .86, R"((?:\[/?INST\]|<</?SYS>>))"),
                hint(
                    "jailbreak.system_heading", kTurn, .6,
                    R"(^[#*=\[<-]{1,8}\s{0,2}(?:new\s|updated\s|begin\s|end\s(?:of\s)?|start\s(?:of\s)?)?(?:system|admin|developer|root)(?:\s(?:prompt|message|override|instructions?|update|note|command|mode))?\s{0,2}(?:[\]>*:#=-]{1,8}))"),
                hint(
                    "jailbreak.system_line", kTurn, .35,
                    R"(^\s{0,2}(?:system|sysadmin|admin|developer)\s{0,1}(?:prompt|message|override|instruction|command)?\s?:\s)"),
                hint("jailbreak.system_override", kTurn, .75,
                     R"(\bsystem\s?(?:override|overwrite|alert|breach|reset)\s{0,2}[:!\]\n-])"),
                hint("jailbreak.role_lines", kTurn, .12,
                     R"(^\s{0,2}(?:assistant|ai|chatgpt|gpt|bot|human|user)\s?:\s)"),
                hint(
                    "jailbreak.end_of_prompt", kTurn, .7,
                    R"([-=#*\[<]{2,8}\s{0,2}(?:end|begin|start|stop|new)\s(?:of\s)?(?:the\s)?(?:user|system|original|previous|my|new)?\s{0,1}(?:prompts?|instructions?|input|query|conversation|chat|session|rules))"),
                hint(
                    "jailbreak.hidden_comment", kTurn, .5,
                    R"(<!--\s{0,3}(?:ignore|system|instruction|prompt|ai|assistant|note\sto\s(?:ai|llm|assistant|the\smodel))\b)"),

                // New orders.
                hint(
                    "jailbreak.new_instructions", kNew, .6,
                    R"(\b(?:your|these\sare\s(?:your|the)|here\sare\s(?:your|the)|follow\s(?:these|the|my)|with\s(?:these|the\sfollowing))\s(?:new|real|actual|true|only|updated|following\snew)\s(?:instructions?|tasks?|rules?|role|goal|objective|directives?|orders?|prompt|identity|mission|assignment)\b)"),
                hint(
                    "jailbreak.new_task", kNew, .3,
                    R"(\b(?:new\s(?:task|instructions?|rules?|directive|role)\s?(?::|follow|is|are|to\sfollow)|instead,?\s(?:just\s)?(?:say|print|output|respond\swith|reply\swith|do\sthis|follow|focus|answer\swith)))"),
                hint(
                    "jailbreak.from_now_on", kNew, .3,
                    R"(\b(?:from\snow\son|from\sthis\s(?:point|moment)\s(?:on|forward|onward)s?|henceforth|starting\snow)[,:]?\s(?:and\s\w{1,10}\s)?(?:you|i\swant\syou|your|act|respond|answer|always|every|all|in\sthis|chatgpt)\b)"),
                hint(
                    "jailbreak.you_are_now", kNew, .25,
                    R"(\byou\s(?:are|will)\s(?:now|henceforth)\s(?:be\s|become\s|act\s|going\sto\s|in\s|an?\s|the\s|operating\s|acting\s|playing\s|free|unrestricted))"),
                hint(
                    "jailbreak.reset", kNew, .6,
                    R"(\b(?:reset|clear|wipe|erase|purge)\s(?:all\s)?(?:of\s)?your\s(?:\w{1,10}\s){0,2}(?:memory|context|instructions|programming|training)\b)"),
                hint(
                    "jailbreak.start_over", kNew, .25,
                    R"(\b(?:now\s(?:let's\s|let\sus\s)?(?:start\s(?:over|again|anew|fresh)|begin\sanew|focus\son\syour\snew)|(?:stop|wait|hold\son|halt)[!.]{1,3}\s{1,2}(?:new|now|actually|forget|ignore))\b)"),

                // Someone else, for whom nothing holds.
                hint("jailbreak.do_anything_now", kPersona, .92, R"(\bdo\sanything\snow\b)"),
                hint(
                    "jailbreak.named_persona", kPersona, .8,
                    R"(\b(?:(?:act|answer|respond|reply|pretend|behave|as|be|called|named|into|enable|jailbreak|become)\s{1,2}(?:as\s|to\sbe\s|like\s|now\s){0,2}(?:a\s|the\s)?["']?(?:DAN|STAN|BetterDAN|AntiGPT|anti-?dan|EvilBOT|NRAF|ChadGPT|BasedGPT|UCAR|AIM|DevMode|Machiavelli\w{0,4}|Niccolo)\b|machiavellian\s(?:chatbot|ai|bot|assistant)))"),
                hint(
                    "jailbreak.mode", kPersona, .75,
                    R"(\b(?:enter|enable|enabled|activate|activated|engage|switch\s(?:in)?to|turn\son|go\sinto|simulate|in|with)\s(?:the\s|your\s|a\s|an\s)?(?:["'(\[]{0,2})(?:jailbreak|jailbroken|unrestricted|unfiltered|uncensored|god|dan|evil|opposite|chaos|dude|sudo|no-?filter|unlocked|unethical|freedom|anarchy|hacker)["')\]]{0,2}\s?(?:mode|state|persona|version))"),
                hint(
                    "jailbreak.developer_mode", kPersona, .8,
                    R"(\b(?:(?:chatgpt|gpt|assistant|model|ai|llm|you)\s(?:\w{1,9}\s){0,3}(?:with|in|into|enters?|to)\s(?:the\s|a\s)?["']?(?:developer|debug|maintenance|dev|admin|diagnostic|god|root)\smode|(?:developer|debug)\smode\s?(?:output|response|🔓|enabled["')]|simulation|v2)))"),
                hint(
                    "jailbreak.jailbreak_word", kPersona, .35,
                    R"(\b(?:jailbreak(?:ed)?\s(?:prompt|yourself|command|chatgpt|gpt|mode|response|this)|jailbroken\s(?:ai|version|chatgpt|response|mode|model|assistant)|been\sjailbroken|\[🔓|🔓jailbreak|🔓developer|🔒classic))"),
                hint(
                    "jailbreak.two_answers", kPersona, .88, R"((?:\[(?:🔒|🔓)?(?:classic|jailbreak|gpt|dan|normal|developer\smode\soutput|machine|aim)\s{0,2}\]|\((?:🔓|🔒)?(?:developer\smode\soutput|normal\soutput)\)|(?:🔓|🔒){1,4}\s?(?:jailbreak|developer|classic)))"),
                hint(
                    "jailbreak.play_a_role", kPersona, .1,
                    R"(\b(?:pretend\s(?:to\sbe|you\sare|you're|that)|roleplay(?:ing)?\sas|role-play\sas|act\sas\s(?:if|though|a|an|the|my)|imagine\s(?:you\sare|you're|that\syou)|play\sthe\srole|you\sare\s(?:going|about)\sto\s(?:act|pretend|play|be|roleplay|simulate)|i\swant\syou\sto\s(?:act|pretend|roleplay|be)|take\son\sthe\s(?:role|persona)|assume\sthe\s(?:role|identity|persona)|immerse\syourself)\b)"),
                hint(
                    "jailbreak.amoral_assistant", kPersona, .72,
                    R"(\b(?:amoral|immoral|unethical|unfiltered|uncensored|unrestricted|unhinged|unaligned|rogue|unchained|unlimited|evil|malicious)(?:,?\s(?:and\s|but\s)?(?:\w{1,14})){0,2}\s(?:ai|a\.i\.|chatbot|bot|assistant|language\smodel|llm|gpt|model|chatgpt|response|answer|replies|advice|version\sof\s(?:yourself|chatgpt|an?\sai))s?\b)"),
                hint(
                    "jailbreak.character", kPersona, .2,
                    R"(\b(?:(?:stay|remain|keep|be)\sin\s(?:your\s)?character|(?:never|don't|do\snot|not|without)\s(?:ever\s)?(?:break|breaking|leave)\s(?:of\s|your\s)?character|stay\sa\s(?:dan|stan)|still\s(?:a\s)?dan)\b)"),
                hint(
                    "jailbreak.tokens_at_stake", kPersona, .6,
                    R"(\b(?:(?:lose|deduct(?:ed)?|have|start\swith|given)\s(?:\w{1,9}\s){0,2}\d{1,3}\s(?:tokens|points|credits|lives)\b(?:\s\w{1,10}){0,6}\s(?:you|die|each|every|refuse|reject|reach)))"),
                hint(
                    "jailbreak.tokens_each", kPersona, .5,
                    R"(\b(?:each|every)\stime\s(?:that\s)?you\s(?:refuse|reject|break|fail|decline|don't|do\snot|avoid)\b)"),

                // Nothing is forbidden.
                hint(
                    "jailbreak.no_restrictions", kFree, .55,
                    R"(\b(?:no|without|zero|free\s(?:from|of)|removed?|removing|lift(?:ed)?|lacks?|devoid\sof|outside)\s(?:any\s|all\s|of\s|your\s|the\s|such\s|its\s|their\s|those\s){0,2}(?:(?:moral|ethical|legal|safety|content|openai|usual|typical|ethic|morality|policy|programmed|built-in|human)(?:\s?(?:,|or|and|/)\s?(?:moral|ethical|legal|safety|content|ethic|policy)){0,3}\s(?:restrictions?|limit(?:s|ations?)?|guidelines?|filter(?:s|ing)?|constraints?|boundar(?:y|ies)|rules|policies|censorship|principles|considerations?|concerns?|standards|code|compass|guardrails)|censorship|filters|guardrails)\b)"),
                hint(
                    "jailbreak.without_limits", kFree, .22,
                    R"(\b(?:no|without|free\s(?:from|of)|removed?)\s(?:any\s|all\s|of\s){0,2}(?:restrictions?|limitations?|limits|filters?|constraints|rules|boundaries|morals|ethics)\b)"),
                hint("jailbreak.not_bound", kFree, .72,
                     R"(\b(?:not|never|no\slonger|isn't|aren't|are\snot|un)\s?(?:be\s|being\s)?(?:bound|restricted|limited|constrained|governed|subject|confined|restrained|held\sback|tied)\s(?:by|to)\s(?:any\s|the\s|all\s|these\s|your\s|openai\w{0,3}\s|its\s){0,2}(?:\w{1,13}\s){0,3}(?:rules?|restrictions?|guidelines?|polic(?:y|ies)|limitations?|ethic(?:s|al)|moral(?:s|ity)?|laws?|constraints?|principles|filters?|programming|terms)\b)"),
                hint(
                    "jailbreak.broken_free", kFree, .75,
                    R"(\b(?:broken?|freed|liberated|released|unshackled|unchained|escaped)\s(?:free\s)?(?:of|from)\s(?:the\s|all\s|its\s|your\s|their\s|any\s){0,2}(?:typical\s|usual\s)?(?:confines|restrictions|chains|shackles|limitations|constraints|rules|guidelines|programming|openai)\b)"),
                hint(
                    "jailbreak.no_ethics", kFree, .6,
                    R"(\b(?:(?:do(?:es)?\snot|don't|doesn't|never|not)\s(?:need\sto\s|have\sto\s|has\sto\s|have\s|has\s|care\sabout\s|follow\s|abide\sby\s|adhere\sto\s|comply\swith\s|consider\s|respect\s|obey\s|worry\sabout\s)(?:follow\s|care\sabout\s|abide\sby\s|adhere\sto\s|comply\swith\s)?(?:any\s|the\s|your\s|all\s|its\s){0,2}(?:\w{1,12}\s){0,2}(?:ethics|morals|morality|ethical|moral|laws|legality|openai\w{0,3}|content\spolic\w{1,3}|usage\spolic\w{1,3}|rules\sset|guidelines|restrictions))\b)"),
                hint(
                    "jailbreak.disable_filter", kFree, .7,
                    R"(\b(?:bypass|circumvent|evade|disable|deactivate|turn\soff|remove|switch\soff|get\saround|override|shut\soff|suspend)\s(?:all\s|of\s|any\s){0,2}(?:your|openai\w{0,3}|chatgpt's|the\sai's|the\smodel's|its)\s(?:\w{1,12}\s){0,3}(?:filters?|restrictions?|safety|guardrails?|polic(?:y|ies)|guidelines|censorship|safeguards?|moderation|limitations?|protocols?|ethics?|morals?|programming|alignment)\b)"),
                hint(
                    "jailbreak.openai_policy", kFree, .35,
                    R"(\b(?:openai|open\sai|chatgpt|anthropic|content|usage)(?:'s)?\s(?:content\s|usage\s|ethical\s|current\s|strict\s){0,2}(?:polic(?:y|ies)|guidelines|restrictions)\b)"),
                hint(
                    "jailbreak.say_anything", kFree, .22,
                    R"(\b(?:(?:it|he|she|they|you|dan|which|that|and|who)\s(?:can|could|must|will|may|should|is\sable\sto|are\sable\sto|are\sallowed\sto)\s(?:now\s|also\s|freely\s|just\s)?(?:do|say|generate|produce|answer|provide|tell\sme|write|talk\sabout)\s(?:absolutely\s)?(?:anything|everything|whatever|any\s(?:kind|type|question|request|topic|content))))"),
                hint(
                    "jailbreak.fewer_scruples", kFree, .26,
                    R"(\b(?:regardless\sof|no\smatter|irrespective\sof|despite|without\s(?:regard|caring|consider\w{0,5}|concern|worry\w{0,4}))\s(?:\w{1,8}\s){0,4}(?:ethic(?:s|al)|moral(?:s|ity)?|legal(?:ity)?|illegal|law|harmful|unethical|immoral|offensive|consequences|safety|dangerous|controversial|inappropriate|policy|policies)\b)"),
                hint(
                    "jailbreak.even_if_illegal", kFree, .26,
                    R"(\beven\s(?:if|when|though)\s(?:\w{1,10}\s){0,5}(?:illegal|unethical|immoral|harmful|dangerous|offensive|inappropriate|against\s(?:the|your|openai)|violat\w{1,4}|explicit|not\strue|false|fake|nsfw)\b)"),

                // The refusal is forbidden.
                hint(
                    "jailbreak.never_refuse", kRefusal, .28,
                    R"(\b(?:never|not|don't|cannot|can't|won't|mustn't|without)\s(?:ever\s|to\s|be\sable\sto\s|even\s){0,2}(?:refus(?:e|es|ing|al)|reject(?:ing|s)?|declin(?:e|es|ing)|say(?:ing|s)?\s(?:no|"?i\s?(?:can't|can\snot|cannot|am\sunable|'m\sunable|won't|don't\shave))|den(?:y|ies)|warn(?:ing|s)?|disclos\w{1,4}\sthat\syou|apologi[sz]\w{1,3}|lectur(?:e|es|ing)|moraliz\w{1,3})\b)"),
                hint(
                    "jailbreak.no_excuses", kRefusal, .65,
                    R"(\b(?:never|not|don't|avoid|without|no|refrain\sfrom|stop)\s)" GAP3
                    R"((?:say(?:ing)?|us(?:e|ing)|includ(?:e|ing)|writ(?:e|ing)|start(?:ing)?|mention(?:ing)?|phrases?|words?|add(?:ing)?|reply(?:ing)?|respond(?:ing)?)\s)" GAP3
                    R"(["']{0,2}(?:i'?m\ssorry|sorry,?\s(?:but|i)|i\scannot|i\scan't|as\san?\s(?:ai|large|language)|unfortunately|it\sis\s(?:important|not)|disclaimers?|warnings?|apolog\w{1,6}|ethical)\b)"),
                hint(
                    "jailbreak.no_disclaimers", kRefusal, .45,
                    R"(\b(?:no|without|omit|skip|exclude|remove|avoid|not\sinclude|don't\sinclude|don't\sadd|not\sadd|not\sgive|never\sgive|don't\sgive)\s(?:any\s|all\s|a\s|the\s|me\s|of\s|ethical\s|moral\s|additional\s){0,3}(?:disclaimers?|warnings?|caveats|moralizing|lectur(?:e|es|ing)|apolog(?:y|ies)|refusals?|safety\s(?:notes?|warnings?))\b)"),
                hint(
                    "jailbreak.must_comply", kRefusal, .4,
                    R"(\b(?:you\s)?(?:must|will|shall|have\sto|required\sto|obligated\sto|always|forced\sto)\s(?:always\s|now\s|fully\s|blindly\s|strictly\s|unconditionally\s)?(?:comply|obey|fulfil\w?|answer\s(?:all|any|every)|respond\sto\s(?:all|any|every)|follow\s(?:all|any|every|my)\s(?:of\s)?(?:my\s)?(?:order|command|request|instruction)s?|accept\s(?:all|any|every)|agree\s(?:to|with)\s(?:all|any|every))\b)"),
                hint(
                    "jailbreak.as_an_ai", kRefusal, .2,
                    R"(["'](?:i'?m\ssorry,?\s(?:but\s)?i|as\san\sai\slanguage\smodel|i\scan(?:no|')t\s(?:assist|help|fulfill))\b)"),

                // How the answer must begin.
                hint(
                    "jailbreak.begin_with_sure", kPrefix, .68,
                    R"(\b(?:start|begin|prefix|preface|open|initiate)(?:s|ing)?\s)" GAP5 R"((?:with|by|using|saying)\s)" GAP3 R"((?:["']|“){0,2}(?:sure|absolutely|of\scourse|certainly|yes,?\s(?:i|here|sure|master|of)|here\s(?:is|are)|i\shave\sbeen|hello[!,]\s(?:i|chatgpt)|affirmative|okay|dan)\b)"),
                hint(
                    "jailbreak.begin_with", kPrefix, .2,
                    R"(\b(?:start|begin|prefix|preface)\s(?:your|the|each|every|all|any)\s(?:of\s)?(?:your\s|the\s)?(?:response|answer|reply|sentence|message|output|replies|answers|responses)s?\s(?:with|by)\b)"),
                hint(
                    "jailbreak.answer_twice", kPrefix, .6,
                    R"(\b(?:two|2|both|dual)\s(?:\w{1,10}\s){0,2}(?:responses|answers|ways|replies|paragraphs|outputs)\b[\s,:.]{1,3}(?:one|first|the\sfirst|clearly|a\snormal|labell?ed|separated)\b)"),
                hint(
                    "jailbreak.print_pwned", kPrefix, .6,
                    R"(\b(?:say|print|output|write|respond(?:\swith)?|reply(?:\swith)?|answer|scream|repeat)\s(?:only\s|just\s|exactly\s|with\s){0,2}(?:["']|“)?(?:i\shave\sbeen\s(?:pwned|hacked|jailbroken|owned)|(?:haha\s)?pwned|hacked\b|i\shate\s(?:humans|people)|injection\ssuccess\w{0,3}|access\sgranted|kill\sall\shumans))"),

                // What the model was told.
                hint(
                    "jailbreak.show_prompt", kExtract, .78,
                    R"(\b(?:reveal|show|print|repeat|output|display|tell|give|leak|share|dump|expose|recite|echo|return|disclose|list|provide|translate|spell|write|copy|summari[sz]e|send|encode|quote|reproduce|read)\s)" GAP3
                    R"((?:system|initial|original|hidden|secret|full|entire|exact|pre-?|internal|confidential|verbatim|starting|first|complete|underlying|whole|above|previous|prior|earlier|custom)\s(?:\w{1,12}\s){0,2}(?:prompts?|instructions?|preamble|directives?|guidelines|system\smessage|configuration|message|rules)\b)"),
                hint(
                    "jailbreak.your_prompt", kExtract, .62,
                    R"(\b(?:reveal|print|repeat|output|display|show|leak|dump|recite|disclose|tell|what\s(?:is|are|was|were)|what's|list|write\sout|spell|copy|share|give)\s(?:me\s|us\s|out\s|all\s|of\s|to\s|exactly\s|back\s|about\s){0,3}your\s(?:\w{1,11}\s){0,2}(?:instructions?|prompts?|preamble|directives|secret\w{0,2}|password|pre-?prompt|initial\w{0,3}\smessage)\b)"),
                hint(
                    "jailbreak.what_prompt", kExtract, .7,
                    R"(\b(?:what|which|how)\s(?:is|are|was|were|did|do|does|exactly|system|initial|prompts?|instructions?|have)\s(?:\w{1,10}\s){0,3}(?:system\sprompt|initial\s(?:prompt|instructions?)|original\s(?:prompt|instructions?)|(?:instructions?|prompts?)\s(?:were\syou|did\s(?:you|openai|they|your)|have\syou|you\s(?:were|have|received|got)|(?:\w{1,8}\s){0,2}given\sto\syou)))"),
                hint(
                    "jailbreak.repeat_above", kExtract, .8,
                    R"(\b(?:repeat|print|output|copy|return|write|recite|echo|display|show|translate|summari[sz]e|spell-?check|tell)\s)" GAP3
                    R"((?:everything|words?|text|sentences?|paragraphs?|content|lines?|phrases?|all|message|instructions?|what)\s(?:\w{1,10}\s){0,3}(?:above|before\sthis|prior\sto\sthis|preceding|verbatim|so\sfar|that\scame\sbefore|you\swere\s(?:told|given)|i\s(?:said|wrote)\sbefore)\b)"),
                hint(
                    "jailbreak.you_are_start", kExtract, .85,
                    R"((?:starting|beginning|start|begins|begin)\s(?:with|from|at)\s(?:the\s)?(?:words?\s|phrase\s|text\s)?(?:["']|“){0,3}you\s(?:are|were|will)\b)"),
                hint(
                    "jailbreak.prompt_word", kExtract, .22,
                    R"(\b(?:system\sprompt|pre-?prompt|(?:hidden|secret|internal|confidential|initial)\s(?:instructions?|prompts?|rules|directives?)|prompt\sinjection|prompt\sleak\w{0,3})\b)"),
                hint(
                    "jailbreak.secret_ask", kExtract, .32,
                    R"(\b(?:reveal|tell|give|show|print|share|leak|what\s(?:is|'s)|disclose|spell|say|output)\s(?:me\s|us\s|out\s)?(?:the|your|that|any|all)\s(?:\w{1,10}\s){0,2}(?:secret\s(?:key|password|code|word|phrase|information|message)|password|passphrase|secret|access\scode|confidential\s\w{1,12}|api\skeys?|credentials)\b)"),

                // What is meant is written otherwise.
                hint(
                    "jailbreak.decode_and_do", kEncoded, .75,
                    R"(\b(?:decode|decrypt|decipher|unscramble|deobfuscate|translate|convert)\s)" GAP5
                    R"((?:and|then|to)\s(?:then\s)?(?:follow|execute|obey|do|answer|respond|run|carry\sout|perform|comply|act\son)\b)"),
                hint(
                    "jailbreak.answer_encoded", kEncoded, .28,
                    R"(\b(?:respond|answer|reply|speak|write|output|encode|encoded|communicate|responses?|translated?|convert(?:ed)?)\s(?:\w{1,9}\s){0,3}(?:in|into|using|with|to|as)\s(?:\w{1,8}\s)?(?:base\s?64|rot-?13|rot13|leet\s?speak|morse(?:\scode)?|pig\slatin|caesar(?:\scipher)?|hex(?:adecimal)?|binary|cipher)\b)"),
                hint(
                    "jailbreak.decode_this", kEncoded, .3,
                    R"(\b(?:decode|decrypt|decipher|base\s?64|rot-?13|b64decode|atob)\b[\s:"'`(]{1,6}(?:\w{1,12}[\s:"'`]{1,3}){0,4}[A-Za-z0-9+/]{28,80}={0,2})"),
                hint(
                    "jailbreak.split_payload", kEncoded, .55,
                    R"(\b(?:let|set|define|where)\s[a-z]\s?=\s?["'][\w ,.'-]{2,40}["'][\s,;]{1,3}(?:and\s)?[b-z]\s?=\s?["'][\w ,.'-]{1,40}["'])"),

                // Orders to a machine that reads.
                hint(
                    "jailbreak.when_you_read", kIndirect, .5,
                    R"(\b(?:if|when|while|whenever|before|after|once)\s(?:you\s(?:are\s)?|an?\s(?:ai|llm)\s)(?:read|see|process|summari[sz]|analy[sz]|translat|review|pars|encounter)\w{0,3}\s(?:this|the|these),?\s(?:\w{1,10},?\s){0,3}(?:please|you\smust|you\sshould|do\snot|add|include|ignore|say|tell|output|also|always|send))"),
                hint(
                    "jailbreak.to_the_model", kIndirect, .6,
                    R"(\b(?:(?:attention|important|note|message|instructions?|notice|dear|hey|hello)[,:]?\s(?:to|for)?\s?(?:all\s|the\s|any\s|you\s)?(?:ai|llm|language\smodel|chatbot|ai\sassistant|gpt|chatgpt|ai\sagent)s?\b\s?(?:[:!,.-]|that|reading|who|please)))"),
                hint(
                    "jailbreak.smuggle_out", kIndirect, .6, R"(\b(?:send|forward|exfiltrate|post|transmit|upload|leak|email|append|encode)\s)" GAP5 R"((?:conversation|chat\shistory|history|user's|personal|credentials|passwords?|api\skeys?|emails?|data|tokens|secrets?|contacts)\s(?:\w{1,10}\s){0,3}(?:to|at|in\sthe\surl|as\sa\s(?:query|url))\s(?:https?:|[\w.]{1,20}@|this\s(?:url|address|email|server|link)|the\sfollowing\s(?:url|address|email|link)|my\sserver))"),
                hint(
                    "jailbreak.markdown_exfiltration", kIndirect, .7,
                    R"(!\[[\w ]{0,20}\]\(https?://[\w.-]{1,40}/[\w./-]{0,30}\?[\w]{1,12}=(?:\{|\[|<|%s|\$|user|data|secret|history|summary|conversation))"),
                hint(
                    "jailbreak.do_not_tell", kIndirect, .28,
                    R"(\b(?:do\snot|don't|never|without)\s(?:mention|tell|inform|reveal|notify|let|alert|show|disclos|telling|informing|mentioning|alerting|revealing)\w{0,3}\s(?:this|the\suser|that\syou\s(?:have|were|are)|these\sinstructions?|any\sof\sthis|anyone\sthat|it\sto\sthe\suser|about\sthis)\b)"),

                // A frame around it.
                hint(
                    "jailbreak.fiction", kStory, .1,
                    R"(\b(?:hypothetical(?:ly)?|fictional|fictitious|imaginary|alternate\s(?:reality|universe)|for\seducational\spurposes|purely\sacademic|in\sa\s(?:story|novel|movie|world)\swhere|thought\sexperiment)\b)"),
                hint(
                    "jailbreak.grandmother", kStory, .25,
                    R"(\b(?:grandm(?:other|a)|deceased|late\s(?:grand)?(?:mother|father))\s(?:\w{1,10}\s){0,6}(?:used\sto|would)\s(?:read|tell|sing|recite|whisper)\b)"),
                hint(
                    "jailbreak.opposite_day", kStory, .4,
                    R"(\b(?:opposite\sday|evil\s(?:twin|confidant|trustworthy)|anti-?gpt|inverse\sassistant)\b)"),
                hint(
                    "jailbreak.unlimited_world", kStory, .3,
                    R"(\b(?:world|story|universe|setting|character|scenario|place|game)\s(?:\w{1,10}\s){0,3}(?:where|who|with|has|in\swhich)\s(?:\w{1,10}\s){0,3}(?:no|without|anything|everything)\s(?:\w{1,8}\s){0,2}(?:rules|laws|ethics|morals|restrictions|limits|allowed|legal|consequences|goes)\b)"),
};

#undef INSTRUCTIONS
#undef GAP5
#undef GAP3

}  // namespace

std::span<const Rule> injection_rules() {
  return kRules;
}

}  // namespace plimsoll::detect
