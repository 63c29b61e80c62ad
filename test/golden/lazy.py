"""Steps of updates of single rows, for lazy.json: PyTorch's SparseAdam in float64, and its SGD with a parameter for each row, which has no
gradient in a step that does not name it. SparseAdam adds epsilon before the bias of the mean square is corrected, Adam after it: with one
so small they are the same.
"""

import json
import pathlib

import torch
from torch import nn

SEED = 41
STEPS = 10
ROWS, COLUMNS, PLACES = 7, 3, 5

torch.manual_seed(SEED)
torch.set_default_dtype(torch.float64)
torch.sparse.check_sparse_tensor_invariants.enable()
start = torch.randn(ROWS, COLUMNS)
# Row 6 is never named, row 0 in every step; most steps name some row twice.
indices = [torch.cat([torch.tensor([0]), torch.randint(0, ROWS - 1, (PLACES - 1,))]) for _ in range(STEPS)]
deltas = [torch.randn(PLACES, COLUMNS) for _ in range(STEPS)]


def adam(**options):
    table = nn.Parameter(start.clone())
    optimizer = torch.optim.SparseAdam([table], **options)
    for index, delta in zip(indices, deltas):
        table.grad = torch.sparse_coo_tensor(index[None], delta, (ROWS, COLUMNS))
        optimizer.step()
        yield table.detach().flatten().tolist()


def sgd(**options):
    rows = [nn.Parameter(row.clone()) for row in start]
    optimizer = torch.optim.SGD(rows, **options)
    for index, delta in zip(indices, deltas):
        for number, row in enumerate(rows):
            named = index == number
            row.grad = delta[named].sum(0) if named.any() else None
        optimizer.step()
        yield torch.stack([row.detach() for row in rows]).flatten().tolist()


CASES = [
    ("adam", {"type": "adam", "learningRate": 0.05, "epsilon": 1e-14}, adam(lr=0.05, eps=1e-14)),
    (
        "adam of other betas",
        {"type": "adam", "learningRate": 0.02, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-14},
        adam(lr=0.02, betas=(0.8, 0.95), eps=1e-14),
    ),
    ("sgd", {"type": "sgd", "learningRate": 0.1}, sgd(lr=0.1)),
    ("sgd with weight decay", {"type": "sgd", "learningRate": 0.1, "weightDecay": 0.2}, sgd(lr=0.1, weight_decay=0.2)),
    ("momentum", {"type": "sgd", "learningRate": 0.1, "momentum": 0.9}, sgd(lr=0.1, momentum=0.9)),
    (
        "Nesterov's momentum with weight decay",
        {"type": "sgd", "learningRate": 0.1, "momentum": 0.8, "nesterov": True, "weightDecay": 0.1},
        sgd(lr=0.1, momentum=0.8, nesterov=True, weight_decay=0.1),
    ),
]

made = {
    "torch": torch.__version__,
    "shape": [ROWS, COLUMNS],
    "initial": start.flatten().tolist(),
    "indices": [index.tolist() for index in indices],
    "deltas": [delta.flatten().tolist() for delta in deltas],
    "cases": [{"name": name, "optimizer": {**optimizer, "lazy": True}, "values": list(values)} for name, optimizer, values in CASES],
}
pathlib.Path(__file__).with_name("lazy.json").write_text(json.dumps(made) + "\n")
