"""Steps of optimisers, for further-optimizers.json: PyTorch's classes in float64; Keras' Lion and Lamb; the paper's formula for Lamb's weight decay.

All cases take the same twelve steps: two parameters from the same start, with the same gradients.
"""

import math
import os

import torch
from torch import nn

SEED = 37
STEPS = 12
SHAPES = [(7,), (3, 2)]

# Our options; the class; its options, as PyTorch or Keras name them.
TORCH = [
    ("adam amsgrad", {"type": "adam", "learningRate": 0.02, "amsgrad": True}, "Adam", {"lr": 0.02, "amsgrad": True}),
    (
        "adam amsgrad weight decay",
        {"type": "adam", "learningRate": 0.02, "beta2": 0.9, "amsgrad": True, "weightDecay": 0.1},
        "Adam",
        {"lr": 0.02, "betas": (0.9, 0.9), "amsgrad": True, "weight_decay": 0.1},
    ),
    (
        "adamw amsgrad",
        {"type": "adamw", "learningRate": 0.02, "beta2": 0.9, "amsgrad": True, "weightDecay": 0.1},
        "AdamW",
        {"lr": 0.02, "betas": (0.9, 0.9), "amsgrad": True, "weight_decay": 0.1},
    ),
    ("nadam", {"type": "nadam"}, "NAdam", {}),
    (
        "nadam weight decay",
        {"type": "nadam", "learningRate": 0.05, "beta1": 0.8, "beta2": 0.99, "epsilon": 1e-6, "momentumDecay": 0.1, "weightDecay": 0.1},
        "NAdam",
        {"lr": 0.05, "betas": (0.8, 0.99), "eps": 1e-6, "momentum_decay": 0.1, "weight_decay": 0.1},
    ),
    (
        "nadam decoupled weight decay",
        {"type": "nadam", "learningRate": 0.05, "weightDecay": 0.1, "decoupled": True},
        "NAdam",
        {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True},
    ),
    ("radam", {"type": "radam", "learningRate": 0.05}, "RAdam", {"lr": 0.05}),
    (
        "radam weight decay, rectified from its first steps on",
        {"type": "radam", "learningRate": 0.05, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-6, "weightDecay": 0.1},
        "RAdam",
        {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.1},
    ),
    (
        "radam decoupled weight decay",
        {"type": "radam", "learningRate": 0.05, "weightDecay": 0.1, "decoupled": True},
        "RAdam",
        {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True},
    ),
    ("radam never rectified", {"type": "radam", "learningRate": 0.05, "beta2": 0.6}, "RAdam", {"lr": 0.05, "betas": (0.9, 0.6)}),
    ("adamax", {"type": "adamax"}, "Adamax", {}),
    (
        "adamax weight decay",
        {"type": "adamax", "learningRate": 0.05, "beta1": 0.8, "beta2": 0.9, "epsilon": 1e-4, "weightDecay": 0.1},
        "Adamax",
        {"lr": 0.05, "betas": (0.8, 0.9), "eps": 1e-4, "weight_decay": 0.1},
    ),
    ("adadelta", {"type": "adadelta"}, "Adadelta", {}),
    (
        "adadelta weight decay",
        {"type": "adadelta", "learningRate": 0.5, "decay": 0.8, "epsilon": 1e-3, "weightDecay": 0.1},
        "Adadelta",
        {"lr": 0.5, "rho": 0.8, "eps": 1e-3, "weight_decay": 0.1},
    ),
    ("rprop", {"type": "rprop"}, "Rprop", {}),
    (
        "rprop within bounds that it meets",
        {"type": "rprop", "learningRate": 0.05, "increase": 1.5, "decrease": 0.3, "smallest": 0.02, "largest": 0.15},
        "Rprop",
        {"lr": 0.05, "etas": (0.3, 1.5), "step_sizes": (0.02, 0.15)},
    ),
]
KERAS = [
    ("lion", {"type": "lion", "learningRate": 0.01}, "Lion", {"learning_rate": 0.01}),
    (
        "lion weight decay",
        {"type": "lion", "learningRate": 0.05, "beta1": 0.8, "beta2": 0.9, "weightDecay": 0.1},
        "Lion",
        {"learning_rate": 0.05, "beta_1": 0.8, "beta_2": 0.9, "weight_decay": 0.1},
    ),
    ("lamb", {"type": "lamb", "learningRate": 0.05}, "Lamb", {"learning_rate": 0.05, "epsilon": 1e-6}),
]
LAMB = ("lamb weight decay, You et al. 2020", {"type": "lamb", "learningRate": 0.05, "beta2": 0.99, "weightDecay": 0.1})


def values_of(tensors):
    return [t.detach().flatten().tolist() for t in tensors]


def gradients():
    """An element of each parameter has a zero gradient in every third step, and one in all of them."""
    for step in range(STEPS):
        made = [torch.randn(shape) * 2 for shape in SHAPES]
        for g in made:
            g.view(-1)[1] = 0
            if step % 3 == 2:
                g.view(-1)[2] = 0
        yield made


def torch_steps(kind, options, start, given):
    parameters = [nn.Parameter(p.clone()) for p in start]
    optimizer = getattr(torch.optim, kind)(parameters, **options)
    for step in given:
        for p, g in zip(parameters, step):
            p.grad = g.clone()
        optimizer.step()
        yield values_of(parameters)


def keras_steps(kind, options, start, given):
    os.environ["KERAS_BACKEND"] = "torch"
    import keras

    keras.config.set_floatx("float64")
    variables = [keras.Variable(p.numpy(), dtype="float64") for p in start]
    optimizer = getattr(keras.optimizers, kind)(**options)
    optimizer.build(variables)
    for step in given:
        optimizer.apply([g.clone() for g in step], variables)
        yield values_of([v.value for v in variables])


def lamb_steps(config, start, given, beta1=0.9, epsilon=1e-6):
    """Algorithm 2 of the paper, φ the identity: weight decay is part of the step that the trust ratio measures."""
    rate, beta2, decay = config["learningRate"], config["beta2"], config["weightDecay"]
    parameters = [p.clone() for p in start]
    moments = [(torch.zeros_like(p), torch.zeros_like(p)) for p in parameters]
    for t, step in enumerate(given, 1):
        for i, (p, g) in enumerate(zip(parameters, step)):
            m, v = moments[i]
            m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
            moments[i] = m, v
            u = (m / (1 - beta1**t)) / ((v / (1 - beta2**t)).sqrt() + epsilon) + decay * p
            p -= rate * p.norm() / u.norm() * u
        assert all(math.isfinite(x) for p in parameters for x in p.flatten().tolist())
        yield values_of(parameters)


def averages(start, given, decay=0.8):
    """Weights under momentum, and their averages by AveragedModel."""
    model = nn.Module()
    for i, p in enumerate(start):
        model.register_parameter(f"p{i}", nn.Parameter(p.clone()))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    averaged = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(decay))
    case = {"decay": decay, "optimizer": {"type": "sgd", "learningRate": 0.05, "momentum": 0.9}, "values": [], "averages": []}
    for step in given:
        for p, g in zip(model.parameters(), step):
            p.grad = g.clone()
        optimizer.step()
        averaged.update_parameters(model)
        case["values"].append(values_of(model.parameters()))
        case["averages"].append(values_of(averaged.module.parameters()))
    return case


def optimizer_file():
    """Everything that the file holds."""
    with torch.random.fork_rng():
        torch.manual_seed(SEED)
        start = [torch.randn(shape) for shape in SHAPES]
        given = list(gradients())
    cases = [{"name": n, "optimizer": c, "values": list(torch_steps(kind, o, start, given))} for n, c, kind, o in TORCH]
    cases += [{"name": n, "optimizer": c, "values": list(keras_steps(kind, o, start, given))} for n, c, kind, o in KERAS]
    cases.append({"name": LAMB[0], "optimizer": LAMB[1], "values": list(lamb_steps(LAMB[1], start, given))})
    return {"shapes": SHAPES, "initial": values_of(start), "gradients": [values_of(step) for step in given], "cases": cases, "averages": averages(start, given)}
