"""Times products of square matrices in PyTorch (CPU). usage: torch_gemm.py SIZE [--threads N]; see exchange.py."""
import argparse

import torch

from exchange import answer, say, seconds_per_step

arguments = argparse.ArgumentParser()
arguments.add_argument("size", type=int)
arguments.add_argument("--threads", type=int, default=2)
given = arguments.parse_args()
torch.set_num_threads(given.threads)
a, b = torch.randn(given.size, given.size), torch.randn(given.size, given.size)
c = torch.empty(given.size, given.size)


def run(times):
    for _ in range(times):
        torch.mm(a, b, out=c)


say(peer=f"PyTorch {torch.__version__}", numbers=2 * given.size**2, values=[])
answer(lambda seconds: (run(3), seconds_per_step(run, seconds))[1])
