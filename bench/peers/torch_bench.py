"""The bench workloads in PyTorch (CPU). usage: torch_bench.py [--threads N] [--only W1,W4] [--seconds S]; prints JSON lines."""
import argparse, gzip, json, os, struct, sys, time, types
import torch
# Debian's sympy is too old for torch._dynamo, which eager optimisers only ask for a graph break
_d = types.ModuleType("torch._dynamo")
_d.graph_break = lambda *a, **k: None
_d.is_compiling = lambda: False
_d.disable = lambda fn=None, *a, **k: fn if fn else (lambda f: f)
sys.modules["torch._dynamo"] = _d
torch._dynamo = _d
import numpy as np
nn, F = torch.nn, torch.nn.functional

ap = argparse.ArgumentParser()
ap.add_argument("--threads", type=int, default=2)
ap.add_argument("--only", default="")
ap.add_argument("--seconds", type=float, default=4)
a = ap.parse_args()
torch.set_num_threads(a.threads)
torch.manual_seed(0)
only = set(filter(None, a.only.split(",")))
# An MNIST-format folder: see ../images.ts.
folder = os.environ["CHAINRULE_FASHION_MNIST"]


def idx(name):
    path = os.path.join(folder, name)
    d = open(path, "rb").read() if os.path.exists(path) else gzip.open(path + ".gz").read()
    shape = struct.unpack(">" + "I" * d[3], d[4:4 + 4 * d[3]])
    return np.frombuffer(d, np.uint8, offset=4 + 4 * d[3]).reshape(shape)


X = torch.tensor(idx("train-images-idx3-ubyte").reshape(-1, 784).astype(np.float32) / 255)
Y = torch.tensor(idx("train-labels-idx1-ubyte").astype(np.int64))
onehot = F.one_hot(Y, 10).float()


def emit(workload, dt, batch, **more):
    print(json.dumps({"peer": f"PyTorch {torch.__version__}", "threads": a.threads, "workload": workload, "usPerStep": round(dt * 1e6, 2), "samplesPerSecond": round(batch / dt), **more}), flush=True)


def mlp(sizes, act):
    layers = []
    for i, (m, n) in enumerate(zip(sizes, sizes[1:])):
        layers.append(nn.Linear(m, n))
        if i < len(sizes) - 2:
            layers.append(act())
    return nn.Sequential(*layers)


def train(workload, make, optimiser, loss, X, Y, batch):
    if only and workload not in only:
        return
    net = make()
    opt = optimiser(net.parameters())
    n = X.shape[0]
    perm, i = torch.randperm(n), 0

    def step():
        nonlocal perm, i
        if i + batch > n:
            perm, i = torch.randperm(n), 0
        j = perm[i:i + batch]
        i += batch
        opt.zero_grad(set_to_none=True)
        loss(net(X[j]), Y[j]).backward()
        opt.step()

    for _ in range(10):
        step()
    t, k = time.perf_counter(), 0
    while time.perf_counter() - t < a.seconds:
        step()
        k += 1
    emit(workload, (time.perf_counter() - t) / k, batch)


class Image(nn.Module):
    def forward(self, x):
        return x.reshape(-1, 1, 28, 28)


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.out = nn.LSTM(28, 128, batch_first=True), nn.Linear(128, 10)

    def forward(self, x):
        return self.out(self.lstm(x.reshape(-1, 28, 28))[0][:, -1])


half = lambda p, y: 0.5 * ((p - y) ** 2).sum(-1).mean()
train("W1", lambda: mlp([784, 50, 10], nn.ReLU), lambda p: torch.optim.SGD(p, 0.1), F.cross_entropy, X, Y, 100)
train("W2", lambda: nn.Sequential(nn.Linear(784, 30), nn.Sigmoid(), nn.Linear(30, 10), nn.Sigmoid()), lambda p: torch.optim.SGD(p, 3.0), half, X, onehot, 10)
train("W3", lambda: nn.Sequential(nn.Linear(2, 3), nn.Sigmoid(), nn.Linear(3, 1)), lambda p: torch.optim.SGD(p, 0.1), half, torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1.]]), torch.tensor([[0], [1], [1], [0.]]), 4)
train("W4", lambda: mlp([784, 512, 512, 10], nn.ReLU), lambda p: torch.optim.Adam(p, 1e-3), F.cross_entropy, X, Y, 128)
train("W5", lambda: mlp([784, 2048, 2048, 10], nn.ReLU), lambda p: torch.optim.SGD(p, 0.01, momentum=0.9), F.cross_entropy, X, Y, 256)
train("W6", lambda: nn.Sequential(Image(), nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64 * 49, 128), nn.ReLU(), nn.Linear(128, 10)),
      lambda p: torch.optim.Adam(p, 1e-3), F.cross_entropy, X, Y, 64)
train("W7", Lstm, lambda p: torch.optim.Adam(p, 1e-3), F.cross_entropy, X, Y, 64)
if not only or "W8" in only:
    net = mlp([784, 512, 512, 10], nn.ReLU).eval()
    with torch.inference_mode():
        for b in (1, 32, 1024):
            x = X[:b]
            for _ in range(20):
                net(x)
            t, k = time.perf_counter(), 0
            while time.perf_counter() - t < a.seconds / 2:
                net(x)
                k += 1
            emit("W8", (time.perf_counter() - t) / k, b, rows=b)
if not only or "GEMM" in only:
    for n in (64, 256, 512, 1024, 2048):
        p, q = torch.randn(n, n), torch.randn(n, n)
        for _ in range(3):
            p @ q
        t, k = time.perf_counter(), 0
        while time.perf_counter() - t < 1:
            p @ q
            k += 1
        dt = (time.perf_counter() - t) / k
        print(json.dumps({"peer": f"PyTorch {torch.__version__}", "threads": a.threads, "workload": "GEMM", "n": n, "gflops": round(2 * n ** 3 / dt / 1e9, 1)}), flush=True)
