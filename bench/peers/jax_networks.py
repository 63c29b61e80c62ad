"""The networks of ../networks.ts and ../workloads.ts in JAX: functions of weights and a batch.

A network takes its weights one after the other from a `Weights`, which is how they are handed over too. Images and signals have their channels
first, as PyTorch's, or last, and filters are laid accordingly.
"""
from functools import partial

import jax
import jax.numpy as jnp
from jax import lax

EPSILON = 1e-5
MOMENTUM = 0.1


def as_given(weight):
    return weight


def inputs_first(weight):
    """PyTorch's [outputs, inputs] as [inputs, outputs]."""
    return weight.T


def filters_last(weight):
    """PyTorch's [filters, channels, height, width] as [height, width, channels, filters]; without a height too."""
    return weight.transpose(*range(2, weight.ndim), 1, 0)


class Weights:
    """Hands out weights in order, and collects the next values of running statistics."""

    def __init__(self, values, last):
        self.values, self.last, self.at, self.statistics = list(values), last, 0, {}

    def take(self, layout=as_given):
        self.at += 1
        return self.values[self.at - 1]

    def filters(self):
        return self.take(filters_last if self.last else as_given)

    def follow(self, place, value):
        """The running statistic taken so many calls ago moves towards what the batch says."""
        self.statistics[self.at - place] = (1 - MOMENTUM) * self.values[self.at - place] + MOMENTUM * value

    def channels(self, x):
        """The axis of the channels."""
        return x.ndim - 1 if self.last else 1

    def places(self, x):
        """The axes of height and width, or of the time."""
        return tuple(range(1, x.ndim - 1)) if self.last else tuple(range(2, x.ndim))

    def by_channel(self, x, values):
        """A value for each channel, to be combined with x."""
        return values.reshape([-1 if axis == self.channels(x) else 1 for axis in range(x.ndim)])


class Given(Weights):
    """Hands out weights as PyTorch lays them, and keeps them as they are laid out here."""

    def take(self, layout=as_given):
        self.values[self.at] = jnp.asarray(layout(self.values[self.at]))
        return super().take()


def chain(*layers):
    def apply(w, x):
        for layer in layers:
            x = layer(w, x)
        return x

    return apply


def dense(w, x):
    return x @ w.take(inputs_first) + w.take()


def function(f):
    return lambda w, x: f(x)


relu, sigmoid = function(jax.nn.relu), function(jax.nn.sigmoid)
gelu = function(partial(jax.nn.gelu, approximate=False))


def mlp(depth, activation):
    return chain(*[layer for _ in range(depth - 1) for layer in (dense, activation)], dense)


def mean_of_steps(w, x):
    return x.mean(1)


NUMBERS = {
    (True, 2): ("NHWC", "HWIO", "NHWC"),
    (False, 2): ("NCHW", "OIHW", "NCHW"),
    (True, 1): ("NWC", "WIO", "NWC"),
    (False, 1): ("NCW", "OIW", "NCW"),
}


def convolve(w, x, padding, stride, groups=1):
    axes = x.ndim - 2
    sizes = {"window_strides": (stride,) * axes, "padding": [(padding, padding)] * axes}
    return lax.conv_general_dilated(x, w.filters(), **sizes, dimension_numbers=NUMBERS[w.last, axes], feature_group_count=groups)


def biased(w, y):
    return y + w.by_channel(y, w.take())


def convolution(padding, stride=1):
    return lambda w, x: biased(w, convolve(w, x, padding, stride))


def normalized(padding, stride=1):
    """A convolution without bias and batch_norm, which adds one."""
    return lambda w, x: batch_norm(w, convolve(w, x, padding, stride))


def depthwise(stride):
    """A filter of 3 × 3 for each channel, and batch_norm."""
    return lambda w, x: batch_norm(w, convolve(w, x, 1, stride, x.shape[w.channels(x)]))


def transposed(w, x):
    """3 × 3, stride 2: twice as high and as wide."""
    sizes = {"strides": (2, 2), "padding": [(1, 2), (1, 2)]}
    return biased(w, lax.conv_transpose(x, w.filters(), **sizes, dimension_numbers=NUMBERS[w.last, 2], transpose_kernel=True))


def batch_norm(w, x):
    weight, bias, running_mean, running_variance = w.take(), w.take(), w.take(), w.take()
    axes = tuple(axis for axis in range(x.ndim) if axis != w.channels(x))
    mean = x.mean(axes)
    variance = (x * x).mean(axes) - mean * mean
    count = x.size // mean.size
    w.follow(2, mean)
    w.follow(1, variance * count / (count - 1))
    scale = lax.rsqrt(variance + EPSILON) * weight
    return (x - w.by_channel(x, mean)) * w.by_channel(x, scale) + w.by_channel(x, bias)


def layer_norm(w, x):
    weight, bias = w.take(), w.take()
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) * lax.rsqrt(variance + EPSILON) * weight + bias


def pool_halves(w, x):
    """Windows of 2 × 2 side by side: as a maximum over axes it is several times faster than by lax.reduce_window."""
    places = w.places(x)
    halves = [size for axis, size in enumerate(x.shape) for size in ((size // 2, 2) if axis in places else (size,))]
    return x.reshape(halves).max((places[0] + 1, places[1] + 2))


def pool_windows(w, x):
    """Windows of 3 × 3, stride 2, padding 1."""

    def along(places, others):
        return tuple(places if axis in w.places(x) else others for axis in range(4))

    return lax.reduce_window(x, -jnp.inf, lax.max, along(3, 1), along(2, 1), along((1, 1), (0, 0)))


def flatten(w, x):
    """In PyTorch's order, so that the dense layer's weights fit."""
    return (x.transpose(0, 3, 1, 2) if w.last else x).reshape(x.shape[0], -1)


def mean_of_places(w, x):
    return x.mean(w.places(x))


def residual_block(stride):
    first, second, shortcut = normalized(1, stride), normalized(1), normalized(0, stride)

    def apply(w, x):
        inner = second(w, jax.nn.relu(first(w, x)))
        return jax.nn.relu(inner + (x if stride == 1 else shortcut(w, x)))

    return apply


def separable(stride):
    return chain(depthwise(stride), relu, normalized(0), relu)


def attention(heads, causal):
    def apply(w, x):
        batch, time, features = x.shape
        parts = dense(w, x).reshape(batch, time, 3, heads, features // heads)
        attended = jax.nn.dot_product_attention(parts[:, :, 0], parts[:, :, 1], parts[:, :, 2], is_causal=causal)
        return dense(w, attended.reshape(batch, time, features))

    return apply


def transformer_block(heads, causal):
    attend, widen = chain(layer_norm, attention(heads, causal)), chain(layer_norm, dense, gelu, dense)

    def apply(w, x):
        x = x + attend(w, x)
        return x + widen(w, x)

    return apply


def embedding(w, x):
    return jnp.take(w.take(), x, axis=0)


def positions(w, x):
    return x + w.take()


def transformer(heads, blocks, causal, *head):
    return chain(embedding, positions, *[transformer_block(heads, causal)] * blocks, layer_norm, *head)


def lstm(w, x):
    weight, recurrent, bias = w.take(inputs_first), w.take(inputs_first), w.take() + w.take()

    def step(state, projected):
        hidden, cell = state
        i, f, g, o = jnp.split(projected + hidden @ recurrent, 4, axis=-1)
        cell = jax.nn.sigmoid(f) * cell + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (jax.nn.sigmoid(o) * jnp.tanh(cell), cell), None

    zeros = jnp.zeros((x.shape[0], recurrent.shape[0]))
    (hidden, _), _ = lax.scan(step, (zeros, zeros), (x @ weight + bias).swapaxes(0, 1))
    return hidden


def gru(w, x):
    weight, recurrent, bias, bias_state = w.take(inputs_first), w.take(inputs_first), w.take(), w.take()

    def step(hidden, projected):
        r, z, n = jnp.split(projected, 3, axis=-1)
        r_state, z_state, n_state = jnp.split(hidden @ recurrent + bias_state, 3, axis=-1)
        update = jax.nn.sigmoid(z + z_state)
        new = jnp.tanh(n + jax.nn.sigmoid(r + r_state) * n_state)
        return (1 - update) * new + update * hidden, None

    zeros = jnp.zeros((x.shape[0], recurrent.shape[0]))
    return lax.scan(step, zeros, (x @ weight + bias).swapaxes(0, 1))[0]


rows_of_image = function(lambda x: x.reshape(-1, 28, 28))
classifier = chain(mean_of_places, dense)
three = [chain(dense, batch_norm, relu)] * 3
along = chain(convolution(4, stride=2), relu)

NETWORKS = {
    "W1": mlp(2, relu),
    "W2": chain(mlp(2, sigmoid), sigmoid),
    "W3": mlp(2, sigmoid),
    "W4": mlp(3, relu),
    "W5": mlp(3, relu),
    "W6": chain(convolution(1), relu, pool_halves, convolution(1), relu, pool_halves, flatten, dense, relu, dense),
    "W7": chain(rows_of_image, lstm, dense),
    "residual": chain(normalized(1), relu, residual_block(1), residual_block(2), residual_block(2), classifier),
    "mobilenet": chain(
        *(normalized(1), relu, separable(1), separable(2), separable(1), separable(2), separable(1)),
        classifier,
    ),
    "strided": chain(convolution(3, stride=2), relu, pool_windows, convolution(1, stride=2), relu, classifier),
    "autoencoder": chain(convolution(1, stride=2), relu, convolution(1, stride=2), relu, transposed, relu, transposed),
    "conv1d": chain(along, along, along, mean_of_places, dense),
    "encoder": transformer(4, 2, False, mean_of_steps, dense),
    "causal": transformer(6, 4, True, dense),
    "lenet": chain(convolution(2), relu, pool_halves, convolution(0), relu, pool_halves, flatten, dense, relu, dense, relu, dense),
    "embedding": chain(embedding, mean_of_steps, dense),
    "embedding-lazy": chain(embedding, mean_of_steps, dense),
    "normalized": chain(*three, dense),
    "gru": chain(gru, dense),
}
