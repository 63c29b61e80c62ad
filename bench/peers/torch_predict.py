"""Times predictions in PyTorch (CPU). usage: torch_predict.py FILE [--threads N]; see exchange.py."""
import argparse

import torch

from exchange import Exchange, answer, say, seconds_per_step
from torch_networks import network, stored

arguments = argparse.ArgumentParser()
arguments.add_argument("file")
arguments.add_argument("--threads", type=int, default=2)
given = arguments.parse_args()
torch.set_num_threads(given.threads)
exchange = Exchange(given.file)
LAYOUTS = {"contiguous": torch.contiguous_format, "channels last": torch.channels_last}
TRIAL_SECONDS = 0.3


class Prediction:
    def __init__(self, layout):
        self.name = layout
        self.module = network(exchange.network, exchange.weights).eval().to(memory_format=LAYOUTS[layout])
        self.x = torch.from_numpy(exchange.x)
        if self.x.ndim == 4:
            self.x = self.x.contiguous(memory_format=LAYOUTS[layout])

    def run(self, times):
        with torch.inference_mode():
            for _ in range(times):
                self.module(self.x)

    def outputs(self):
        with torch.inference_mode():
            return self.module(self.x)[0].flatten().tolist()

    def measure(self, seconds):
        self.run(10)
        return seconds_per_step(self.run, seconds)


best = min(map(Prediction, LAYOUTS if exchange.x.ndim == 4 else ["contiguous"]), key=lambda one: one.measure(TRIAL_SECONDS))
numbers = sum(value.numel() for value in stored(best.module))
say(peer=f"PyTorch {torch.__version__}", how=best.name, numbers=numbers, values=best.outputs())
answer(best.measure)
