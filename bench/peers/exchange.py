"""What bench/compare.ts hands to a peer, and what it hears from it.

The file is one in the format of safetensors: a network's weights in the order of its layers, then the data, `x` and, for training, `y`; its
metadata says which network it is, and how it is trained. A peer reads it, prints a line of JSON about the network, and then one for every line of its input,
which says for how many seconds to measure.
"""
import json
import statistics
import struct
import sys
import time

import numpy as np

TYPES = {"F32": np.float32, "F64": np.float64}
RUNS = 5
FIRST_STEPS = 3


class Exchange:
    def __init__(self, path):
        with open(path, "rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(length))
            data = file.read()
        meta = header.pop("__metadata__")
        self.network = meta["network"]
        self.has_channels = meta["inputs"] == "channels"
        tensors = {name: read(entry, data) for name, entry in header.items()}
        self.x = tensors.pop("x").astype(np.int64 if meta["inputs"] == "indices" else np.float32)
        if "optimizer" in meta:
            self.y = tensors.pop("y").astype(np.int64 if meta["targets"] == "indices" else np.float32)
            self.batch, self.loss, self.optimizer = int(meta["batch"]), meta["loss"], json.loads(meta["optimizer"])
        self.weights = [tensor.astype(np.float32) for tensor in tensors.values()]


def read(entry, data):
    begin, end = entry["data_offsets"]
    return np.frombuffer(data, TYPES[entry["dtype"]], (end - begin) // TYPES[entry["dtype"]]().itemsize, begin).reshape(entry["shape"])


def say(**what):
    print(json.dumps(what), flush=True)


def seconds_per_step(run, seconds):
    """The median over several runs of the mean of a step; `run(n)` takes n steps."""
    figures = []
    steps, share = 1, seconds / RUNS
    for _ in range(RUNS):
        began, taken = time.perf_counter(), 0
        while (before := time.perf_counter()) - began < share:
            run(steps)
            taken += steps
            if time.perf_counter() - before < share / 100:
                steps *= 2
        figures.append((time.perf_counter() - began) / taken)
    return statistics.median(figures)


def answer(measure):
    """Measures whenever asked to, until there is no more to read."""
    for line in sys.stdin:
        say(seconds=measure(float(line)))
