"""Times training steps in JAX (CPU). usage: jax_train.py FILE [--threads N]; see exchange.py.

JAX at its best: the whole step, the gathering of the mini-batch too, is jitted, and the weights and the optimiser's state are donated. Images
and signals are tried with channels first and last, steps of a small network one a call and many a call by lax.scan; the fastest way is taken.
"""
import argparse
import os

from exchange import FIRST_STEPS, Exchange, answer, say, seconds_per_step

arguments = argparse.ArgumentParser()
arguments.add_argument("file")
arguments.add_argument("--threads", type=int, default=2)
given = arguments.parse_args()
# XLA has as many threads as there are processors that it may use.
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: given.threads])

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jax_networks import NETWORKS, Given, Weights

TRIAL_SECONDS = 0.5
# Steps of a call by lax.scan, and the seconds above which a step is not worth one: what a call costs is a small part of it.
SCANNED = 32
SMALL = 0.005

exchange = Exchange(given.file)
network = NETWORKS[exchange.network]
rng = np.random.default_rng(0)


class Data:
    """Data and weights, with channels first or last."""

    def __init__(self, last):
        self.last = last
        self.x, self.y = self.placed(exchange.x), self.placed(exchange.y)
        handed = Given(exchange.weights, last)
        network(handed, self.x[:2])
        if handed.at != len(exchange.weights):
            raise SystemExit(f"expected {handed.at} weights, got {len(exchange.weights)}")
        self.weights = handed.values
        self.trained = [i for i in range(handed.at) if i not in handed.statistics]

    def placed(self, values):
        if values.dtype == np.int64:
            return jnp.asarray(values.astype(np.int32))
        return jnp.asarray(np.moveaxis(values, 1, -1) if self.last and exchange.has_channels and values.ndim > 2 else values)


def cross_entropy(predicted, y):
    scores = jax.nn.log_softmax(predicted)
    return -jnp.take_along_axis(scores, y[..., None], axis=-1).mean()


LOSSES = {
    "softmaxCrossEntropy": cross_entropy,
    "meanSquaredError": lambda p, y: ((p - y) ** 2).mean(),
    "halfSquaredError": lambda p, y: 0.5 * ((p - y) ** 2).sum(-1).mean(),
}


def sgd(values, gradients, state):
    momentum, rate = exchange.optimizer.get("momentum", 0), exchange.optimizer["learningRate"]
    if momentum == 0:
        return [p - rate * g for p, g in zip(values, gradients)], state
    velocities = [momentum * v + g for v, g in zip(state, gradients)]
    return [p - rate * v for p, v in zip(values, velocities)], velocities


def adam(values, gradients, state):
    step, means, squares = state
    step = step + 1
    means = [0.9 * m + 0.1 * g for m, g in zip(means, gradients)]
    squares = [0.999 * v + 0.001 * g * g for v, g in zip(squares, gradients)]
    rate, root = exchange.optimizer["learningRate"] / (1 - 0.9**step), jnp.sqrt(1 - 0.999**step)
    moved = [p - rate * m / (jnp.sqrt(v) / root + 1e-8) for p, m, v in zip(values, means, squares)]
    return moved, (step, means, squares)


def zeros(values):
    return [jnp.zeros_like(value) for value in values]


UPDATES = {"sgd": (sgd, zeros), "adam": (adam, lambda values: (jnp.zeros(()), zeros(values), zeros(values)))}
update, first_state = UPDATES[exchange.optimizer["type"]]


def replaced(weights, new):
    return [new.get(i, weight) for i, weight in enumerate(weights)]


def stepping(data):
    """A step: the next weights and state, and the loss."""

    def step(weights, state, x, y, rows):
        def loss(parameters):
            w = Weights(replaced(weights, dict(zip(data.trained, parameters))), data.last)
            return LOSSES[exchange.loss](network(w, x[rows]), y[rows]), w.statistics

        parameters = [weights[i] for i in data.trained]
        (value, statistics), gradients = jax.value_and_grad(loss, has_aux=True)(parameters)
        parameters, state = update(parameters, gradients, state)
        return replaced(weights, dict(zip(data.trained, parameters)) | statistics), state, value

    return step


def scanning(data):
    """Many steps."""
    step = stepping(data)

    def steps(weights, state, x, y, rows):
        def body(carried, rows):
            *carried, value = step(*carried, x, y, rows)
            return tuple(carried), value

        (weights, state), values = lax.scan(body, (weights, state), rows)
        return weights, state, values[-1]

    return steps


class Training:
    def __init__(self, data, steps=1):
        self.data, self.steps = data, steps
        self.function = jax.jit((stepping if steps == 1 else scanning)(data), donate_argnums=(0, 1))
        self.batches = iter(())
        self.begin()

    def name(self):
        calls = "a step a call" if self.steps == 1 else f"{self.steps} steps by lax.scan"
        return calls + (f", channels {'last' if self.data.last else 'first'}" if exchange.has_channels else "")

    def begin(self):
        self.weights = [jnp.array(value) for value in self.data.weights]
        self.state = first_state([self.weights[i] for i in self.data.trained])

    def call(self, rows):
        self.weights, self.state, value = self.function(self.weights, self.state, self.data.x, self.data.y, rows)
        return value

    def mini_batch(self):
        rows = next(self.batches, None)
        if rows is None:
            order = rng.permutation(len(exchange.x)).astype(np.int32)
            self.batches = iter(order[: len(exchange.x) // exchange.batch * exchange.batch].reshape(-1, exchange.batch))
            rows = next(self.batches)
        return rows

    def rows(self):
        return self.mini_batch() if self.steps == 1 else np.stack([self.mini_batch() for _ in range(self.steps)])

    def run(self, calls):
        for _ in range(calls):
            value = self.call(self.rows())
        value.block_until_ready()

    def first_losses(self):
        places = (np.arange(i * exchange.batch, (i + 1) * exchange.batch, dtype=np.int32) % len(exchange.x) for i in range(FIRST_STEPS))
        return [float(self.call(rows)) for rows in places]

    def measure(self, seconds):
        self.begin()
        self.run(2)
        return seconds_per_step(self.run, seconds) / self.steps


def best():
    """The fastest way to train."""
    layouts = [False, True] if exchange.has_channels else [False]
    single = min((Training(Data(last)) for last in layouts), key=lambda training: training.measure(TRIAL_SECONDS))
    seconds = single.measure(TRIAL_SECONDS)
    if seconds > SMALL:
        return single
    many = Training(single.data, SCANNED)
    return many if many.measure(TRIAL_SECONDS) < seconds else single


values = Training(Data(last=False)).first_losses()
chosen = best()
numbers = sum(value.size for value in chosen.data.weights)
say(peer=f"JAX {jax.__version__}", how=chosen.name(), numbers=int(numbers), values=values)
answer(chosen.measure)
