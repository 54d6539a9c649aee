"""PyTorch on the processor: reads one JSON request a line, answers with one line; numbers travel in files."""

import json
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

CUT = {"before the pool": 3, "last conv input": 4, "last map": 5}

# A map with less in all is left out, as ours is.
EPS = 1e-8


def tensor(numbers):
    values = np.fromfile(numbers["file"], dtype="<f4").reshape(numbers["shape"])
    return torch.from_numpy(values)


def kernel(work):
    a, b = map(tensor, work["operands"])
    pad = (work["window"] - 1) // 2
    window = [work["window"]] * 2
    conv = torch.ops.aten.convolution_backward

    def gradient(dy, x, w, which):
        mask = [which == 0, which == 1, False]
        return conv(dy, x, w, None, [1, 1], [pad, pad], [1, 1], False, [0, 0], 1, mask)[which]

    kind = work["kind"]
    if kind == "forward":
        return lambda: F.conv2d(a, b, padding=pad)
    if kind == "input grad":
        x = torch.empty(b.shape[0], a.shape[1], *b.shape[2:])
        return lambda: gradient(b, x, a, 0)
    if kind == "weight grad":
        w = torch.empty(b.shape[1], a.shape[1], *window)
        return lambda: gradient(b, a, w, 1)
    return lambda: a @ b


def step(work):
    p = {name: tensor(one).requires_grad_() for name, one in work["weights"].items()}
    x, labels = tensor(work["images"]), tensor(work["labels"])
    mask = tensor(work["mask"]) if "mask" in work else None
    adam = torch.optim.Adam(p.values(), lr=work["learningRate"])

    def conv(name):
        return lambda y: F.relu(F.conv2d(y, p[name + ".weight"], p[name + ".bias"], padding=1))

    def pool(y):
        return F.max_pool2d(y, 2)

    def head(y):
        return F.linear(y.mean((2, 3)), p["fc.weight"], p["fc.bias"])

    layers = [conv("conv1"), pool, conv("conv2"), pool, conv("conv3"), head]

    def through(y, part):
        for layer in part:
            y = layer(y)
        return y

    def run():
        adam.zero_grad()
        cut = CUT.get(work.get("map"), 0)
        a = through(x, layers[:cut])
        logits = through(a, layers[cut:])
        loss = -(F.log_softmax(logits, -1) * labels).sum(-1).mean()
        if cut:
            (g,) = torch.autograd.grad((logits * labels).sum(), a, create_graph=True)
            cam = F.relu((g.mean((2, 3), keepdim=True) * a).sum(1))
            total = cam.sum((1, 2))
            share = (cam * mask).sum((1, 2)) / total.clamp_min(EPS)
            loss = loss + ((1 - share) * (total > EPS)).mean()
        loss.backward()
        adam.step()
        return loss.detach().reshape(1)

    return run


runs = []
for line in sys.stdin:
    request = json.loads(line)
    answer = {}
    try:
        if "work" in request:
            work = request["work"]
            runs.append(step(work) if work["kind"] == "step" else kernel(work))
            answer = {"id": len(runs) - 1}
        elif "file" in request:
            runs[request["id"]]().contiguous().numpy().tofile(request["file"])
        elif "runs" in request:
            start = time.perf_counter()
            for _ in range(request["runs"]):
                runs[request["id"]]()
            answer = {"ms": 1000 * (time.perf_counter() - start)}
        else:
            answer = {"version": torch.__version__, "threads": torch.get_num_threads()}
    except Exception as error:  # the other side names the work
        answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)
