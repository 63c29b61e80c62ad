"""Writes a network to be predicted as ONNX. usage: torch_onnx.py FILE OUT; see exchange.py."""
import sys

import torch

from exchange import Exchange
from torch_networks import network

exchange = Exchange(sys.argv[1])
module = network(exchange.network, exchange.weights).eval()
torch.onnx.export(module, (torch.from_numpy(exchange.x),), sys.argv[2], input_names=["x"], output_names=["y"], dynamo=True, external_data=False)
