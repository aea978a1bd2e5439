//===- VariantsTest.cpp - The choice of a variant -------------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CPUs that are not at hand are made up here as masks of features.
//
//===----------------------------------------------------------------------===//

#include "dorefa/Runtime/artifact.h"
#include "gtest/gtest.h"
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <vector>

namespace {

/// The mask of some features.
uint64_t maskOf(std::initializer_list<const char *> names) {
  uint64_t mask = 0;
  for (const char *name : names) {
    uint32_t bit = 0;
    while (bit < 64 && std::string(dorefa_cpu_feature_name(bit)) != name)
      ++bit;
    EXPECT_LT(bit, 64u) << name;
    mask |= uint64_t(1) << bit;
  }
  return mask;
}

class VariantsTest : public testing::Test {
protected:
  const uint64_t avx2 = maskOf({"avx", "avx2"});
  const uint64_t vnni = avx2 | maskOf({"avx512f", "avx512vnni"});
  const uint64_t vbmi = vnni | maskOf({"avx512vbmi", "avx512bitalg"});
  std::vector<dorefa_model> models = std::vector<dorefa_model>(3);
  std::vector<dorefa_variant> variants;
  dorefa_variant_table table{};

  void SetUp() override {
    models[0].variant = "v3";
    models[1].variant = "vnni";
    models[2].variant = "vbmi";
    variants = {{&models[0], avx2}, {&models[1], vnni}, {&models[2], vbmi}};
    table = {variants.data(), 3};
  }

  /// The variant's name, or why there is none.
  std::string choose(uint64_t features, const char *wanted = nullptr) {
    const dorefa_model *model =
        dorefa_choose_variant(&table, features, wanted);
    char text[256];
    uint64_t length = dorefa_explain_choice(&table, features, wanted, text,
                                            sizeof(text));
    EXPECT_EQ(length, std::string(text).size());
    EXPECT_EQ(model == nullptr, length != 0);
    return model ? model->variant : text;
  }
};

TEST_F(VariantsTest, ChoosesTheLastThatCanRun) {
  EXPECT_EQ(choose(avx2), "v3");
  EXPECT_EQ(choose(vnni), "vnni");
  EXPECT_EQ(choose(vbmi), "vbmi");
  EXPECT_EQ(choose(vbmi & ~maskOf({"avx512bitalg"})), "vnni");
  EXPECT_EQ(choose(vbmi & ~maskOf({"avx512f"})), "v3");
  EXPECT_EQ(choose(~uint64_t(0)), "vbmi");
}

TEST_F(VariantsTest, SaysWhatTheCpuLacks) {
  EXPECT_EQ(choose(0), "compiled for v3; this CPU lacks avx, avx2");
  variants.erase(variants.begin(), variants.begin() + 2);
  table = {variants.data(), 1};
  EXPECT_EQ(choose(vnni), "compiled for vbmi; this CPU lacks avx512vbmi, "
                          "avx512bitalg");
}

TEST_F(VariantsTest, IsForcedByName) {
  for (const char *name : {"v3", "vnni", "vbmi"})
    EXPECT_EQ(choose(vbmi, name), name);
  EXPECT_EQ(choose(vnni, ""), "vnni");
  EXPECT_EQ(choose(vnni, "vbmi"),
            "DOREFA_VARIANT=vbmi: compiled for vbmi; this CPU lacks "
            "avx512vbmi, avx512bitalg");
  EXPECT_EQ(choose(vbmi, "v"), "DOREFA_VARIANT=v: unknown variant: expected "
                               "v3, vnni or vbmi");
}

TEST_F(VariantsTest, CutsTheTextToTheBuffer) {
  char text[8] = "-------";
  EXPECT_GT(dorefa_explain_choice(&table, 0, nullptr, text, 4), 20u);
  EXPECT_EQ(std::string(text, 8), std::string("com\0---\0", 8));
  EXPECT_GT(dorefa_explain_choice(&table, 0, nullptr, nullptr, 0), 20u);
  EXPECT_EQ(dorefa_explain_choice(&table, vbmi, nullptr, text, 1), 0u);
  EXPECT_EQ(text[0], 0);
}

TEST_F(VariantsTest, NeedsNothingOnOtherArchitectures) {
  models[0].variant = "aarch64";
  variants[0].features = 0;
  table.count = 1;
  EXPECT_EQ(choose(0), "aarch64");
}

TEST_F(VariantsTest, AsksTheEnvironment) {
  const dorefa_model *model = dorefa_get_model();
  ASSERT_NE(model, nullptr);
  setenv("DOREFA_VARIANT", model->variant, 1);
  EXPECT_EQ(dorefa_get_model(), model);
  setenv("DOREFA_VARIANT", "other", 1);
  EXPECT_EQ(dorefa_get_model(), nullptr);
  char text[64];
  EXPECT_GT(dorefa_get_error(text, sizeof(text)), 0u);
  unsetenv("DOREFA_VARIANT");
  EXPECT_EQ(dorefa_get_error(text, sizeof(text)), 0u);
}

#ifdef __x86_64__
TEST(CpuFeaturesTest, AgreesWithTheCompiler) {
  uint64_t features = dorefa_cpu_features();
  auto has = [&](const char *name) { return (features & maskOf({name})) != 0; };
  EXPECT_EQ(has("sse3"), bool(__builtin_cpu_supports("sse3")));
  EXPECT_EQ(has("popcnt"), bool(__builtin_cpu_supports("popcnt")));
  EXPECT_EQ(has("avx"), bool(__builtin_cpu_supports("avx")));
  EXPECT_EQ(has("fma"), bool(__builtin_cpu_supports("fma")));
  EXPECT_EQ(has("bmi"), bool(__builtin_cpu_supports("bmi")));
  EXPECT_EQ(has("bmi2"), bool(__builtin_cpu_supports("bmi2")));
  EXPECT_EQ(has("avx2"), bool(__builtin_cpu_supports("avx2")));
  EXPECT_EQ(has("xop"), bool(__builtin_cpu_supports("xop")));
  EXPECT_EQ(has("fma4"), bool(__builtin_cpu_supports("fma4")));
  EXPECT_EQ(has("gfni"), bool(__builtin_cpu_supports("gfni")));
  EXPECT_EQ(has("avx512f"), bool(__builtin_cpu_supports("avx512f")));
  EXPECT_EQ(has("avx512bw"), bool(__builtin_cpu_supports("avx512bw")));
  EXPECT_EQ(has("avx512dq"), bool(__builtin_cpu_supports("avx512dq")));
  EXPECT_EQ(has("avx512vl"), bool(__builtin_cpu_supports("avx512vl")));
  EXPECT_EQ(has("avx512vbmi"), bool(__builtin_cpu_supports("avx512vbmi")));
  EXPECT_EQ(has("avx512vbmi2"), bool(__builtin_cpu_supports("avx512vbmi2")));
  EXPECT_EQ(has("avx512vnni"), bool(__builtin_cpu_supports("avx512vnni")));
  EXPECT_EQ(has("avx512bitalg"), bool(__builtin_cpu_supports("avx512bitalg")));
  EXPECT_EQ(has("avx512vpopcntdq"),
            bool(__builtin_cpu_supports("avx512vpopcntdq")));
}
#endif

} // namespace
