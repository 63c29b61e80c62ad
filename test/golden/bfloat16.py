"""Networks whose products are of bfloat16, for bfloat16.json. PyTorch rounds both factors of each product, forward and backward, to
bfloat16; what it sums and all else is float64. The gradients are those of the functions that are not rounded.
"""

import json
import pathlib

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.grad import conv2d_input, conv2d_weight

SEED = 43

torch.manual_seed(SEED)
torch.set_default_dtype(torch.float64)


def rounded(x):
    """As PyTorch rounds float32."""
    return x.float().bfloat16().double()


class Linear(torch.autograd.Function):
    @staticmethod
    def forward(context, x, weight):
        context.save_for_backward(x, weight)
        return rounded(x) @ rounded(weight).T

    @staticmethod
    def backward(context, delta):
        x, weight = context.saved_tensors
        return rounded(delta) @ rounded(weight), rounded(delta).T @ rounded(x)


class Conv2d(torch.autograd.Function):
    @staticmethod
    def forward(context, x, weight, stride, padding):
        context.save_for_backward(x, weight)
        context.windows = {"stride": stride, "padding": padding}
        return F.conv2d(rounded(x), rounded(weight), **context.windows)

    @staticmethod
    def backward(context, delta):
        x, weight = context.saved_tensors
        image = conv2d_input(x.shape, rounded(weight), rounded(delta), **context.windows)
        return image, conv2d_weight(rounded(x), weight.shape, rounded(delta), **context.windows), None, None


def tensor(x):
    return {"shape": list(x.shape), "data": x.detach().flatten().tolist()}


def parameter(*shape):
    """Of float32 numbers, so that every precision begins with the same."""
    return nn.Parameter((torch.randn(*shape) / shape[-1] ** 0.5).float().double())


def case(name, config, parameters, body, x, target):
    prediction = body(x, parameters)
    # The mean over the rows of half the squared distance.
    loss = 0.5 * ((prediction - target) ** 2).sum() / len(x)
    loss.backward()
    return {
        "name": name,
        "layers": config,
        "parameters": {key: tensor(value) for key, value in parameters.items()},
        "x": tensor(x),
        "target": tensor(target),
        "prediction": tensor(prediction),
        "loss": loss.item(),
        "gradients": {key: tensor(value.grad) for key, value in parameters.items()},
    }


def dense_layers(x, p):
    hidden = torch.tanh(Linear.apply(x, p["0.weight"]) + p["0.bias"])
    hidden = F.gelu(Linear.apply(hidden, p["1.weight"]) + p["1.bias"])
    return Linear.apply(hidden, p["2.weight"]) + p["2.bias"]


def convolutions(x, p):
    image = torch.tanh(Conv2d.apply(x, p["0.weight"], 1, 1) + p["0.bias"].reshape(-1, 1, 1))
    image = torch.tanh(Conv2d.apply(image, p["1.weight"], 2, 0) + p["1.bias"].reshape(-1, 1, 1))
    return Linear.apply(image.flatten(1), p["3.weight"]) + p["3.bias"]


def given(*shape):
    return torch.randn(*shape).float().double()


def parameters(**shapes):
    return {name.replace("_", "."): parameter(*shape) for name, shape in shapes.items()}


def layer(kind, **config):
    return {"type": kind, **config}


def cases():
    yield case(
        "dense",
        [layer("dense", units=30, activation="tanh"), layer("dense", units=17, activation="gelu"), layer("dense", units=5)],
        parameters(**{"0_weight": (30, 41), "0_bias": (30,), "1_weight": (17, 30), "1_bias": (17,), "2_weight": (5, 17), "2_bias": (5,)}),
        dense_layers,
        given(13, 41),
        given(13, 5),
    )
    yield case(
        "convolutional",
        [
            layer("conv2d", filters=6, kernel=3, padding=1, activation="tanh"),
            layer("conv2d", filters=9, kernel=3, stride=2, activation="tanh"),
            layer("flatten"),
            layer("dense", units=4),
        ],
        parameters(
            **{"0_weight": (6, 2, 3, 3), "0_bias": (6,), "1_weight": (9, 6, 3, 3), "1_bias": (9,), "3_weight": (4, 144), "3_bias": (4,)}
        ),
        convolutions,
        given(5, 2, 9, 9),
        given(5, 4),
    )


def main():
    path = pathlib.Path(__file__).parent / "bfloat16.json"
    path.write_text(json.dumps({"source": f"PyTorch {torch.__version__.split('+')[0]}, seed {SEED}", "cases": list(cases())}))


if __name__ == "__main__":
    main()
