#include <gtest/gtest.h>

#include "base/files.hpp"

namespace sluice::files {

// The examples of FIPS 180-4 and of NIST's test vectors; both ways of computing must give them.
TEST(Sha256, GivesWhatTheStandardSays) {
  const std::pair<std::string, const char*> examples[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrst"
       "u",
       "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
      {std::string(1'000'000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  };
  for (const auto& [text, hash] : examples) {
    EXPECT_EQ(sha256(text), hash) << text.size() << " bytes";
    EXPECT_EQ(sha256_portable(text), hash) << text.size() << " bytes";
  }
}

TEST(Sha256, BothWaysAgreeOnEveryLength) {
  std::string text;
  for (int i = 0; i < 300; i++) {
    EXPECT_EQ(sha256(text), sha256_portable(text)) << text.size() << " bytes";
    text += static_cast<char>(i * 7 + 200);
  }
}

}  // namespace sluice::files
