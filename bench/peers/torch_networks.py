"""The networks of ../networks.ts and ../workloads.ts in PyTorch: modules in the order in which their weights are handed over."""
import torch
from torch import nn
from torch.nn import functional as F


def mlp(*sizes, activation, last=None):
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [nn.Linear(inputs, outputs), activation()]
    return nn.Sequential(*layers[:-1], *([last()] if last else []))


class Recurrent(nn.Module):
    """The last state of a recurrent layer along 28 steps, and a dense layer on it."""

    def __init__(self, cell):
        super().__init__()
        self.cell, self.out = cell(28, 128, batch_first=True), nn.Linear(128, 10)

    def forward(self, x):
        return self.out(self.cell(x.reshape(-1, 28, 28))[0][:, -1])


def normalized(inputs, outputs, kernel, stride=1, groups=1):
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, groups=groups, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs))


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first, self.second = normalized(inputs, outputs, 3, stride), normalized(outputs, outputs, 3)
        self.shortcut = normalized(inputs, outputs, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x):
        return F.relu(self.second(F.relu(self.first(x), inplace=True)) + self.shortcut(x), inplace=True)


def separable(inputs, outputs, stride):
    return nn.Sequential(
        normalized(inputs, inputs, 3, stride, groups=inputs), nn.ReLU(inplace=True), normalized(inputs, outputs, 1), nn.ReLU(inplace=True)
    )


def classifier(features):
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(features, 10))


class Mean(nn.Module):
    def __init__(self, axis):
        super().__init__()
        self.axis = axis

    def forward(self, x):
        return x.mean(self.axis)


class Attention(nn.Module):
    """One product for queries, keys and values, and PyTorch's fused attention."""

    def __init__(self, features, heads, causal):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.project, self.out = nn.Linear(features, 3 * features), nn.Linear(features, features)

    def forward(self, x):
        batch, time, features = x.shape
        parts = self.project(x).view(batch, time, 3, self.heads, features // self.heads).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(*parts, is_causal=self.causal)
        return self.out(attended.transpose(1, 2).reshape(batch, time, features))


class TransformerBlock(nn.Module):
    def __init__(self, features, heads, causal):
        super().__init__()
        self.before = nn.LayerNorm(features)
        self.attention = Attention(features, heads, causal)
        self.between = nn.LayerNorm(features)
        self.dense = nn.Sequential(nn.Linear(features, 4 * features), nn.GELU(), nn.Linear(4 * features, features))

    def forward(self, x):
        x = x + self.attention(self.before(x))
        return x + self.dense(self.between(x))


class Positions(nn.Module):
    def __init__(self, time, features):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(time, features))

    def forward(self, x):
        return x + self.weight


def transformer(count, time, features, heads, blocks, causal, *head):
    return nn.Sequential(
        nn.Embedding(count, features),
        Positions(time, features),
        *(TransformerBlock(features, heads, causal) for _ in range(blocks)),
        nn.LayerNorm(features),
        *head,
    )


def along(inputs, outputs):
    return nn.Sequential(nn.Conv1d(inputs, outputs, 9, 2, padding=4), nn.ReLU(inplace=True))


def hidden(inputs, outputs):
    return nn.Sequential(nn.Linear(inputs, outputs), nn.BatchNorm1d(outputs), nn.ReLU(inplace=True))


NETWORKS = {
    "W1": lambda: mlp(784, 50, 10, activation=nn.ReLU),
    "W2": lambda: mlp(784, 30, 10, activation=nn.Sigmoid, last=nn.Sigmoid),
    "W3": lambda: mlp(2, 3, 1, activation=nn.Sigmoid),
    "W4": lambda: mlp(784, 512, 512, 10, activation=nn.ReLU),
    "W5": lambda: mlp(784, 2048, 2048, 10, activation=nn.ReLU),
    "W6": lambda: nn.Sequential(
        *(nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(64 * 49, 128), nn.ReLU(inplace=True), nn.Linear(128, 10)),
    ),
    "W7": lambda: Recurrent(nn.LSTM),
    "W8": lambda: mlp(784, 512, 512, 10, activation=nn.ReLU),
    "residual": lambda: nn.Sequential(
        *(normalized(3, 16, 3), nn.ReLU(inplace=True)),
        *(ResidualBlock(16, 16, 1), ResidualBlock(16, 32, 2), ResidualBlock(32, 64, 2)),
        classifier(64),
    ),
    "mobilenet": lambda: nn.Sequential(
        *(normalized(3, 32, 3), nn.ReLU(inplace=True)),
        *(separable(32, 64, 1), separable(64, 128, 2), separable(128, 128, 1), separable(128, 256, 2), separable(256, 256, 1)),
        classifier(256),
    ),
    "strided": lambda: nn.Sequential(
        *(nn.Conv2d(3, 64, 7, 2, padding=3), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, padding=1)),
        *(nn.Conv2d(64, 128, 3, 2, padding=1), nn.ReLU(inplace=True)),
        classifier(128),
    ),
    "autoencoder": lambda: nn.Sequential(
        *(nn.Conv2d(1, 16, 3, 2, padding=1), nn.ReLU(inplace=True)),
        *(nn.Conv2d(16, 32, 3, 2, padding=1), nn.ReLU(inplace=True)),
        *(nn.ConvTranspose2d(32, 16, 3, 2, padding=1, output_padding=1), nn.ReLU(inplace=True)),
        nn.ConvTranspose2d(16, 1, 3, 2, padding=1, output_padding=1),
    ),
    "conv1d": lambda: nn.Sequential(along(1, 32), along(32, 64), along(64, 128), Mean(2), nn.Linear(128, 10)),
    "encoder": lambda: transformer(1000, 64, 128, 4, 2, False, Mean(1), nn.Linear(128, 10)),
    "causal": lambda: transformer(512, 128, 192, 6, 4, True, nn.Linear(192, 512)),
    "lenet": lambda: nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(inplace=True), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(inplace=True), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(400, 120), nn.ReLU(inplace=True), nn.Linear(120, 84), nn.ReLU(inplace=True), nn.Linear(84, 10)),
    ),
    "embedding": lambda: nn.Sequential(nn.Embedding(100_000, 64), Mean(1), nn.Linear(64, 10)),
    "embedding-lazy": lambda: nn.Sequential(nn.Embedding(100_000, 64), Mean(1), nn.Linear(64, 10)),
    "normalized": lambda: nn.Sequential(hidden(1000, 1000), hidden(1000, 1000), hidden(1000, 1000), nn.Linear(1000, 10)),
    "gru": lambda: Recurrent(nn.GRU),
}


def network(name, weights):
    """The module with these weights, which have to be those of its layers one after the other."""
    module = NETWORKS[name]()
    load(module, weights)
    return module


def stored(module):
    """Parameters and running statistics, in the order in which they are handed over."""
    return [value for key, value in module.state_dict().items() if not key.endswith("num_batches_tracked")]


def load(module, weights):
    own = stored(module)
    shapes, given = [tuple(value.shape) for value in own], [value.shape for value in weights]
    if shapes != given:
        raise SystemExit(f"expected weights of the shapes {shapes}, got {given}")
    with torch.no_grad():
        for value, weight in zip(own, weights):
            value.copy_(torch.from_numpy(weight))
