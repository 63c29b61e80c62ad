// Generated from src/codegen/coefficients.ts: do not edit, run `npm run generate`.

/* exp: n = round(x·log₂e), r = x − n·ln 2 with ln 2 in two parts, e^r = 1 + r + r²·P(r) on |r| ≤ ½ ln 2; P is that of Cephes expf. */
export const EXP_LOWEST: f32 = -104.0;
export const EXP_HIGHEST: f32 = 89.0;
export const EXPM1_LOWEST: f32 = -30.0;
export const LOG2_E: f32 = 1.4426950216293335;
export const ROUNDING_BIAS: f32 = 12582912.0;
export const LN2_HIGH: f32 = 0.693359375;
export const LN2_LOW: f32 = -0.00021219444170128554;
export const EXP_2: f32 = 0.5;
export const EXP_3: f32 = 0.1666666567325592;
export const EXP_4: f32 = 0.04166579619050026;
export const EXP_5: f32 = 0.008333452045917511;
export const EXP_6: f32 = 0.001398199936375022;
export const EXP_7: f32 = 0.00019875691214110702;

/* log: x = 2^k·m with √½ ≤ m < √2, f = m − 1, s = f / (2 + f), ln(1 + f) = 2s + s·R(s²); ln 2 in two parts. As in FreeBSD’s logf. */
export const SMALLEST_NORMAL: f32 = 1.1754943508222875e-38;
export const SUBNORMAL_SCALE: f32 = 33554432.0;
export const SUBNORMAL_EXPONENT: f32 = 25.0;
export const LOG_LN2_HIGH: f32 = 0.6931381225585938;
export const LOG_LN2_LOW: f32 = 0.00000905800061445916;
export const LOG_2: f32 = 0.6666666269302368;
export const LOG_4: f32 = 0.40000972151756287;
export const LOG_6: f32 = 0.2849878668785095;
export const LOG_8: f32 = 0.24279078841209412;

/* erf: x + x·P(x²) up to the limit; beyond it ±(1 − e^(t·Q(t) − t)), t = |x|. Minimax polynomials by N. Juffa. */
export const ERF_LIMIT: f32 = 0.927734375;
export const ERF_CENTRE_0: f32 = 0.12837916612625122;
export const ERF_CENTRE_2: f32 = -0.3761253356933594;
export const ERF_CENTRE_4: f32 = 0.11281992495059967;
export const ERF_CENTRE_6: f32 = -0.026768134906888008;
export const ERF_CENTRE_8: f32 = 0.004991194233298302;
export const ERF_CENTRE_10: f32 = -0.0005967617034912109;
export const ERF_TAIL_0: f32 = -0.12871751189231873;
export const ERF_TAIL_1: f32 = -0.6348466873168945;
export const ERF_TAIL_2: f32 = -0.10677787661552429;
export const ERF_TAIL_3: f32 = 0.02425462193787098;
export const ERF_TAIL_4: f32 = -0.003883964382112026;
export const ERF_TAIL_5: f32 = 0.0003831971262115985;
export const ERF_TAIL_6: f32 = -0.00001728534698486328;

/* Φ(−t) = e^(−t²/2)·P(v), v = 1 / (1 + NORMAL_SLOPE·t), for t ≥ 0; fitted to a relative error of 1.7e-7 on t ≤ 14.5. */
export const NORMAL_SLOPE: f32 = 0.30000001192092896;
export const NORMAL_1: f32 = 0.11963200569152832;
export const NORMAL_2: f32 = 0.12071213126182556;
export const NORMAL_3: f32 = 0.10017596930265427;
export const NORMAL_4: f32 = 0.12769170105457306;
export const NORMAL_5: f32 = -0.052033890038728714;
export const NORMAL_6: f32 = 0.2045566439628601;
export const NORMAL_7: f32 = -0.15615837275981903;
export const NORMAL_8: f32 = 0.03542371466755867;
export const INVERSE_SQRT_TWO_PI: f32 = 0.3989422917366028;

/* Activations and losses, see src/ops/functions.ts. GELU_RATE is 2·√(2/π): ½·(1 + tanh u) is sigmoid(2u). */
export const SELU_ALPHA: f32 = 1.6732631921768188;
export const SELU_SCALE: f32 = 1.0507010221481323;
export const SELU_SLOPE: f32 = 1.7580993175506592;
export const GELU_RATE: f32 = 1.5957691669464111;
export const GELU_CUBIC: f32 = 0.044714998453855515;
export const GELU_CUBIC_SLOPE: f32 = 0.13414500653743744;
export const GELU_SATURATION: f32 = 64.0;
export const SILU_SATURATION: f32 = 1024.0;
export const LOG_FLOOR: f32 = -100.0;
export const PROBABILITY_FLOOR: f32 = 9.999999960041972e-13;

/* Sums: the largest number; how many deviations from 0 a mean lies before its rounding error is worth another walk; what sums of squares may be as small as and lose nothing to squares that vanish. */
export const LARGEST: f32 = 3.4028234663852886e+38;
export const FAR: f32 = 4.0;
export const LEAST_SQUARES: f32 = 5.421010862427522e-20;

/* power, in double precision: ln m = 2·artanh((m − 1) / (m + 1)) and e^r by their series, ln 2 in one part. An integer n added to 2⁵² stands in the last bits. */
export const LN2: f64 = 0.6931471805599453;
export const INVERSE_LN2: f64 = 1.4426950408889634;
export const POWER_ROUNDING_BIAS: f64 = 6755399441055744.0;
export const EXPONENT_BIAS: f64 = 4503599627371519.0;
export const POWER_LOWEST: f64 = -104.0;
export const POWER_HIGHEST: f64 = 89.0;
export const ARTANH_3: f64 = 0.3333333333333333;
export const ARTANH_5: f64 = 0.2;
export const ARTANH_7: f64 = 0.14285714285714285;
export const ARTANH_9: f64 = 0.1111111111111111;
export const ARTANH_11: f64 = 0.09090909090909091;
export const ARTANH_13: f64 = 0.07692307692307693;
export const ARTANH_15: f64 = 0.06666666666666667;
export const ARTANH_17: f64 = 0.058823529411764705;
export const POWER_2: f64 = 0.5;
export const POWER_3: f64 = 0.16666666666666666;
export const POWER_4: f64 = 0.041666666666666664;
export const POWER_5: f64 = 0.008333333333333333;
export const POWER_6: f64 = 0.001388888888888889;
export const POWER_7: f64 = 0.0001984126984126984;
export const POWER_8: f64 = 0.0000248015873015873;
export const POWER_9: f64 = 0.0000027557319223985893;
export const POWER_10: f64 = 2.755731922398589e-7;
export const POWER_11: f64 = 2.505210838544172e-8;

/* Normal variates, see src/random/normal.ts. */
export const ANGLE: f64 = 1.4629180792671596e-9;
export const SINE_3: f64 = -0.16666666666666632;
export const SINE_5: f64 = 0.00833333333332249;
export const SINE_7: f64 = -0.0001984126982985795;
export const SINE_9: f64 = 0.0000027557313707070068;
export const SINE_11: f64 = -2.5050760253406863e-8;
export const SINE_13: f64 = 1.58969099521155e-10;
export const COSINE_4: f64 = 0.0416666666666666;
export const COSINE_6: f64 = -0.001388888888887411;
export const COSINE_8: f64 = 0.00002480158728947673;
export const COSINE_10: f64 = -2.7557314351390663e-7;
export const COSINE_12: f64 = 2.087572321298175e-9;
export const COSINE_14: f64 = -1.1359647557788195e-11;

/* Bits of float32 numbers: 1, √½, ROUNDING_BIAS, and where the fraction lies; the last bit; the lower half, without its first and whole. */
export const ONE_BITS: i32 = 0x3f800000;
export const SQRT_HALF_BITS: i32 = 0x3f3504f3;
export const ROUNDING_BIAS_BITS: i32 = 0x4b400000;
export const FRACTION_BITS: i32 = 0x007fffff;
export const LAST_BIT: i32 = 0x00000001;
export const BELOW_HALF_BITS: i32 = 0x00007fff;
export const LOW_HALF_BITS: i32 = 0x0000ffff;

/* Of random bits: 2³² over the golden ratio, odd; a multiplier of Wellons’ hash function prospector; what a shift by 15 leaves. */
export const WEYL: i32 = 0x61c88647;
export const SCRAMBLE: i32 = 0x735a2d97;
export const BELOW_15_BITS: i32 = 0x0001ffff;

/* Bits of float64 numbers: 1, √½ (to 30 bits), 2⁵², and where the fraction lies. */
export const ONE_BITS_64: i64 = 0x3ff0000000000000;
export const SQRT_HALF_BITS_64: i64 = 0x3fe6a09e00000000;
export const INTEGER_BITS_64: i64 = 0x4330000000000000;
export const FRACTION_BITS_64: i64 = 0x000fffffffffffff;
