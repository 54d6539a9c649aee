"""Converts weights of PyTorch, such as torchvision's resnet18-f37072fd.pth, to the safetensors format.

    python torch-to-safetensors.py resnet18.pth resnet18.safetensors

The file must hold a state_dict. Only tensors are loaded from it, no code. Counters of batches are left out.
The file also says how pixels in [0, 1] are normalised: --mean and --std, per channel; those of torchvision's
weights unless you say otherwise. Needs torch.
"""

import argparse
import json

import torch


def encode(tensors, metadata):
    """Bytes of a safetensors file of float32 tensors, sorted by name."""
    header, parts, offset = {"__metadata__": metadata}, [], 0
    for name in sorted(tensors):
        data = tensors[name].detach().cpu().float().contiguous().numpy().astype("<f4").tobytes()
        shape = list(tensors[name].shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + len(data)]}
        parts.append(data)
        offset += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + b"".join(parts)


def numbers(text):
    """[0.5, 0.5] of "0.5,0.5"."""
    return [float(value) for value in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("weights", help="weights.pth")
    parser.add_argument("out", help="weights.safetensors")
    parser.add_argument("--mean", type=numbers, default=[0.485, 0.456, 0.406], help="of the pixels, per channel")
    parser.add_argument("--std", type=numbers, default=[0.229, 0.224, 0.225], help="of the pixels, per channel")
    given = parser.parse_args()
    if len(given.mean) != len(given.std) or min(given.std) <= 0:
        parser.error("--mean and --std must name as many channels, and deviations above 0")
    state = torch.load(given.weights, map_location="cpu", weights_only=True)
    tensors = {name: value for name, value in state.items() if not name.endswith("num_batches_tracked")}
    metadata = {"mean": json.dumps(given.mean), "std": json.dumps(given.std)}
    with open(given.out, "wb") as file:
        file.write(encode(tensors, metadata))
    print(f"wrote {given.out}: {len(tensors)} tensors")


if __name__ == "__main__":
    main()
