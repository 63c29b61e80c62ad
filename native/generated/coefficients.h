// Generated from src/codegen/coefficients.ts by src/codegen/cpp.ts; do not edit.
#pragma once

#include <stdint.h>

namespace chainrule {

// exp: n = round(x·log₂e), r = x − n·ln 2 with ln 2 in two parts, e^r = 1 + r + r²·P(r) on |r| ≤ ½ ln 2; P is that of Cephes expf.
constexpr float EXP_LOWEST = -104.0f;
constexpr float EXP_HIGHEST = 89.0f;
constexpr float EXPM1_LOWEST = -30.0f;
constexpr float LOG2_E = 1.4426950216293335f;
constexpr float ROUNDING_BIAS = 12582912.0f;
constexpr float LN2_HIGH = 0.693359375f;
constexpr float LN2_LOW = -0.00021219444170128554f;
constexpr float EXP_2 = 0.5f;
constexpr float EXP_3 = 0.1666666567325592f;
constexpr float EXP_4 = 0.04166579619050026f;
constexpr float EXP_5 = 0.008333452045917511f;
constexpr float EXP_6 = 0.001398199936375022f;
constexpr float EXP_7 = 0.00019875691214110702f;

// log: x = 2^k·m with √½ ≤ m < √2, f = m − 1, s = f / (2 + f), ln(1 + f) = 2s + s·R(s²); ln 2 in two parts. As in FreeBSD’s logf.
constexpr float SMALLEST_NORMAL = 1.1754943508222875e-38f;
constexpr float SUBNORMAL_SCALE = 33554432.0f;
constexpr float SUBNORMAL_EXPONENT = 25.0f;
constexpr float LOG_LN2_HIGH = 0.6931381225585938f;
constexpr float LOG_LN2_LOW = 0.00000905800061445916f;
constexpr float LOG_2 = 0.6666666269302368f;
constexpr float LOG_4 = 0.40000972151756287f;
constexpr float LOG_6 = 0.2849878668785095f;
constexpr float LOG_8 = 0.24279078841209412f;

// erf: x + x·P(x²) up to the limit; beyond it ±(1 − e^(t·Q(t) − t)), t = |x|. Minimax polynomials by N. Juffa.
constexpr float ERF_LIMIT = 0.927734375f;
constexpr float ERF_CENTRE_0 = 0.12837916612625122f;
constexpr float ERF_CENTRE_2 = -0.3761253356933594f;
constexpr float ERF_CENTRE_4 = 0.11281992495059967f;
constexpr float ERF_CENTRE_6 = -0.026768134906888008f;
constexpr float ERF_CENTRE_8 = 0.004991194233298302f;
constexpr float ERF_CENTRE_10 = -0.0005967617034912109f;
constexpr float ERF_TAIL_0 = -0.12871751189231873f;
constexpr float ERF_TAIL_1 = -0.6348466873168945f;
constexpr float ERF_TAIL_2 = -0.10677787661552429f;
constexpr float ERF_TAIL_3 = 0.02425462193787098f;
constexpr float ERF_TAIL_4 = -0.003883964382112026f;
constexpr float ERF_TAIL_5 = 0.0003831971262115985f;
constexpr float ERF_TAIL_6 = -0.00001728534698486328f;

// Φ(−t) = e^(−t²/2)·P(v), v = 1 / (1 + NORMAL_SLOPE·t), for t ≥ 0; fitted to a relative error of 1.7e-7 on t ≤ 14.5.
constexpr float NORMAL_SLOPE = 0.30000001192092896f;
constexpr float NORMAL_1 = 0.11963200569152832f;
constexpr float NORMAL_2 = 0.12071213126182556f;
constexpr float NORMAL_3 = 0.10017596930265427f;
constexpr float NORMAL_4 = 0.12769170105457306f;
constexpr float NORMAL_5 = -0.052033890038728714f;
constexpr float NORMAL_6 = 0.2045566439628601f;
constexpr float NORMAL_7 = -0.15615837275981903f;
constexpr float NORMAL_8 = 0.03542371466755867f;
constexpr float INVERSE_SQRT_TWO_PI = 0.3989422917366028f;

// Activations and losses, see src/ops/functions.ts. GELU_RATE is 2·√(2/π): ½·(1 + tanh u) is sigmoid(2u).
constexpr float SELU_ALPHA = 1.6732631921768188f;
constexpr float SELU_SCALE = 1.0507010221481323f;
constexpr float SELU_SLOPE = 1.7580993175506592f;
constexpr float GELU_RATE = 1.5957691669464111f;
constexpr float GELU_CUBIC = 0.044714998453855515f;
constexpr float GELU_CUBIC_SLOPE = 0.13414500653743744f;
constexpr float GELU_SATURATION = 64.0f;
constexpr float SILU_SATURATION = 1024.0f;
constexpr float LOG_FLOOR = -100.0f;
constexpr float PROBABILITY_FLOOR = 9.999999960041972e-13f;

// Sums: the largest number; how many deviations from 0 a mean lies before its rounding error is worth another walk; what sums of squares may be as small as and lose nothing to squares that vanish.
constexpr float LARGEST = 3.4028234663852886e+38f;
constexpr float FAR = 4.0f;
constexpr float LEAST_SQUARES = 5.421010862427522e-20f;

// power, in double precision: ln m = 2·artanh((m − 1) / (m + 1)) and e^r by their series, ln 2 in one part. An integer n added to 2⁵² stands in the last bits.
constexpr double LN2 = 0.6931471805599453;
constexpr double INVERSE_LN2 = 1.4426950408889634;
constexpr double POWER_ROUNDING_BIAS = 6755399441055744.0;
constexpr double EXPONENT_BIAS = 4503599627371519.0;
constexpr double POWER_LOWEST = -104.0;
constexpr double POWER_HIGHEST = 89.0;
constexpr double ARTANH_3 = 0.3333333333333333;
constexpr double ARTANH_5 = 0.2;
constexpr double ARTANH_7 = 0.14285714285714285;
constexpr double ARTANH_9 = 0.1111111111111111;
constexpr double ARTANH_11 = 0.09090909090909091;
constexpr double ARTANH_13 = 0.07692307692307693;
constexpr double ARTANH_15 = 0.06666666666666667;
constexpr double ARTANH_17 = 0.058823529411764705;
constexpr double POWER_2 = 0.5;
constexpr double POWER_3 = 0.16666666666666666;
constexpr double POWER_4 = 0.041666666666666664;
constexpr double POWER_5 = 0.008333333333333333;
constexpr double POWER_6 = 0.001388888888888889;
constexpr double POWER_7 = 0.0001984126984126984;
constexpr double POWER_8 = 0.0000248015873015873;
constexpr double POWER_9 = 0.0000027557319223985893;
constexpr double POWER_10 = 2.755731922398589e-7;
constexpr double POWER_11 = 2.505210838544172e-8;

// Normal variates, see src/random/normal.ts.
constexpr double ANGLE = 1.4629180792671596e-9;
constexpr double SINE_3 = -0.16666666666666632;
constexpr double SINE_5 = 0.00833333333332249;
constexpr double SINE_7 = -0.0001984126982985795;
constexpr double SINE_9 = 0.0000027557313707070068;
constexpr double SINE_11 = -2.5050760253406863e-8;
constexpr double SINE_13 = 1.58969099521155e-10;
constexpr double COSINE_4 = 0.0416666666666666;
constexpr double COSINE_6 = -0.001388888888887411;
constexpr double COSINE_8 = 0.00002480158728947673;
constexpr double COSINE_10 = -2.7557314351390663e-7;
constexpr double COSINE_12 = 2.087572321298175e-9;
constexpr double COSINE_14 = -1.1359647557788195e-11;

// Bits of float32 numbers: 1, √½, ROUNDING_BIAS, and where the fraction lies; the last bit; the lower half, without its first and whole.
constexpr int32_t ONE_BITS = 0x3f800000;
constexpr int32_t SQRT_HALF_BITS = 0x3f3504f3;
constexpr int32_t ROUNDING_BIAS_BITS = 0x4b400000;
constexpr int32_t FRACTION_BITS = 0x007fffff;
constexpr int32_t LAST_BIT = 0x00000001;
constexpr int32_t BELOW_HALF_BITS = 0x00007fff;
constexpr int32_t LOW_HALF_BITS = 0x0000ffff;

// Of random bits: 2³² over the golden ratio, odd; a multiplier of Wellons’ hash function prospector; what a shift by 15 leaves.
constexpr int32_t WEYL = 0x61c88647;
constexpr int32_t SCRAMBLE = 0x735a2d97;
constexpr int32_t BELOW_15_BITS = 0x0001ffff;

// Bits of float64 numbers: 1, √½ (to 30 bits), 2⁵², and where the fraction lies.
constexpr uint64_t ONE_BITS_64 = 0x3ff0000000000000;
constexpr uint64_t SQRT_HALF_BITS_64 = 0x3fe6a09e00000000;
constexpr uint64_t INTEGER_BITS_64 = 0x4330000000000000;
constexpr uint64_t FRACTION_BITS_64 = 0x000fffffffffffff;

}  // namespace chainrule
