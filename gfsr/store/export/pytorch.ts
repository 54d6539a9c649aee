// A trained classifier for PyTorch: weights, a description in JSON, and the script that puts them together.

import { encodeSafetensors } from '../../../model/safetensors.ts';
import { toJson } from '../../text/json.ts';
import type { ModelFile } from '../model-file.ts';
import { networkOf } from './network.ts';

/**
 * `model.safetensors` with plain weights, `config.json` with everything else, and `load_in_pytorch.py`, which builds a
 * `torch.nn.Module` from both: `probabilities = load(folder)(pixels)`.
 */
export function pytorchFiles(model: ModelFile): Map<string, string | Uint8Array> {
  const { architecture, weights, stats, classes, arm, data, madeWith } = model;
  const { channels, size } = architecture;
  const names = classes.map((name, i) => [String(i), name]);
  const config = {
    model_type: 'gfsr',
    architectures: [architecture.architecture],
    ...{ num_channels: channels, image_size: size },
    id2label: Object.fromEntries(names),
    label2id: Object.fromEntries(names.map(([i, name]) => [name, Number(i)])),
    image_mean: [...stats.mean],
    image_std: [...stats.std],
    architecture,
    trained: { arm, data, madeWith },
    steps: networkOf(architecture),
  };
  return new Map<string, string | Uint8Array>([
    [
      'model.safetensors',
      encodeSafetensors(weights, {
        format: 'pt',
        mean: JSON.stringify([...stats.mean]),
        std: JSON.stringify([...stats.std]),
      }),
    ],
    ['config.json', toJson(config)],
    ['load_in_pytorch.py', SCRIPT],
  ]);
}

const SCRIPT = `"""Rebuilds the classifier in PyTorch from config.json and model.safetensors beside this file.

    from load_in_pytorch import load
    model = load(".")                                # torch.nn.Module
    probabilities = model(pixels).softmax(1)         # pixels [N, C, size, size], 0 to 255

As a program it prints the probabilities of images in a .npy file [N, C, size, size]:

    python load_in_pytorch.py pixels.npy

Needs torch, and numpy for the program.
"""

import json
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

DTYPES = {"F32": torch.float32, "F16": torch.float16, "I64": torch.int64}


def read_safetensors(path):
    """Tensors by name."""
    content = bytearray(Path(path).read_bytes())
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        values = torch.frombuffer(content[begin:end], dtype=DTYPES[entry["dtype"]])
        tensors[name] = values.reshape(entry["shape"])
    return tensors


class Classifier(torch.nn.Module):
    """The network of the file, step by step: raw pixels in, logits out. It can be trained further."""

    def __init__(self, config, tensors):
        super().__init__()
        self.config = config
        self.register_buffer("mean", torch.tensor(config["image_mean"]).reshape(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(config["image_std"]).reshape(1, -1, 1, 1))
        self.weights = torch.nn.ParameterDict()
        for name, tensor in tensors.items():
            key = name.replace(".", "/")
            if name.endswith(("running_mean", "running_var")):
                self.register_buffer(key, tensor)
            else:
                self.weights[key] = torch.nn.Parameter(tensor)

    def weight(self, name):
        key = name.replace(".", "/")
        return self.weights[key] if key in self.weights else getattr(self, key)

    def forward(self, pixels):
        values = {"x": (pixels.float() / 255 - self.mean) / self.std}
        for step in self.config["steps"]:
            values[step["to"]] = self.run(step, *(values[name] for name in step["from"]))
        return values["logits"]

    def run(self, step, x, other=None):
        op = step["op"]
        if op == "conv":
            bias = self.weight(step["bias"]) if "bias" in step else None
            options = {"stride": step["stride"], "padding": step["padding"], "groups": step.get("groups", 1)}
            return F.conv2d(x, self.weight(step["weight"]), bias, **options)
        if op == "batch_norm":
            parts = ("running_mean", "running_var", "weight", "bias")
            mean, var, weight, bias = (self.weight(step["name"] + "." + part) for part in parts)
            return F.batch_norm(x, mean, var, weight, bias, self.training, 0.1, step["eps"])
        if op == "relu":
            return F.relu(x)
        if op == "hardswish":
            return F.hardswish(x)
        if op == "hardsigmoid":
            return F.hardsigmoid(x)
        if op == "add":
            return x + other
        if op == "multiply":
            return x * other
        if op == "max_pool":
            return F.max_pool2d(x, step["kernel"], step["stride"], step["padding"])
        if op == "pool":
            return x.mean((2, 3), keepdim=True)
        if op == "mean":
            return x.mean((2, 3))
        if op == "flatten":
            return x.flatten(1)
        if op == "linear":
            return F.linear(x, self.weight(step["name"] + ".weight"), self.weight(step["name"] + ".bias"))
        raise ValueError(f"unknown step {op}")


def load(folder="."):
    """The classifier of a folder, in evaluation mode."""
    folder = Path(folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return Classifier(config, read_safetensors(folder / "model.safetensors")).eval()


if __name__ == "__main__":
    import numpy

    if len(sys.argv) != 2:
        sys.exit("usage: python load_in_pytorch.py pixels.npy")
    model = load(Path(__file__).parent)
    pixels = torch.from_numpy(numpy.load(sys.argv[1], allow_pickle=False))
    with torch.no_grad():
        for row in model(pixels).softmax(1).tolist():
            print(" ".join(f"{value:.9g}" for value in row))
`;
