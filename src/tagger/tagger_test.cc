#include "tagger/tagger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "model.h"
#include "test_model.h"

namespace plimsoll::tagger {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kShipped = PLIMSOLL_SOURCE_DIR "/models/names-v1.bin";

// What the shipped model finds: "PERSON Jane Doe".
std::vector<std::string> names_in(std::string_view text, float confidence = 0.5F) {
  static const auto tagger = Tagger::load(kShipped).value();
  static Scratch scratch;
  std::vector<NameSpan> spans;
  tagger->tag(text, scratch, spans);
  std::vector<std::string> out;
  for (const auto& s : spans)
    if (s.confidence >= confidence)
      out.push_back(std::string(to_string(s.kind)) + " " +
                    std::string(text.substr(s.begin, s.end - s.begin)));
  return out;
}

TEST(Tagger, FindsPersons) {
  EXPECT_THAT(names_in("My name is Jane Doe and I need help."), ElementsAre("PERSON Jane Doe"));
  EXPECT_THAT(names_in("my name is jane doe, nice to meet you"), ElementsAre("PERSON jane doe"));
  EXPECT_THAT(names_in("Dear Ms. Nguyen,\nthank you."), ElementsAre("PERSON Nguyen"));
  EXPECT_THAT(names_in("Ich heiße Jürgen Müller."), ElementsAre("PERSON Jürgen Müller"));
}

TEST(Tagger, FindsAddressesOfSeveralCountries) {
  EXPECT_THAT(names_in("I live at 742 Evergreen Terrace, Springfield, IL 62704."),
              ElementsAre("ADDRESS 742 Evergreen Terrace, Springfield, IL 62704"));
  EXPECT_THAT(names_in("Meine Adresse ist Hauptstraße 12, 10115 Berlin."),
              ElementsAre("ADDRESS Hauptstraße 12, 10115 Berlin"));
  EXPECT_THAT(names_in("J'habite au 15 rue Lepic, 75018 Paris."),
              ElementsAre("ADDRESS 15 rue Lepic, 75018 Paris"));
}

TEST(Tagger, FindsPlacesAndOrganizations) {
  EXPECT_THAT(names_in("She moved from Nairobi to Lisbon to work for Siemens."),
              ElementsAre("LOCATION Nairobi", "LOCATION Lisbon", "ORGANIZATION Siemens"));
}

TEST(Tagger, LeavesOrdinaryTextAlone) {
  for (const auto text :
       {"What is the standard deviation?", "How do I kill a Python process on Linux?",
        "Write a Kubernetes Deployment in YAML for Nginx with three Replicas.",
        "Will the rose bloom in May? Grant me access.", "On Monday we have English and French.",
        "def get_user(name): return User.objects.get(name=name)",
        "Der Vertrag wurde in der Geschäftsstelle unterschrieben.", "I bought 3 apples and 12 eggs in 2019."})
    EXPECT_THAT(names_in(text), IsEmpty()) << text;
}

TEST(Tagger, SpansAreInOrderAndOnCharacters) {
  Scratch scratch;
  std::vector<NameSpan> spans;
  const std::string text =
      "Zoë Ångström, Łukasz Żak and 李明 met Ольга Ιωάννης at Straße 5\nÇelik Holding A.Ş., İzmir\xC3 "
      "\xFFJohn\xE2\x82 Smith";
  random_tagger().tag(text, scratch, spans);
  ASSERT_FALSE(spans.empty());
  std::size_t at = 0;
  for (const auto& s : spans) {
    EXPECT_LE(at, s.begin);
    EXPECT_LT(s.begin, s.end);
    EXPECT_LE(s.end, text.size());
    EXPECT_NE(static_cast<unsigned char>(text[s.begin]) & 0xC0U, 0x80U);
    EXPECT_GE(s.confidence, 0);
    EXPECT_LE(s.confidence, 1);
    at = s.end;
  }
}

TEST(Tagger, RefusesADamagedFile) {
  std::ifstream file(kShipped, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), {});
  ASSERT_TRUE(Tagger::create(bytes));
  bytes[bytes.size() / 2] ^= 1;
  const auto refused = Tagger::create(bytes);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("SHA-256"));
}

TEST(Tagger, RefusesAFileThatIsNoneOfItsOwn) {
  EXPECT_FALSE(Tagger::create(""));
  EXPECT_FALSE(Tagger::create(std::string(3'000'000, 'x')));
  const auto missing = Tagger::load("/nonexistent/names.bin");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::kNotFound);
}

TEST(Tagger, AModelThatIsReadIsTheOneThatWasWritten) {
  const std::string bytes = random_model();
  EXPECT_EQ(Model::parse(bytes)->bytes(), bytes);
}

TEST(Tagger, TheRevisionNamesTheModel) {
  const auto a = Tagger::create(random_model(1)).value();
  const auto b = Tagger::create(random_model(2)).value();
  EXPECT_NE(a->revision(), b->revision());
  EXPECT_TRUE(a->revision().starts_with("names-"));
}

}  // namespace
}  // namespace plimsoll::tagger
