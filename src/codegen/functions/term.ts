/** What sums add of an element, and what kernels make of an element and sums. Numbers that elements share come as vectors too. */
export const TERM = `
scaledSquare(x, scale) = square(x * scale)

squaredDeviation(x, mean) = square(x - mean)

shiftedExponential(x, shift) = exp(x - shift)

// How far a logit lies below the largest: finite for all finite logits.
below(largest, logit) = atMost(largest - logit, LARGEST)

// A class's part of a cross-entropy, log being ln Σ e^(logit − largest).
crossEntropyTerm(logit, target, largest, log) = target * (below(largest, logit) + log)

// δ of a logit; total is the sum of the targets.
crossEntropyDelta(delta, probability, total, target) = delta * (probability * total - target)

// The same where the target is 0.
otherClassDelta(delta, probability, total) = delta * (probability * total)

// dot is Σ δ·y.
softmaxDelta(delta, y, dot) = y * (delta - dot)

logProbability(x, largest, log) = x - largest - log

// y is the logarithm of a probability, total Σ δ.
logSoftmaxDelta(delta, y, total) = delta - exp(y) * total

// ln(e^x + e^y + e^z); −∞ where all are.
logOfExponentials(x, y, z) =
  largest = atLeast(atLeast(atLeast(x, y), z), -LARGEST)
  total = exp(x - largest) + exp(y - largest) + exp(z - largest)
  largest + log(total)

reciprocalDeviation(variance, epsilon) = 1 / squareRoot(variance + epsilon)

// A variance that was taken around what lies rest off the mean.
correctedVariance(variance, rest) = atLeast(variance - rest * rest, 0)

// x̂ of a normalisation.
standardized(x, mean, scale) = (x - mean) * scale

// δ of a normalisation's x, from δ of x̂: offset is the mean of the latter, slope the mean of its products with x̂.
standardizedDelta(delta, x, mean, scale, offset, slope, factor) = (delta - (offset + standardized(x, mean, scale) * slope)) * factor
`;
