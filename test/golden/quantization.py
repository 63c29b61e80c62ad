"""Predictions of a network of three dense layers by bytes, for quantization.json: PyTorch's fake_quantize, whose results are those of the bytes
that it rounds to. Activations have a range of 0 to 255, measured by its MinMaxObserver; weights a scale for each unit, -127 to 127.
"""

import json
import pathlib

import torch
from torch.ao.quantization import MinMaxObserver

SEED = 7
ROWS, SIZES = 40, [9, 20, 17, 5]

torch.manual_seed(SEED)
x = torch.randn(ROWS, SIZES[0])
weights = [torch.randn(n, k) / k**0.5 for k, n in zip(SIZES, SIZES[1:])]
biases = [torch.randn(n) * 0.1 for n in SIZES[1:]]
LAST = len(weights) - 1


def layer(i, activations, weight):
    result = torch.nn.functional.linear(activations, weight, biases[i])
    return result if i == LAST else torch.relu(result)


def observed(activations):
    observer = MinMaxObserver(dtype=torch.quint8, qscheme=torch.per_tensor_affine)
    observer(activations)
    scale, zero = observer.calculate_qparams()
    return scale.item(), int(zero)


def of_bytes(weight):
    scales = weight.abs().amax(1) / 127
    return torch.fake_quantize_per_channel_affine(weight, scales, torch.zeros(len(weight), dtype=torch.int32), 0, -127, 127)


exact, ranges, scales = x, [], []
for i, weight in enumerate(weights):
    ranges.append([min(exact.min().item(), 0.0), max(exact.max().item(), 0.0)])
    scales.append(observed(exact))
    exact = layer(i, exact, weight)

quantized = x
for i, weight in enumerate(weights):
    scale, zero = scales[i]
    quantized = layer(i, torch.fake_quantize_per_tensor_affine(quantized, scale, zero, 0, 255), of_bytes(weight))

values = {
    "sizes": SIZES,
    "x": x.flatten().tolist(),
    "weights": [weight.flatten().tolist() for weight in weights],
    "biases": [bias.tolist() for bias in biases],
    "ranges": ranges,
    "exact": exact.flatten().tolist(),
    "quantized": quantized.flatten().tolist(),
}
pathlib.Path(__file__).with_name("quantization.json").write_text(json.dumps(values) + "\n")
