#!/usr/bin/env python3
"""Makes the golden values beside this script with PyTorch: layers, losses, optimisers, whole runs, schedules, safetensors files.

    python generate.py           writes every file of this folder that it can make
    python generate.py --check   writes nothing; says of each file how far its numbers are from those that this PyTorch computes

It needs torch, numpy, scikit-learn, safetensors and keras. All draws come from torch.manual_seed, in the order in which the cases stand below, and the lists
of layers, losses, optimizers and trajectories draw from one stream. So a case that is added draws from a seed of its own, and moves no other:

    with torch.random.fork_rng():
        torch.manual_seed(SEED + 1)
"""

import json
import math
import re
import sys
from pathlib import Path

import metrics
import optimizers
import safetensors
import torch
import torch.nn.functional as F
from safetensors.torch import save
from torch import nn

HERE = Path(__file__).parent
DIGITS = HERE.parent.parent / "src" / "data" / "digits.generated.ts"
SEED = 20
# How far another version of PyTorch may be from the files: what sums in another order come to in float64.
TOLERANCE = 1e-9
PYTORCH = f"PyTorch {torch.__version__.partition('+')[0]}"
SOURCE = f"{PYTORCH}, float64"


def encoded(x):
    """A tensor as the files hold it: its shape, and its elements row after row."""
    return {"shape": list(x.shape), "data": x.detach().double().flatten().tolist()}


# ---- layers.json


def layer_case(name, config, module, x, differentiable=True, call=None):
    """What a module gives for x, and the gradients where a random δ arrives."""
    x = x.requires_grad_(differentiable)
    y = call(module, x) if call else module(x)
    delta = torch.randn_like(y)
    parameters = dict(module.named_parameters())
    y.backward(delta)
    case = {
        "name": name,
        "layer": config,
        "input": encoded(x),
        "params": {k: encoded(v) for k, v in parameters.items()},
        "output": encoded(y),
        "gradOutput": encoded(delta),
        "gradParams": {k: encoded(v.grad) for k, v in parameters.items()},
    }
    if differentiable:
        case["gradInput"] = encoded(x.grad)
    return case


class Activation(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


ACTIVATIONS = {
    "identity": lambda x: x,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leakyRelu": lambda x: F.leaky_relu(x, 0.01),
    "elu": F.elu,
    "selu": F.selu,
    "gelu": F.gelu,
    "geluTanh": lambda x: F.gelu(x, approximate="tanh"),
    "silu": F.silu,
    "softplus": F.softplus,
    "hardSigmoid": F.hardsigmoid,
    "hardSwish": F.hardswish,
    "softmax": lambda x: F.softmax(x, -1),
    "logSoftmax": lambda x: F.log_softmax(x, -1),
}


def activation_cases():
    for name, function in ACTIVATIONS.items():
        if name != "identity":
            yield layer_case(f"activation {name}", {"type": "activation", "activation": name}, Activation(function), torch.randn(3, 17) * 3)


def dense_cases():
    sizes = [
        (1, 1, "identity", True, 1),
        (7, 5, "sigmoid", True, 4),
        (33, 17, "relu", True, 13),
        (5, 9, "identity", False, 3),
        (64, 48, "gelu", True, 9),
    ]
    for inputs, units, activation, bias, rows in sizes:
        config = {"type": "dense", "in": inputs, "units": units, "activation": activation, "bias": bias}
        module = nn.Linear(inputs, units, bias=bias)
        function = ACTIVATIONS[activation]
        yield layer_case(
            f"dense {inputs}->{units} {activation} b{rows}", config, module, torch.randn(rows, inputs), call=lambda m, x: function(m(x))
        )


def convolution_cases():
    shapes = [
        (2, 1, 8, 8, 3, 3, 1, 0, 1, 1),
        (2, 3, 9, 7, 4, 3, 1, 1, 1, 1),
        (1, 4, 12, 12, 6, 5, 2, 2, 1, 2),
        (2, 2, 11, 11, 4, 3, 1, 2, 2, 1),
        (3, 4, 6, 6, 4, 3, 1, 1, 1, 4),
        (2, 3, 5, 5, 7, 1, 1, 0, 1, 1),
    ]
    for rows, channels, height, width, filters, kernel, stride, padding, dilation, groups in shapes:
        options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        yield layer_case(
            f"conv2d c{channels} {height}x{width} o{filters} k{kernel} s{stride} p{padding} d{dilation} g{groups}",
            {"type": "conv2d", "in": channels, "filters": filters, "kernel": kernel, **options},
            nn.Conv2d(channels, filters, kernel, **options),
            torch.randn(rows, channels, height, width),
        )
    for rows, channels, height, width, filters, kernel, stride, padding, output in [
        (2, 3, 5, 5, 4, 3, 1, 0, 0),
        (2, 4, 5, 4, 3, 3, 2, 1, 1),
    ]:
        yield layer_case(
            f"convTranspose2d c{channels} {height}x{width} o{filters} k{kernel} s{stride} p{padding} op{output}",
            {
                "type": "convTranspose2d",
                "in": channels,
                "filters": filters,
                "kernel": kernel,
                "stride": stride,
                "padding": padding,
                "outputPadding": output,
            },
            nn.ConvTranspose2d(channels, filters, kernel, stride, padding, output),
            torch.randn(rows, channels, height, width),
        )


def pooling_cases():
    windows = [(8, 8, 2, 2, 0), (7, 9, 3, 2, 0), (7, 7, 3, 2, 1)]
    for type_, maker in (("maxPool2d", nn.MaxPool2d), ("averagePool2d", nn.AvgPool2d)):
        for height, width, pool, stride, padding in windows:
            yield layer_case(
                f"{type_} {height}x{width} k{pool} s{stride} p{padding}",
                {"type": type_, "pool": pool, "stride": stride, "padding": padding},
                maker(pool, stride, padding),
                torch.randn(2, 3, height, width),
            )
    yield layer_case("globalAveragePool2d", {"type": "globalAveragePool2d"}, Activation(lambda x: x.mean((2, 3))), torch.randn(2, 5, 4, 6))


def normalization_cases():
    for shape in ((6, 5), (3, 4, 5, 5)):
        for mode in ("train", "eval"):
            features = shape[1]
            module = nn.BatchNorm1d(features) if len(shape) == 2 else nn.BatchNorm2d(features)
            scatter(module)
            module.running_mean.uniform_(-1, 1)
            module.running_var.uniform_(0.5, 2)
            module.train(mode == "train")
            before = [encoded(module.running_mean), encoded(module.running_var)]
            config = {"type": "batchNorm", "features": features, "epsilon": 1e-5, "momentum": 0.1, "mode": mode}
            case = layer_case(f"batchNorm {mode} {list(shape)}", config, module, torch.randn(*shape) * 2 + 1)
            after = [encoded(module.running_mean), encoded(module.running_var)]
            yield case | dict(zip(("runningMeanBefore", "runningVarBefore", "runningMean", "runningVar"), before + after))
    module = nn.LayerNorm(11)
    scatter(module)
    yield layer_case("layerNorm", {"type": "layerNorm", "features": 11, "epsilon": 1e-5}, module, torch.randn(4, 3, 11) * 2)


def scatter(module):
    """Weights and biases that are not the ones and zeros of the beginning."""
    with torch.no_grad():
        module.weight.uniform_(0.5, 1.5)
        module.bias.uniform_(-0.5, 0.5)


def embedding_cases():
    config = {"type": "embedding", "vocabulary": 10, "features": 6}
    yield layer_case("embedding", config, nn.Embedding(10, 6), torch.randint(0, 10, (3, 5)), differentiable=False)


def recurrent_cases():
    for type_, maker in (("rnn", nn.RNN), ("lstm", nn.LSTM), ("gru", nn.GRU)):
        for rows, steps, inputs, units, sequences in ((2, 5, 4, 3, True), (3, 7, 6, 17, False), (1, 1, 3, 4, True)):
            yield layer_case(
                f"{type_} t{steps} {inputs}->{units} {'sequence' if sequences else 'last'}",
                {"type": type_, "in": inputs, "units": units, "returnSequences": sequences},
                maker(inputs, units, batch_first=True),
                torch.randn(rows, steps, inputs),
                call=(lambda m, x: m(x)[0]) if sequences else (lambda m, x: m(x)[0][:, -1]),
            )


class SelfAttention(nn.Module):
    def __init__(self, features, heads):
        super().__init__()
        self.m = nn.MultiheadAttention(features, heads, batch_first=True)

    def forward(self, x):
        return self.m(x, x, x, need_weights=False)[0]


def attention_cases():
    yield layer_case(
        "selfAttention e8 h2", {"type": "multiHeadAttention", "features": 8, "heads": 2}, SelfAttention(8, 2), torch.randn(2, 5, 8)
    )


# ---- losses.json


def loss_case(name, loss, prediction, target, function):
    prediction = prediction.detach().requires_grad_()
    value = function(prediction, target)
    value.backward()
    return {
        "name": name,
        "loss": loss,
        "prediction": encoded(prediction),
        "target": encoded(target),
        "value": value.item(),
        "gradPrediction": encoded(prediction.grad),
    }


def loss_cases():
    z = torch.randn(5, 7)
    values = torch.randn(5, 7)
    classes = torch.randint(0, 7, (5,))
    probabilities = F.softmax(torch.randn(5, 7), -1)
    labels = (torch.rand(5, 7) > 0.5).double()
    yield loss_case(
        "halfSquaredError (sum over outputs, mean over batch)", "halfSquaredError", z, values, lambda p, t: ((p - t) ** 2).sum(1).mean() / 2
    )
    yield loss_case("meanSquaredError", "meanSquaredError", z, values, F.mse_loss)
    yield loss_case("meanAbsoluteError", "meanAbsoluteError", z, values, F.l1_loss)
    yield loss_case("huber delta 1", "huber", z * 2, values, F.huber_loss)
    yield loss_case("sigmoidCrossEntropy from logits", "sigmoidCrossEntropy", z * 4, labels, F.binary_cross_entropy_with_logits)
    yield loss_case("binaryCrossEntropy from probabilities", "binaryCrossEntropy", torch.sigmoid(z), labels, F.binary_cross_entropy)
    yield loss_case("softmaxCrossEntropy from logits, class indices", "softmaxCrossEntropy", z * 3, classes, F.cross_entropy)
    yield loss_case("softmaxCrossEntropy from logits, probabilities", "softmaxCrossEntropy", z * 3, probabilities, F.cross_entropy)
    yield loss_case("softmaxCrossEntropy huge logits", "softmaxCrossEntropy", z * 1000, classes, F.cross_entropy)
    logarithms = F.log_softmax(z, -1)
    yield loss_case("negativeLogLikelihood from log-probabilities", "negativeLogLikelihood", logarithms, classes, F.nll_loss)
    yield loss_case(
        "kullbackLeibler (batchmean, log-probabilities in)",
        "kullbackLeibler",
        logarithms,
        probabilities,
        lambda p, t: F.kl_div(p, t, reduction="batchmean"),
    )
    yield loss_case("hinge (multi-class margin 1)", "multiClassHinge", z, classes, F.multi_margin_loss)


# ---- optimizers.json

OPTIMIZERS = [
    ("sgd", {"type": "sgd", "learningRate": 0.1}, None),
    ("sgd weight decay", {"type": "sgd", "learningRate": 0.1, "weightDecay": 0.05}, None),
    ("momentum", {"type": "sgd", "learningRate": 0.05, "momentum": 0.9}, None),
    ("nesterov", {"type": "sgd", "learningRate": 0.05, "momentum": 0.9, "nesterov": True}, None),
    ("adagrad", {"type": "adagrad", "learningRate": 0.1, "epsilon": 1e-10}, None),
    ("rmsprop", {"type": "rmsprop", "learningRate": 0.01, "decay": 0.99, "epsilon": 1e-8}, None),
    ("adam", {"type": "adam", "learningRate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}, None),
    ("adamw", {"type": "adamw", "learningRate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weightDecay": 0.1}, None),
    ("sgd clip by global norm 1", {"type": "sgd", "learningRate": 0.1}, ["norm", 1.0]),
    ("adam clip by value 0.5", {"type": "adam", "learningRate": 0.01}, ["value", 0.5]),
]
# PyTorch's names of our options.
OPTION_NAMES = {
    "learningRate": "lr",
    "weightDecay": "weight_decay",
    "momentum": "momentum",
    "nesterov": "nesterov",
    "epsilon": "eps",
    "decay": "alpha",
}
OPTIMIZER_TYPES = {
    "sgd": torch.optim.SGD,
    "adagrad": torch.optim.Adagrad,
    "rmsprop": torch.optim.RMSprop,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
}


def optimizer_of(config, parameters):
    options = {OPTION_NAMES[key]: value for key, value in config.items() if key in OPTION_NAMES}
    if "beta1" in config:
        options["betas"] = (config["beta1"], config["beta2"])
    return OPTIMIZER_TYPES[config["type"]](parameters, **options)


def optimizer_cases():
    for name, config, clip in OPTIMIZERS:
        parameters = [nn.Parameter(torch.randn(7)), nn.Parameter(torch.randn(3, 2))]
        optimizer = optimizer_of(config, parameters)
        case = {"name": name, "optimizer": config, "clip": clip, "initial": [encoded(p) for p in parameters], "gradients": [], "values": []}
        for _ in range(6):
            for p in parameters:
                p.grad = torch.randn_like(p) * 2
            case["gradients"].append([encoded(p.grad) for p in parameters])
            if clip:
                limit = nn.utils.clip_grad_norm_ if clip[0] == "norm" else nn.utils.clip_grad_value_
                limit(parameters, clip[1])
            optimizer.step()
            case["values"].append([encoded(p) for p in parameters])
        yield case


# ---- trajectories.json


def digits():
    """Rows of 64 pixels from 0 to 1, and the labels."""
    images = re.findall(r"^[a-q]{64}[a-j]$", DIGITS.read_text(), re.MULTILINE)
    rows = torch.tensor([[ord(cell) - ord("a") for cell in image] for image in images], dtype=torch.float64)
    return rows[:, :64] / 16, rows[:, 64].long()


RUNS = [
    (
        "relu + softmax cross-entropy, sgd",
        [64, 32, 10],
        "relu",
        "identity",
        "softmaxCrossEntropy",
        {"type": "sgd", "learningRate": 0.1},
        32,
        50,
    ),
    (
        "tanh + softmax cross-entropy, adam",
        [64, 24, 16, 10],
        "tanh",
        "identity",
        "softmaxCrossEntropy",
        {"type": "adam", "learningRate": 0.003},
        25,
        60,
    ),
    (
        "sigmoid + half squared error, sgd (the seed's network)",
        [64, 30, 10],
        "sigmoid",
        "sigmoid",
        "halfSquaredError",
        {"type": "sgd", "learningRate": 3.0},
        10,
        80,
    ),
]


def trajectory_cases():
    pixels, labels = digits()
    for name, sizes, hidden, last, loss, config, rows, steps in RUNS:
        layers = [nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])]
        state = lambda: [{"weight": encoded(layer.weight), "bias": encoded(layer.bias)} for layer in layers]
        optimizer = optimizer_of(config, [p for layer in layers for p in layer.parameters()])
        initial, losses, norms = state(), [], []
        for step in range(steps):
            batch = [(step * rows + i) % len(pixels) for i in range(rows)]
            x, y = pixels[batch], labels[batch]
            for layer in layers[:-1]:
                x = ACTIVATIONS[hidden](layer(x))
            x = ACTIVATIONS[last](layers[-1](x))
            value = F.cross_entropy(x, y) if loss == "softmaxCrossEntropy" else ((x - F.one_hot(y, 10)) ** 2).sum(1).mean() / 2
            optimizer.zero_grad()
            value.backward()
            losses.append(value.item())
            norms.append([layer.weight.grad.norm().item() for layer in layers])
            optimizer.step()
        yield {
            "name": name,
            "sizes": sizes,
            "hiddenActivation": hidden,
            "outputActivation": last,
            "loss": loss,
            "optimizer": config,
            "batchSize": rows,
            "steps": steps,
            "order": "rows of digits.csv.gz in file order, features / 16, no shuffle",
            "initial": initial,
            "losses": losses,
            "weightGradientNorms": norms,
            "final": state(),
        }


# ---- schedules.json


def rates(base, steps, make, values=None):
    """The learning rate before each step of a scheduler; `values` are what ReduceLROnPlateau is told."""
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=base)
    scheduler = make(optimizer)
    told = []
    for step in range(steps):
        told.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step(*(() if values is None else (values[step],)))
    return told


def warm_restarts(period, growth=1, minimum=0.0):
    return lambda o: torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(o, period, growth, minimum)


def warmed_up(warmup, factor, period):
    def make(optimizer):
        rise = torch.optim.lr_scheduler.LinearLR(optimizer, factor, 1.0, warmup)
        return torch.optim.lr_scheduler.SequentialLR(optimizer, [rise, warm_restarts(period)(optimizer)], [warmup])

    return make


def one_cycle(base, period, **options):
    return lambda o: torch.optim.lr_scheduler.OneCycleLR(o, base, period, **options)


LOSSES = [1, 0.9, 0.91, 0.92, 0.9, 0.9, 0.89, 0.895, 0.9, 0.9, 0.9, 0.9, 0.5, 0.51, 0.52, 0.53, 0.54, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6]
ACCURACIES = [0.1, 0.2, 0.19, 0.2, 0.2, 0.2, 0.3, 0.3, 0.3, 0.30001, 0.3, 0.3, 0.3, 0.4, 0.4, 0.4]


def schedule_cases():
    schedulers = torch.optim.lr_scheduler
    free = [
        ({"type": "step", "period": 3, "factor": 0.5}, 0.1, 12, lambda o: schedulers.StepLR(o, 3, 0.5)),
        ({"type": "exponential", "factor": 0.93}, 0.2, 12, lambda o: schedulers.ExponentialLR(o, 0.93)),
        ({"type": "cosine", "period": 10, "minimum": 0.01}, 0.3, 11, lambda o: schedulers.CosineAnnealingLR(o, 10, 0.01)),
        ({"type": "cosine", "period": 4, "minimum": 0.001, "growth": 2}, 0.1, 30, warm_restarts(4, 2, 0.001)),
        ({"type": "cosine", "period": 5, "growth": 1}, 0.1, 17, warm_restarts(5)),
        ({"type": "cosine", "period": 8, "warmup": 3, "warmupFactor": 0.1, "growth": 1}, 0.1, 20, warmed_up(3, 0.1, 8)),
        ({"type": "oneCycle", "period": 20}, 0.1, 20, one_cycle(0.1, 20)),
        (
            {"type": "oneCycle", "period": 17, "rise": 0.4, "initialDivisor": 10, "finalDivisor": 100},
            0.5,
            17,
            one_cycle(0.5, 17, pct_start=0.4, div_factor=10, final_div_factor=100),
        ),
    ]
    for schedule, base, steps, make in free:
        yield {"schedule": schedule, "base": base, "rates": rates(base, steps, make)}
    plateaus = [
        (
            {"type": "reduceOnPlateau", "patience": 2, "factor": 0.5, "cooldown": 3, "minimum": 0.001},
            "loss",
            LOSSES,
            lambda o: schedulers.ReduceLROnPlateau(o, "min", 0.5, 2, cooldown=3, min_lr=0.001),
        ),
        (
            {"type": "reduceOnPlateau", "patience": 1, "threshold": 0.001},
            "accuracy",
            ACCURACIES,
            lambda o: schedulers.ReduceLROnPlateau(o, "max", 0.1, 1, threshold=0.001),
        ),
    ]
    for schedule, monitor, values, make in plateaus:
        yield {"schedule": schedule, "base": 0.2, "monitor": monitor, "values": values, "rates": rates(0.2, len(values), make, values)}


def smoothing_cases():
    torch.manual_seed(1)
    logits = torch.randn(4, 5)
    targets = [torch.tensor([0, 3, 4, 1]), F.softmax(torch.randn(4, 5), -1)]
    for target in targets:
        for smoothing in (0.1, 0.3):
            prediction = logits.clone().requires_grad_()
            value = F.cross_entropy(prediction, target, label_smoothing=smoothing)
            value.backward()
            yield {
                "smoothing": smoothing,
                "prediction": prediction.flatten().tolist(),
                "shape": list(prediction.shape),
                "target": target.flatten().tolist(),
                "targetShape": list(target.shape),
                "value": value.item(),
                "gradient": prediction.grad.flatten().tolist(),
            }


# ---- safetensors/

NAMES = {
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.float64: "F64",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}


def exact(value):
    """A number as JSON can hold it: what JSON has no form for, and integers beyond 2^53, as strings."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)
    return value if math.isfinite(value) else "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def values_of(x):
    """A tensor's exact values; a float32 as the shortest decimal that rounds to it."""
    flat = x.flatten()
    numbers = [float(str(v)) for v in flat.numpy()] if x.dtype == torch.float32 else flat.tolist()
    return {"dtype": NAMES[x.dtype], "shape": list(x.shape), "data": [exact(v) for v in numbers]}


def half_tensors(dtype, special):
    return {
        "weight": torch.randn(5, 4).to(dtype),
        "bias": torch.randn(21).to(dtype),
        "special": torch.tensor(special, dtype=torch.float64).to(dtype),
    }


def safetensors_cases():
    """Each file's name, what it is, its metadata and its tensors."""
    torch.manual_seed(SEED)
    torch.set_default_dtype(torch.float32)
    half = [0.0, -0.0, 1.0, -2.0, 65504.0, 2.0**-14, 2.0**-24, -(2.0**-15), math.inf, -math.inf, math.nan]
    yield "f16", 'float16 tensors; "special" holds signed zeros, subnormals, infinities and NaN', None, half_tensors(torch.float16, half)
    brain = [0.0, -0.0, 1.0, 255 * 2.0**120, 2.0**-126, 2.0**-133, math.inf, -math.inf, math.nan]
    yield "bf16", 'bfloat16 tensors; "special" as in f16', None, half_tensors(torch.bfloat16, brain)
    doubles = {"weight": torch.randn(5, 4, dtype=torch.float64), "tiny": torch.tensor([1e-300, -1e300, math.pi], dtype=torch.float64)}
    yield "f64", "float64 tensors; those beyond the range of float32 become infinite or 0 there", None, doubles
    integers = {
        "num_batches_tracked": torch.tensor(41),
        "ids": torch.arange(20).reshape(5, 4),
        "large": torch.tensor([2**53 + 1, -(2**62), 2**63 - 1]),
    }
    yield "i64", "int64 tensors: a scalar, a matrix, numbers beyond 2^53 (given as strings)", None, integers
    empty = {
        "nothing": torch.empty(0),
        "no_rows": torch.empty(0, 3),
        "no_middle": torch.empty(2, 0, 3),
        "scalar": torch.randn(()),
        "one": torch.randn(1),
    }
    yield "empty_tensor", "empty tensors of three shapes, a scalar (shape []), one element", None, empty
    text = {"format": "pt", "author": "chainrule fixtures", "note": 'größe, 重み, "quotes" and \\ backslash', "": "empty key", "epoch": "7"}
    yield "metadata", "__metadata__ with text beyond ASCII, quotes, an empty key", text, {
        "weight": torch.randn(5, 4),
        "bias": torch.randn(5),
    }
    mixed = {
        "f32": torch.randn(2, 3),
        "f16": torch.randn(3).half(),
        "bf16": torch.randn(5).bfloat16(),
        "f64": torch.randn(2, dtype=torch.float64),
        "i64": torch.arange(3),
        "i32": torch.tensor([-5, 2**31 - 1], dtype=torch.int32),
        "i16": torch.tensor([-(2**15), 77], dtype=torch.int16),
        "i8": torch.tensor([-128, 127, 3], dtype=torch.int8),
        "u8": torch.tensor([0, 255], dtype=torch.uint8),
        "mask": torch.tensor([True, False, True]),
    }
    yield "mixed", "every common dtype in one file", None, mixed
    yield "no_tensors", "a file with metadata and not one tensor", {"about": "no tensors at all"}, {}
    unaligned = {"b": torch.randn(21).half(), "a": torch.randn(5, 4), "c": torch.randn(3)}
    note = "by hand: neither the data section nor the float32 tensors start on a multiple of 4 bytes; tensors not sorted; header padded with spaces"
    yield "unaligned", note, {"made": "by hand"}, unaligned


def by_hand(metadata, tensors):
    """A file that the library would not write: tensors in the order given, a header whose end no alignment asked for."""
    header, end, data = {"__metadata__": metadata}, 0, b""
    for name, x in tensors.items():
        data += x.numpy().tobytes()
        header[name] = {"dtype": NAMES[x.dtype], "shape": list(x.shape), "data_offsets": [end, len(data)]}
        end = len(data)
    text = json.dumps(header).encode()
    text += b" " * ((1 - len(text)) % 4)
    return len(text).to_bytes(8, "little") + text + data


def batch_norm_state():
    """The state_dict of a small convolutional network with batch normalisation, its counters included."""
    module = nn.Module()
    module.conv1, module.bn1 = nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8)
    module.depthwise, module.bn2 = nn.Conv2d(8, 8, 3, groups=8, bias=False), nn.BatchNorm2d(8)
    module.pointwise, module.bn3 = nn.Conv2d(8, 12, 1), nn.BatchNorm2d(12)
    module.fc = nn.Linear(12, 5)
    for _ in range(3):
        x = module.bn1(module.conv1(torch.randn(4, 3, 9, 9)))
        module.bn3(module.pointwise(module.bn2(module.depthwise(x))))
    return module.state_dict()


def safetensors_files():
    """The bytes of each file of the folder, by its path."""
    made_with = f"safetensors {safetensors.__version__}, {PYTORCH}"
    for name, note, metadata, tensors in safetensors_cases():
        path = f"safetensors/{name}"
        yield f"{path}.safetensors", by_hand(metadata, tensors) if name == "unaligned" else save(tensors, metadata)
        about = {"note": note, "made_with": made_with} | ({"metadata": metadata} if metadata else {})
        about["tensors"] = {key: values_of(x) for key, x in tensors.items()}
        yield f"{path}.values.json", json.dumps(about, ensure_ascii=False, separators=(",", ":")).encode()
    yield "safetensors/batch_norm.safetensors", save(batch_norm_state(), {"format": "pt"})


# ---- all files

CASES = {
    "layers": [
        activation_cases,
        dense_cases,
        convolution_cases,
        pooling_cases,
        normalization_cases,
        embedding_cases,
        recurrent_cases,
        attention_cases,
    ],
    "losses": [loss_cases],
    "optimizers": [optimizer_cases],
    "trajectories": [trajectory_cases],
}


def all_files():
    """The bytes of every file, by its path. The four lists of cases draw from one stream, one after the other."""
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(SEED)
    for name, makers in CASES.items():
        cases = [case for make in makers for case in make()]
        yield f"{name}.json", json.dumps({"source": f"{SOURCE}, seed {SEED}", "cases": cases}).encode()
    schedules = {"source": SOURCE, "schedules": list(schedule_cases()), "labelSmoothing": list(smoothing_cases())}
    yield "schedules.json", json.dumps(schedules).encode()
    yield "further-optimizers.json", json.dumps({"source": SOURCE} | optimizers.optimizer_file()).encode()
    # Compact: it has the values of a thousand sets.
    yield "metrics.json", json.dumps(metrics.metric_values(), separators=(",", ":")).encode()
    yield from safetensors_files()


def difference(made, stored):
    """The largest difference between two values' numbers, relative to the larger of 1 and the stored; infinite where they differ in form."""
    if isinstance(made, dict) and isinstance(stored, dict) and list(made) == list(stored):
        return max((difference(made[key], stored[key]) for key in made if key not in ("source", "made_with")), default=0)
    if isinstance(made, list) and isinstance(stored, list) and len(made) == len(stored):
        return max((difference(a, b) for a, b in zip(made, stored)), default=0)
    if isinstance(made, (int, float)) and isinstance(stored, (int, float)):
        return abs(made - stored) / max(1, abs(stored))
    return 0 if made == stored else math.inf


def parsed(path, data):
    """A file's content for comparison: the library writes metadata in any order."""
    if path.endswith(".json"):
        return json.loads(data)
    end = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:end])
    return [dict(sorted(header.pop("__metadata__", {}).items())), header, data[end:].hex()]


def main():
    checks = sys.argv[1:] == ["--check"]
    worst = 0
    for path, data in all_files():
        if not checks:
            (HERE / path).write_bytes(data)
            continue
        distance = difference(parsed(path, data), parsed(path, (HERE / path).read_bytes()))
        worst = max(worst, distance)
        print(f"{path:40} {distance:.1e}")
    if worst > TOLERANCE:
        sys.exit(f"expected numbers within {TOLERANCE} of the files', got {worst}")


if __name__ == "__main__":
    main()
