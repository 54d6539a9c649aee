"""Converts weights of PyTorch, such as torchvision's resnet18-f37072fd.pth, to the safetensors format.

    python torch-to-safetensors.py resnet18.pth resnet18.safetensors

The file must hold a state_dict. Only tensors are loaded from it, no code. Counters of batches are left out.
Needs torch.
"""

import json
import sys

import torch


def encode(tensors):
    """Bytes of a safetensors file of float32 tensors, sorted by name."""
    header, parts, offset = {}, [], 0
    for name in sorted(tensors):
        data = tensors[name].detach().cpu().float().contiguous().numpy().astype("<f4").tobytes()
        shape = list(tensors[name].shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + len(data)]}
        parts.append(data)
        offset += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + b"".join(parts)


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: python torch-to-safetensors.py weights.pth weights.safetensors")
    state = torch.load(sys.argv[1], map_location="cpu", weights_only=True)
    tensors = {name: value for name, value in state.items() if not name.endswith("num_batches_tracked")}
    with open(sys.argv[2], "wb") as file:
        file.write(encode(tensors))
    print(f"wrote {sys.argv[2]}: {len(tensors)} tensors")


if __name__ == "__main__":
    main()
