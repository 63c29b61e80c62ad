/**
 * The functions of elements that src/ops/functions.ts defines, by their names there, and what they share. `…Derivative` takes what the
 * function saves: y for sigmoid, tanh, relu and hardSigmoid, x for the others. `…Partial` is ∂f/∂x.
 */
export const ELEMENT = `
// Comparisons are written so that NaN comes through, as Math.max and Math.min let it.
clamp(x, alpha) = alpha < x ? alpha : atLeast(x, -alpha)

step(x) = 0 < x ? 1 : 0

sign(x) = x < 0 ? -1 : step(x)

// min(max(x + 3, 0), 6).
ramp(x) = atMost(atLeast(x + 3, 0), 6)

// x > 0 ? x : alpha·(eˣ − 1).
exponentialUnit(x, alpha) = 0 < x ? x : alpha * expm1(x)

// scale where x > 0, else alpha·eˣ.
exponentialUnitDerivative(x, scale, alpha) = 0 < x ? scale : alpha * exp(x)

// ½·(1 + tanh u) = sigmoid(2u) for u = √(2/π)·(x + 0.044715·x³), from x and x²: no cancellation where tanh is near −1.
geluGate(x, square) = sigmoid(x * GELU_RATE * (square * GELU_CUBIC + 1))

identity(x) = x

identityDerivative(x) = 1

sigmoidDerivative(y) = y * (1 - y)

tanhDerivative(y) = 1 - y * y

relu(x) = x <= 0 ? 0 : x

reluDerivative(y) = step(y)

leakyRelu(x, alpha) = 0 < x ? x : alpha * x

leakyReluDerivative(x, alpha) = 0 < x ? 1 : alpha

elu(x, alpha) = exponentialUnit(x, alpha)

eluDerivative(x, alpha) = exponentialUnitDerivative(x, 1, alpha)

selu(x) = SELU_SCALE * exponentialUnit(x, SELU_ALPHA)

seluDerivative(x) = exponentialUnitDerivative(x, SELU_SCALE, SELU_SLOPE)

gelu(x) = atLeast(x, -GELU_SATURATION) * normalCumulative(x, normalDensity(x))

geluDerivative(x) =
  density = normalDensity(x)
  normalCumulative(x, density) + clamp(x, GELU_SATURATION) * (INVERSE_SQRT_TWO_PI * density)

geluTanh(x) = atLeast(x, -GELU_SATURATION) * geluGate(x, x * x)

geluTanhDerivative(input) =
  x = clamp(input, GELU_SATURATION)
  square = x * x
  gate = geluGate(x, square)
  slope = (square * GELU_CUBIC_SLOPE + 1) * GELU_RATE
  gate + x * slope * (gate * (1 - gate))

silu(x) = atLeast(x, -SILU_SATURATION) * sigmoid(x)

siluDerivative(x) =
  s = sigmoid(x)
  s * (clamp(x, SILU_SATURATION) * (1 - s) + 1)

softplus(x) = atLeast(x, 0) + softplusTail(x)

softplusDerivative(x) = sigmoid(x)

hardSigmoid(x) = ramp(x) / 6

hardSigmoidDerivative(y) = (0 < y ? step(1 - y) : 0) / 6

// Divided first: the product of a large x and 6 would be infinite.
hardSwish(x) = atLeast(x, -3) * (ramp(x) / 6)

hardSwishDerivative(x) =
  above = step(x - 3)
  inside = step(x + 3) - above
  above + inside * ((2 * clamp(x, 3) + 3) / 6)

negate(x) = -x

sqrt(x) = squareRoot(x)

square(x) = x * x

abs(x) = absolute(x)

// A bfloat16 is the upper half of a float. What is added carries into it from a half on, from exactly a half where its last bit is 1.
roundBfloat16(x) =
  bits = bitsOf(x)
  rounded = bits + BELOW_HALF_BITS + ((bits >> 16) & LAST_BIT)
  x == x ? fromBits((rounded >> 16) << 16) : x

add(x, y) = x + y

subtract(x, y) = x - y

multiply(x, y) = x * y

divide(x, y) = x / y

// Of two zeros, y.
maximum(x, y) = x <= y ? y : y < x ? x : x + y

// Of two zeros, y.
minimum(x, y) = y <= x ? y : x < y ? x : x + y

squaredError(x, y) =
  d = x - y
  0.5 * d * d

squaredErrorPartial(x, y) = x - y

absoluteError(x, y) = absolute(x - y)

absoluteErrorPartial(x, y) = sign(x - y)

huberError(x, y, alpha) =
  d = absolute(x - y)
  d <= alpha ? 0.5 * d * d : alpha * (d - 0.5 * alpha)

huberErrorPartial(x, y, alpha) = clamp(x - y, alpha)

logisticError(x, y) = atLeast(x, 0) - x * y + softplusTail(x)

logisticErrorPartial(x, y) = sigmoid(x) - y

bernoulliError(x, y) =
  yes = y * atLeast(log(x), LOG_FLOOR)
  no = (1 - y) * atLeast(log1p(-x), LOG_FLOOR)
  -(yes + no)

bernoulliErrorPartial(x, y) = (x - y) / atLeast(x * (1 - x), PROBABILITY_FLOOR)

relativeEntropy(x, y) = 0 < y ? y * (log(y) - x) : 0

relativeEntropyPartial(x, y) = -atLeast(y, 0)
`;
