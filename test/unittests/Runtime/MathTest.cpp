//===- MathTest.cpp - Correct rounding against MPFR -----------------------===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every float in a stride is tried. Where the binary64 stage lies within 2^-48
// of a border between two floats the result is compared with MPFR, and every
// 256th one anyway, together with the error that the stage promises.
// `--stride=1` tries all floats (minutes for each function).
//
//===----------------------------------------------------------------------===//

extern "C" {
#include "../../../lib/Runtime/Math/Binary64.h"
}
#include "dorefa/Runtime/dorefa_math.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <mpfr.h>
#include <vector>

namespace {

uint32_t stride = 1021;

float fromBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

uint32_t toBits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

/// The real function to 200 bits, and its value as a float.
class Reference {
public:
  using Function = int (*)(mpfr_t, const mpfr_t, mpfr_rnd_t);
  explicit Reference(Function function) : function(function) {
    mpfr_init2(argument, 24);
    mpfr_init2(value, 200);
    mpfr_init2(error, 200);
  }
  ~Reference() { mpfr_clears(argument, value, error, nullptr); }
  Reference(const Reference &) = delete;

  float evaluate(float x) {
    mpfr_set_flt(argument, x, MPFR_RNDN);
    function(value, argument, MPFR_RNDN);
    return mpfr_get_flt(value, MPFR_RNDN);
  }

  /// Relative error of `approximation` to the last value.
  double errorOf(double approximation) {
    mpfr_sub_d(error, value, approximation, MPFR_RNDN);
    mpfr_div(error, error, value, MPFR_RNDN);
    return std::fabs(mpfr_get_d(error, MPFR_RNDN));
  }

private:
  Function function;
  mpfr_t argument, value, error;
};

int sigmoid(mpfr_t result, const mpfr_t x, mpfr_rnd_t mode) {
  mpfr_t e;
  mpfr_init2(e, 400);
  mpfr_neg(e, x, mode);
  mpfr_exp(e, e, mode);
  mpfr_add_ui(e, e, 1, mode);
  mpfr_ui_div(result, 1, e, mode);
  mpfr_clear(e);
  return 0;
}

/// How far an approximation may be from a border before MPFR is asked.
bool isNearBorder(double value) {
  return static_cast<float>(value * (1 - 0x1p-48)) !=
         static_cast<float>(value * (1 + 0x1p-48));
}

struct Interval {
  float low, high; ///< the binary64 stage is asked where low < x < high
};

void checkFunction(float (*function)(float), double (*binary64)(double),
                   Reference::Function real, Interval interval) {
  Reference reference(real);
  uint64_t numNear = 0, numWrong = 0, numTried = 0;
  double worst = 0;
  for (uint64_t bits = 0; bits <= UINT32_MAX; bits += stride, ++numTried) {
    float x = fromBits(bits);
    bool inside = x > interval.low && x < interval.high && x != 0;
    double approximation = inside ? binary64(x) : 0;
    bool isNear = inside && isNearBorder(approximation);
    if (!isNear && numTried % 256 != 0)
      continue;
    numNear += isNear;
    float expected = reference.evaluate(x);
    float found = function(x);
    if (std::isnan(expected) ? !std::isnan(found) : found != expected) {
      if (numWrong++ < 10)
        ADD_FAILURE() << "at " << std::hexfloat << x << " found " << found
                      << " expected " << expected;
    }
    if (inside && expected != 0 && std::isfinite(expected))
      worst = std::max(worst, reference.errorOf(approximation));
  }
  EXPECT_EQ(numWrong, 0u);
  EXPECT_LT(worst, DOREFA_BINARY64_ERROR);
  std::printf("[ tried %llu, %llu near a border, binary64 error 2^%.2f ]\n",
              static_cast<unsigned long long>(numTried),
              static_cast<unsigned long long>(numNear), std::log2(worst));
}

double expBinary64(double x) { return dorefa_math_exp(x, 0.0); }

TEST(MathTest, ExpIsCorrectlyRounded) {
  checkFunction(dorefa_expf, expBinary64, mpfr_exp, {-110, 90});
}
TEST(MathTest, LogIsCorrectlyRounded) {
  checkFunction(dorefa_logf, dorefa_math_log, mpfr_log, {0, INFINITY});
}
TEST(MathTest, TanhIsCorrectlyRounded) {
  checkFunction(dorefa_tanhf, dorefa_math_tanh, mpfr_tanh, {-20, 20});
}
TEST(MathTest, ErfIsCorrectlyRounded) {
  checkFunction(dorefa_erff, dorefa_math_erf, mpfr_erf, {-4, 4});
}
TEST(MathTest, SigmoidIsCorrectlyRounded) {
  checkFunction(dorefa_sigmoidf, dorefa_math_sigmoid, sigmoid, {-110, 110});
}

TEST(MathTest, HardestArguments) {
  // Of all floats, those whose values lie closest to a border.
  struct {
    float (*function)(float);
    Reference reference;
    std::vector<float> arguments;
  } cases[] = {
      {dorefa_expf, Reference(mpfr_exp), {-0x1.e1dbe2p-8f, -0x1.d2259ap+3f}},
      {dorefa_logf, Reference(mpfr_log),
       {0x1.390ffp-93f, 0x1.22d57p-65f, 0x1.827a74p-7f, 0x1.2f1fd6p+3f,
        0x1.cb534cp+13f, 0x1.bacb4ap+25f, 0x1.c09d7cp+27f, 0x1.d1309cp+62f,
        0x1.b121a6p+76f, 0x1.5190cp+78f, 0x1.6351d8p+95f, 0x1.cfd86ep+116f}},
      {dorefa_tanhf, Reference(mpfr_tanh),
       {0x1.86fbc4p-10f, 0x1.dc0accp-2f, 0x1.5969ap+2f}},
      {dorefa_erff, Reference(mpfr_erf), {0x1.81d5acp-13f, -0x1.81d5acp-13f}},
      {dorefa_sigmoidf, Reference(sigmoid),
       {-0x1.2082ep-3f, -0x1.32c9ap-1f, 0x1.437902p-5f}}};
  for (auto &hard : cases)
    for (float x : hard.arguments)
      EXPECT_EQ(hard.function(x), hard.reference.evaluate(x))
          << std::hexfloat << x;
}

TEST(MathTest, SigmoidNearOneHalf) {
  // 1/2 + x/4 is a tie between two floats for these; x^3/48 decides.
  Reference reference(sigmoid);
  for (int multiple = -2001; multiple <= 2001; multiple += 2) {
    for (float unit : {0x1p-23f, 0x1p-24f}) {
      float x = multiple * unit;
      EXPECT_EQ(dorefa_sigmoidf(x), reference.evaluate(x)) << x;
    }
  }
}

TEST(MathTest, SpecialArguments) {
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float tiny = std::numeric_limits<float>::denorm_min();
  for (auto function : {dorefa_expf, dorefa_logf, dorefa_tanhf, dorefa_erff,
                        dorefa_sigmoidf})
    EXPECT_TRUE(std::isnan(function(nan)));
  EXPECT_EQ(dorefa_expf(infinity), infinity);
  EXPECT_EQ(toBits(dorefa_expf(-infinity)), 0u);
  EXPECT_EQ(dorefa_expf(-0.0f), 1.0f);
  EXPECT_EQ(dorefa_expf(0x1.62e42ep+6f), 0x1.ffff08p+127f); // no overflow yet
  EXPECT_EQ(dorefa_expf(0x1.62e430p+6f), infinity);
  EXPECT_EQ(dorefa_expf(-0x1.9d1d9ep+6f), tiny);
  EXPECT_EQ(dorefa_expf(-0x1.9fe36ap+6f), 0.0f);
  EXPECT_EQ(dorefa_logf(0.0f), -infinity);
  EXPECT_EQ(dorefa_logf(-0.0f), -infinity);
  EXPECT_EQ(dorefa_logf(infinity), infinity);
  EXPECT_EQ(toBits(dorefa_logf(1.0f)), 0u);
  EXPECT_TRUE(std::isnan(dorefa_logf(-1.0f)));
  EXPECT_TRUE(std::isnan(dorefa_logf(-infinity)));
  for (auto function : {dorefa_tanhf, dorefa_erff}) {
    EXPECT_EQ(toBits(function(-0.0f)), 0x80000000u);
    EXPECT_EQ(function(infinity), 1.0f);
    EXPECT_EQ(function(-infinity), -1.0f);
    EXPECT_EQ(function(-tiny), -tiny);
  }
  EXPECT_EQ(dorefa_sigmoidf(infinity), 1.0f);
  EXPECT_EQ(toBits(dorefa_sigmoidf(-infinity)), 0u);
  EXPECT_EQ(dorefa_sigmoidf(0.0f), 0.5f);
}

TEST(MathTest, PowSpecialArguments) {
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float values[] = {0.0f, -0.0f,  0.5f,      -0.5f,     1.0f, -1.0f,
                          2.0f, -2.0f,  3.0f,      -3.0f,     2.5f, -2.5f,
                          nan,  infinity, -infinity, 0x1p-149f, -0x1p-149f,
                          0x1.fffffep+127f, 0x1p24f, 0x1.000002p+23f};
  for (float x : values) {
    for (float y : values) {
      float expected = static_cast<float>(std::pow(double(x), double(y)));
      float found = dorefa_powf(x, y);
      if (std::isnan(expected))
        EXPECT_TRUE(std::isnan(found)) << x << " " << y;
      else
        EXPECT_EQ(toBits(found), toBits(expected)) << x << " " << y;
    }
  }
}

TEST(MathTest, PowIsCorrectlyRounded) {
  mpfr_t x, y, value, error;
  mpfr_inits2(200, x, y, value, error, nullptr);
  uint32_t state = 1;
  auto next = [&] { return state = state * 1664525u + 1013904223u; };
  double worst = 0;
  for (uint64_t i = 0; i < (uint64_t{1} << 31) / stride / 16 + 20000; ++i) {
    float a = fromBits(next() & 0x7fffffff), b = fromBits(next());
    switch (i % 4) {
    case 1: // an ordinary base with a result in range
      a = fromBits(0x3c000000 + (next() >> 6));
      b = (static_cast<int32_t>(next()) >> 8) * 0x1p-20f;
      break;
    case 2: // exact and halfway results
      a = 1 + static_cast<float>(next() >> 18) * 0x1p-13f;
      b = 1 + (next() >> 30);
      break;
    case 3: // near 1
      a = 1 + static_cast<float>(static_cast<int32_t>(next()) >> 22) * 0x1p-23f;
      b = static_cast<float>(static_cast<int32_t>(next()) >> 4);
      break;
    }
    if (!(a > 0) || a == 1 || std::isinf(a) || std::isnan(b) || std::isinf(b))
      continue;
    mpfr_set_flt(x, a, MPFR_RNDN);
    mpfr_set_flt(y, b, MPFR_RNDN);
    mpfr_pow(value, x, y, MPFR_RNDN);
    float expected = mpfr_get_flt(value, MPFR_RNDN);
    ASSERT_EQ(dorefa_powf(a, b), expected) << std::hexfloat << a << " " << b;
    if (expected == 0 || std::isinf(expected))
      continue;
    mpfr_sub_d(error, value, dorefa_math_pow(a, b), MPFR_RNDN);
    mpfr_div(error, error, value, MPFR_RNDN);
    worst = std::max(worst, std::fabs(mpfr_get_d(error, MPFR_RNDN)));
  }
  EXPECT_LT(worst, 4 * DOREFA_BINARY64_ERROR);
  std::printf("[ binary64 error 2^%.2f ]\n", std::log2(worst));
  mpfr_clears(x, y, value, error, nullptr);
}

} // namespace

int main(int argc, char **argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i)
    if (std::strncmp(argv[i], "--stride=", 9) == 0)
      stride = std::max(1, std::atoi(argv[i] + 9));
  return RUN_ALL_TESTS();
}
