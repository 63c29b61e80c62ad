"""One update a call in PyTorch (CPU), as bench/steps.ts takes it. usage: torch_steps.py [--threads N]; prints JSON."""
import argparse, json, statistics, time
import numpy as np
import torch

ap = argparse.ArgumentParser()
ap.add_argument("--threads", type=int, default=2)
ap.add_argument("--calls", type=int, default=400)
a = ap.parse_args()
torch.set_num_threads(a.threads)
torch.manual_seed(0)
rng = np.random.default_rng(0)


def measure(fused):
    nn = torch.nn
    net = nn.Sequential(nn.Linear(4, 128), nn.Tanh(), nn.Linear(128, 128), nn.Tanh(), nn.Linear(128, 2))
    opt = torch.optim.Adam(net.parameters(), lr=1e-4, fused=fused)
    loss = nn.MSELoss()
    times = []
    for i in range(a.calls + 50):
        x, y = rng.random((64, 4), dtype=np.float32), rng.random((64, 2), dtype=np.float32)
        began = time.perf_counter()
        opt.zero_grad()
        value = loss(net(torch.from_numpy(x)), torch.from_numpy(y))
        value.backward()
        opt.step()
        value.item()
        if i >= 50:
            times.append(time.perf_counter() - began)
    return statistics.median(times)


best = min(measure(fused) for fused in (False, True))
print(json.dumps({"peer": f"PyTorch {torch.__version__}", "usPerStep": round(best * 1e6, 1)}))
