/** What optimisers compute of an element: src/ops/optimizers.ts has the formulas. Numbers that a step's elements share come as vectors too. */
export const UPDATE = `
// The gradient with weight decay.
decayed(gradient, parameter, decay) = gradient + decay * parameter

descended(parameter, direction, rate) = parameter - rate * direction

rolled(velocity, gradient, momentum) = momentum * velocity + gradient

// Nesterov's direction, one step of momentum ahead.
lookahead(velocity, gradient, momentum) = gradient + momentum * velocity

// A moving mean, and one of squares; a sum of squares where keep and take are 1.
averaged(mean, gradient, keep, take) = keep * mean + take * gradient

averagedSquare(mean, gradient, keep, take) = keep * mean + take * gradient * gradient

adapted(parameter, gradient, squares, rate, epsilon) = parameter - rate * gradient / (squareRoot(squares) + epsilon)

adamStep(parameter, mean, variance, rate, correction, shrink, epsilon) = parameter * shrink - rate * mean / (squareRoot(variance) * correction + epsilon)

// 32 random bits of each element, by where it stands in a step's sequence: src/ops/rounded-states.ts.
scrambled(place: integers) =
  x = (place ^ ((place >> 15) & BELOW_15_BITS)) * SCRAMBLE
  x ^ ((x >> 15) & BELOW_15_BITS)

// A number whose upper half is one of the two bfloat16 beside x, the nearer one more likely, by the lower half of random bits.
roundedByLow(x, random: integers) = x == x ? fromBits(bitsOf(x) + (random & LOW_HALF_BITS)) : NAN

roundedByHigh(x, random: integers) = x == x ? fromBits(bitsOf(x) + ((random >> 16) & LOW_HALF_BITS)) : NAN
`;
