"""Times predictions in ONNX Runtime from Python. usage: ort_predict.py FILE ONNX [--threads N]; see exchange.py."""
import argparse

import onnxruntime

from exchange import Exchange, answer, say, seconds_per_step

arguments = argparse.ArgumentParser()
arguments.add_argument("file")
arguments.add_argument("onnx")
arguments.add_argument("--threads", type=int, default=2)
given = arguments.parse_args()
exchange = Exchange(given.file)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = given.threads
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(given.onnx, options, providers=["CPUExecutionProvider"])
inputs = {"x": exchange.x}


def run(times):
    for _ in range(times):
        session.run(None, inputs)


def measure(seconds):
    run(10)
    return seconds_per_step(run, seconds)


say(
    peer=f"ONNX Runtime {onnxruntime.__version__}",
    how="from Python",
    numbers=sum(weight.size for weight in exchange.weights),
    values=session.run(None, inputs)[0][0].flatten().tolist(),
)
answer(measure)
