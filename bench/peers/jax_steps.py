"""One update a call in JAX (CPU, jitted as a whole), as bench/steps.ts takes it. usage: jax_steps.py; prints JSON."""
import argparse, json, statistics, time
from functools import partial
import jax
import jax.numpy as jnp
import numpy as np

ap = argparse.ArgumentParser()
ap.add_argument("--threads", type=int, default=2, help="XLA takes its threads itself")
ap.add_argument("--calls", type=int, default=400)
a = ap.parse_args()
rng = np.random.default_rng(0)
sizes = [4, 128, 128, 2]
parameters = [
    (jnp.asarray(rng.uniform(-0.1, 0.1, (m, n)), jnp.float32), jnp.zeros(n, jnp.float32)) for m, n in zip(sizes, sizes[1:])
]
state = (jnp.zeros((), jnp.float32), jax.tree.map(jnp.zeros_like, parameters), jax.tree.map(jnp.zeros_like, parameters))


def loss(parameters, x, y):
    for w, b in parameters[:-1]:
        x = jnp.tanh(x @ w + b)
    w, b = parameters[-1]
    return jnp.mean((x @ w + b - y) ** 2)


@partial(jax.jit, donate_argnums=(0, 1))
def update(parameters, state, x, y):
    value, gradients = jax.value_and_grad(loss)(parameters, x, y)
    step, mean, square = state
    step = step + 1
    mean = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, mean, gradients)
    square = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, square, gradients)
    rate = 1e-4 * jnp.sqrt(1 - 0.999**step) / (1 - 0.9**step)
    parameters = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-8), parameters, mean, square)
    return parameters, (step, mean, square), value


times = []
for i in range(a.calls + 50):
    x, y = rng.random((64, 4), dtype=np.float32), rng.random((64, 2), dtype=np.float32)
    began = time.perf_counter()
    parameters, state, value = update(parameters, state, x, y)
    float(value)
    if i >= 50:
        times.append(time.perf_counter() - began)
print(json.dumps({"peer": f"JAX {jax.__version__}", "usPerStep": round(statistics.median(times) * 1e6, 1)}))
