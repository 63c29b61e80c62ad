"""Predictions of dense layers with ReLU by ONNX Runtime, of floats and of int8 numbers (quantize_static, weights by channel):

    python ort_quantized.py --threads 1 --sizes 784,1024,10 --batches 1,1024

Prints the least µs a call of five rounds, both in turn.
"""

import argparse
import logging
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

ROUNDS, SECONDS, CALIBRATION = 5, 0.3, 256

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--sizes", default="784,1024,1024,1024,10")
parser.add_argument("--batches", default="1,1024")
options = parser.parse_args()
sizes = [int(size) for size in options.sizes.split(",")]
random = np.random.default_rng(1)
logging.disable(logging.WARNING)


def model():
    nodes, initializers, last = [], [], "x"
    for i, (k, n) in enumerate(zip(sizes, sizes[1:])):
        weight = (random.standard_normal((k, n)) * np.sqrt(2 / k)).astype(np.float32)
        initializers += [numpy_helper.from_array(weight, f"w{i}"), numpy_helper.from_array(np.zeros(n, np.float32), f"b{i}")]
        is_last = i == len(sizes) - 2
        nodes.append(helper.make_node("Gemm", [last, f"w{i}", f"b{i}"], ["y" if is_last else f"z{i}"]))
        if not is_last:
            nodes.append(helper.make_node("Relu", [f"z{i}"], [f"a{i}"]))
            last = f"a{i}"
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", sizes[0]])]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["rows", sizes[-1]])]
    graph = helper.make_graph(nodes, "dense", inputs, outputs, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


class Rows(CalibrationDataReader):
    def __init__(self):
        self.left = iter([{"x": random.random((CALIBRATION, sizes[0]), np.float32)}])

    def get_next(self):
        return next(self.left, None)


def session(path):
    settings = ort.SessionOptions()
    settings.intra_op_num_threads = options.threads
    return ort.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"])


def microseconds(run):
    began, calls = time.perf_counter(), 0
    while time.perf_counter() - began < SECONDS:
        run()
        calls += 1
    return 1e6 * (time.perf_counter() - began) / calls


with tempfile.TemporaryDirectory() as folder:
    floats, quantized = Path(folder) / "floats.onnx", Path(folder) / "int8.onnx"
    onnx.save(model(), floats)
    formats = dict(quant_format=QuantFormat.QDQ, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, per_channel=True)
    quantize_static(floats, quantized, Rows(), **formats)
    sessions = [session(floats), session(quantized)]
    for rows in map(int, options.batches.split(",")):
        x = {"x": random.random((rows, sizes[0]), np.float32)}
        least = [float("inf"), float("inf")]
        for _ in range(ROUNDS):
            for i, one in enumerate(sessions):
                least[i] = min(least[i], microseconds(lambda: one.run(None, x)))
        print(f"ONNX Runtime {ort.__version__}, {rows} rows: float32 {least[0]:.1f} µs, int8 {least[1]:.1f} µs ({least[0] / least[1]:.2f} ×)")
