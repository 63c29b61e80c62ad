"""Times training steps in PyTorch (CPU). usage: torch_train.py FILE [--threads N] [--sparse]; see exchange.py.

PyTorch at its best: before anything is reported, every optimiser's loop (plain, foreach, fused) is tried with contiguous and with
channels-last images, and the fastest is taken. With --sparse, embeddings have sparse gradients and SparseAdam updates them.
"""
import argparse
import itertools

import torch
from torch import nn
from torch.nn import functional as F

from exchange import FIRST_STEPS, Exchange, answer, say, seconds_per_step
from torch_networks import load, network, stored

arguments = argparse.ArgumentParser()
arguments.add_argument("file")
arguments.add_argument("--threads", type=int, default=2)
arguments.add_argument("--sparse", action="store_true")
given = arguments.parse_args()
torch.set_num_threads(given.threads)
torch.manual_seed(0)
exchange = Exchange(given.file)

LOSSES = {
    "softmaxCrossEntropy": lambda p, y: F.cross_entropy(p.flatten(0, -2), y.flatten()),
    "meanSquaredError": F.mse_loss,
    "halfSquaredError": lambda p, y: 0.5 * ((p - y) ** 2).sum(-1).mean(),
}
OPTIMIZERS = {
    "sgd": lambda p, o, **how: torch.optim.SGD(p, o["learningRate"], momentum=o.get("momentum", 0), **how),
    "adam": lambda p, o, **how: torch.optim.Adam(p, o["learningRate"], **how),
}
LOOPS = {"plain": {"foreach": False}, "foreach": {"foreach": True}, "fused": {"fused": True}}
TRIAL_SECONDS = 0.3


class Together:
    """Two optimisers as one."""

    def __init__(self, *optimizers):
        self.optimizers = optimizers

    def zero_grad(self, set_to_none):
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=set_to_none)

    def step(self):
        for optimizer in self.optimizers:
            optimizer.step()


def with_sparse_tables(module, loop):
    tables = [layer for layer in module.modules() if isinstance(layer, nn.Embedding)]
    for layer in tables:
        layer.sparse = True
    sparse = [layer.weight for layer in tables]
    dense = [value for value in module.parameters() if all(value is not table for table in sparse)]
    return Together(
        torch.optim.SparseAdam(sparse, exchange.optimizer["learningRate"]), OPTIMIZERS["adam"](dense, exchange.optimizer, **LOOPS[loop])
    )


class Training:
    def __init__(self, layout, loop):
        self.name = f"{loop} {exchange.optimizer['type']}{', channels last' if layout == 'channels last' else ''}"
        self.module = network(exchange.network, exchange.weights)
        self.x, self.y = torch.from_numpy(exchange.x), torch.from_numpy(exchange.y)
        self.is_last = layout == "channels last"
        if self.is_last:
            self.module = self.module.to(memory_format=torch.channels_last)
            self.x = self.x.permute(0, 2, 3, 1).contiguous()
        self.loss = LOSSES[exchange.loss]
        self.optimizer = (
            with_sparse_tables(self.module, loop)
            if given.sparse
            else OPTIMIZERS[exchange.optimizer["type"]](self.module.parameters(), exchange.optimizer, **LOOPS[loop])
        )
        self.order, self.at = torch.randperm(len(self.x)), 0

    def step(self, rows):
        self.optimizer.zero_grad(set_to_none=True)
        x = self.x[rows]
        loss = self.loss(self.module(x.permute(0, 3, 1, 2) if self.is_last else x), self.y[rows])
        loss.backward()
        self.optimizer.step()
        return loss

    def run(self, steps):
        for _ in range(steps):
            if self.at + exchange.batch > len(self.x):
                self.order, self.at = torch.randperm(len(self.x)), 0
            self.step(self.order[self.at : self.at + exchange.batch])
            self.at += exchange.batch

    def first_losses(self):
        places = (torch.arange(step * exchange.batch, (step + 1) * exchange.batch) % len(self.x) for step in range(FIRST_STEPS))
        return [self.step(rows).item() for rows in places]

    def measure(self, seconds):
        load(self.module, exchange.weights)
        self.run(3)
        return seconds_per_step(self.run, seconds)


layouts = ["contiguous", "channels last"] if exchange.x.ndim == 4 else ["contiguous"]
trainings = [Training(*how) for how in itertools.product(layouts, LOOPS)]
losses = trainings[0].first_losses()
best = min(trainings, key=lambda training: training.measure(TRIAL_SECONDS))
say(
    peer=f"PyTorch {torch.__version__}",
    how=("sparse Adam" if given.sparse else best.name),
    numbers=sum(value.numel() for value in stored(best.module)),
    values=losses,
)
del trainings
answer(best.measure)
