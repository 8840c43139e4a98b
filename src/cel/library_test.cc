#include <gmock/gmock.h>

#include "test_support.h"
#include "zone.h"

namespace plimsoll::cel {
namespace {

using ::testing::HasSubstr;

class Library : public Expressions {};

TEST_F(Library, WorksOnCodePointsNotBytes) {
  for (const auto& [source, result] :
       std::initializer_list<Case>{{"'🐱é'.size()", "2"},
                                   {"'a🐱é'.charAt(1)", "\"🐱\""},
                                   {"'a🐱é'.substring(1, 2)", "\"🐱\""},
                                   {"'a🐱é'.reverse()", "\"é🐱a\""},
                                   {"'a🐱é'.indexOf('é')", "2"},
                                   {"'éaé'.lastIndexOf('é')", "2"},
                                   {"'é'.split('')", "[\"é\"]"},
                                   {"'ab'.replace('', '-')", "\"-a-b-\""},
                                   {"''.split('')", "[]"},
                                   {"''.split(',')", "[\"\"]"},
                                   {"'a,b,c'.split(',', 2)", "[\"a\", \"b,c\"]"},
                                   {"''.contains('')", "true"},
                                   {"''.replace('a', 'b')", "\"\""},
                                   {"'abcabc'.replace('bc', 'x', 1)", "\"axabc\""}}) {
    EXPECT_EQ(run(source), result) << source;
  }
}

TEST_F(Library, TakesTextThatIsNowhere) {
  bind("empty", Type::string(), Value::borrowed_string({}));
  for (const auto& [source, result] :
       std::initializer_list<Case>{{"empty.contains('') && !empty.contains('a')", "true"},
                                   {"empty.indexOf('a') + empty.lastIndexOf('a')", "-2"},
                                   {"empty.replace('a', 'b') + empty.reverse()", "\"\""},
                                   {"empty.split('a') == [empty]", "true"},
                                   {"empty.matches('^$')", "true"},
                                   {"'%s%x'.format([empty, empty])", "\"\""},
                                   {"empty + empty == empty.trim()", "true"}}) {
    EXPECT_EQ(run(source), result) << source;
  }
}

TEST_F(Library, RefusesIndicesOutsideTheText) {
  for (const std::string_view source :
       {"'abc'.charAt(4)", "'abc'.charAt(-1)", "'abc'.substring(4)", "'abc'.substring(-1)",
        "'abc'.indexOf('a', 9)", "'abc'.lastIndexOf('a', -1)"}) {
    EXPECT_THAT(run(source), HasSubstr("index out of range")) << source;
  }
}

TEST_F(Library, ConvertsOnlyWhatReadsCompletely) {
  for (const auto& [source, result] : std::initializer_list<Case>{
           {"int('12x')", "error: cannot read \"12x\" as int"},
           {"int('')", "error: cannot read \"\" as int"},
           {"int('+7')", "7"},
           {"double('1e400')", "error: cannot read \"1e400\" as double"},
           {"double('Infinity')", "double(\"Infinity\")"},
           {"bool('yes')", "error: cannot read \"yes\" as bool"},
           {"string(b'\\xff')", "error: these bytes are not valid UTF-8"},
           {"string(1e21)", "\"1e+21\""},
           {"base64.decode('%')", "error: this text is not base64"},
           {"timestamp('2023-02-30T00:00:00Z')",
            "error: cannot read \"2023-02-30T00:00:00Z\" as timestamp (RFC 3339, years 1 to 9999)"},
           {"duration('1x')",
            "error: cannot read \"1x\" as duration (like 1h30m or 250ms, up to 292 years)"}}) {
    EXPECT_EQ(run(source), result) << source;
  }
}

TEST_F(Library, FormatsAndExplainsWhatItCannotFormat) {
  for (const auto& [source, result] : std::initializer_list<Case>{
           {"'%s|%d|%.1f|%e|%b|%o|%x|%X|%%'.format(['a', 1, 2.25, 1.0, 5, 8, 'hi', 255])",
            "\"a|1|2.2|1.000000e+00|101|10|6869|FF|%\""},
           {"'%x'.format([-255])", "\"-ff\""},
           {"'%s'.format([{'b': [1], 'a': null}])", "\"{a: null, b: [1]}\""},
           {"'%'.format([])", "error: format: the text ends after %"},
           {"'%s'.format([])", "error: format: there is no value for %s"},
           {"'%y'.format([1])", "error: format: there is no %y"},
           {"'%.999f'.format([1.0])", "error: format: the precision must be a number from 0 to 100"},
           {"'%d'.format(['a'])", "error: format: %d does not take string"}}) {
    EXPECT_EQ(run(source), result) << source;
  }
}

TEST_F(Library, ComputesWithTimesWithinTheirRanges) {
  for (const auto& [source, result] : std::initializer_list<Case>{
           {"timestamp('2024-02-28T23:00:00Z') + duration('25h')", "timestamp(\"2024-03-01T00:00:00Z\")"},
           {"timestamp('2024-01-01T00:00:00+02:00')", "timestamp(\"2023-12-31T22:00:00Z\")"},
           {"duration('1h45m7.5s')", "duration(\"6307.5s\")"},
           {"duration('-1ns')", "duration(\"-0.000000001s\")"},
           {"timestamp('9999-12-31T23:59:59Z') + duration('1s')", "error: time out of range"},
           {"duration('292y')",
            "error: cannot read \"292y\" as duration (like 1h30m or 250ms, up to 292 years)"},
           {"timestamp('1969-12-31T23:59:59.999Z').getMilliseconds()", "999"},
           {"timestamp('1969-12-31T23:59:59.999Z').getDayOfYear()", "364"}}) {
    EXPECT_EQ(run(source), result) << source;
  }
}

TEST_F(Library, KnowsFixedOffsetsWithoutAnyZoneFiles) {
  bind("offset", Type::string(), Value::string("-09:30"));
  EXPECT_EQ(run("timestamp('2009-02-13T23:31:30Z').getHours('+02:00')"), "1");
  EXPECT_EQ(run("timestamp('2009-02-13T23:31:30Z').getHours(offset)"), "14");
  EXPECT_EQ(run("timestamp('2009-02-13T23:31:30Z').getHours('UTC')"), "23");
}

TEST_F(Library, RefusesUnknownZonesWhenTheExpressionIsCompiled) {
  for (const std::string_view zone : {"Mars/Olympus", "../../etc/passwd", "/etc/passwd", ""}) {
    const auto program = compile("timestamp(0).getHours('" + std::string(zone) + "')");
    ASSERT_FALSE(program) << zone;
    EXPECT_EQ(program.error()[0].column, 23U);
    EXPECT_THAT(program.error()[0].message, HasSubstr("unknown time zone")) << zone;
  }
  bind("zone", Type::string(), Value::string("Europe/Berlin"));
  EXPECT_THAT(run("timestamp(0).getHours(zone)"), HasSubstr("must be written as a literal"));
}

TEST(ZoneRule, KeepsToTheRuleAfterTheLastTransition) {
  const auto berlin = ZoneRule::parse("CET-1CEST,M3.5.0,M10.5.0/3");
  ASSERT_TRUE(berlin);
  EXPECT_EQ(berlin->offset_at(2'216'249'999), 3600);  // 2040-03-25T00:59:59Z
  EXPECT_EQ(berlin->offset_at(2'216'250'000), 7200);
  EXPECT_EQ(berlin->offset_at(2'234'998'799), 7200);  // 2040-10-28T00:59:59Z and a second
  const auto sydney = ZoneRule::parse("AEST-10AEDT,M10.1.0,M4.1.0/3");
  ASSERT_TRUE(sydney);
  EXPECT_EQ(sydney->offset_at(2'208'988'800), 11 * 3600);  // January is summer
  EXPECT_EQ(ZoneRule::parse("<+0530>-5:30")->offset_at(0), 19'800);
}

TEST(ZoneRule, RefusesWhatMakesNoSense) {
  for (const std::string_view text :
       {"", "1", "CET", "CET-1CEST", "CET-1CEST,M13.1.0,M1.1.0", "CET-1CEST,M3.5.0", "<"}) {
    EXPECT_FALSE(ZoneRule::parse(text)) << text;
  }
}

TEST(Zone, RefusesFilesThatAreCutAnywhere) {
  std::string file = "TZif2" + std::string(39, '\0') + "TZif2" + std::string(39, '\0');
  file[44 + 35] = 1;  // one time
  file[44 + 39] = 1;  // of one type
  file += std::string(8, '\0') + std::string(1, '\0') + std::string("\0\0\x0e\x10\0\0", 6) + "\n\n";
  ASSERT_TRUE(Zone::parse(file));
  EXPECT_EQ(Zone::parse(file)->offset_at(0), 3600);
  for (std::size_t cut = 0; cut < file.size() - 2; ++cut)
    EXPECT_FALSE(Zone::parse(file.substr(0, cut))) << cut;
}

}  // namespace
}  // namespace plimsoll::cel
