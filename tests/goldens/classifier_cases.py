"""Golden cases of torchvision's classifiers: logits, Grad-CAM, and what one training step changes.

A case without `weights` in it: both sides make each tensor from the formula, in the order of its sorted names.
"""

import math

import torch
import torch.nn.functional as F
import torchvision

from formula import W, maker, values

# Streams of a case; those of the weights count on, by sorted name.
IMAGE, LABELS, WEIGHTS = 0, 1, 1000
BATCH, CHANNELS, CLASSES = 4, 3, 3


def cases():
    """Each architecture by SGD, then with frozen layers, a slower backbone and AdamW."""
    sgd = {"optimizer": "sgd", "lr": 1, "weightDecay": 0.01}
    adam = {"optimizer": "adam", "lr": 1, "weightDecay": 0.01, "eps": 0.01}
    resnet = {"layer": "layer4", "size": 64}
    mobilenet = {"layer": "features.8", "size": 64}
    return [
        {"architecture": "resnet18", **resnet, **sgd, "size": 224},
        {"architecture": "resnet18", **resnet, **adam, "freeze": "layer2", "lrScale": 0.125},
        {"architecture": "resnet34", **resnet, **sgd},
        {"architecture": "mobilenet_v3_small", **mobilenet, **sgd},
        {"architecture": "mobilenet_v3_small", **mobilenet, **adam, "freeze": "features.3", "lrScale": 0.125},
    ]


def build(case, made):
    """The classifier with weights of the formula, and the names of its state in sorted order."""
    extra = {"dropout": 0.0} if case["architecture"].startswith("mobilenet") else {}
    make = getattr(torchvision.models, case["architecture"])
    model = make(weights=None, num_classes=CLASSES, **extra)
    state = {k: v for k, v in model.state_dict().items() if not k.endswith("num_batches_tracked")}
    names = sorted(state)
    for i, name in enumerate(names):
        shape = list(state[name].shape)
        state[name] = formula(made, name, WEIGHTS + i, shape)
    model.double() if state[names[0]].dtype == torch.float64 else model.float()
    model.load_state_dict(state, strict=False)
    return model, names


def formula(made, name, stream, shape):
    """Filters uniform ±1/√fan or thereabouts, so that float32 holds them; a scale and a variance are positive."""
    if len(shape) > 1:
        fan, scale = math.prod(shape[1:]), 1
        while 4 * scale * scale <= fan:
            scale *= 2
        return made("unit", stream, shape) / scale
    return made("positive" if name.endswith(("weight", "running_var")) else "unit", stream, shape)


def freeze(model, layer):
    """Everything up to a layer keeps its weights, and its batch normalisation its statistics."""
    for name, module in model.named_children() if "." not in layer else model.features.named_children():
        for parameter in module.parameters():
            parameter.requires_grad = False
        module.eval()
        if name == layer.split(".")[-1]:
            return
    raise AssertionError(layer)


def run(case, seed, dtype):
    """Logits, Grad-CAM of the labels, the loss, and what a step adds to each tensor, by name."""
    made = maker(seed, dtype)
    model, names = build(case, made)
    x = made("unit", IMAGE, [BATCH, CHANNELS, case["size"], case["size"]])
    labels = made(f"labels {CLASSES}", LABELS, [BATCH])
    maps = []
    hook = model.get_submodule(case["layer"]).register_forward_hook(lambda _, __, y: maps.append(y))
    model.eval()
    logits = model(x)
    hook.remove()
    (gradient,) = torch.autograd.grad(logits.gather(1, labels[:, None]).sum(), maps)
    cam = torch.relu((gradient.mean((2, 3), keepdim=True) * maps[0]).sum(1))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model.train()
    if "freeze" in case:
        freeze(model, case["freeze"])
    head = [name for name in names if name.startswith(("fc.", "classifier.3."))]
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    groups = [
        {"params": [p for n, p in trained.items() if n not in head], "lr": case["lr"] * case.get("lrScale", 1)},
        {"params": [p for n, p in trained.items() if n in head]},
    ]
    if case["optimizer"] == "sgd":
        optimizer = torch.optim.SGD(groups, case["lr"], momentum=0.9, weight_decay=case["weightDecay"])
    else:
        optimizer = torch.optim.AdamW(groups, case["lr"], eps=case["eps"], weight_decay=case["weightDecay"])
    loss = F.cross_entropy(model(x), labels)
    loss.backward()
    optimizer.step()
    after = model.state_dict()
    changes = {name: after[name] - before[name] for name in names}
    return logits.detach(), cam.detach(), loss.item(), changes


def projection(h, w):
    h, w = h.double(), w.double()
    return [(h * w).sum().item(), float(f"{h.abs().max().item() * w.norm().item():.3g}")]


def projections(case, seed, dtype):
    """Of Grad-CAM, then of each change."""
    logits, cam, loss, changes = run(case, seed, dtype)
    on = [projection(h, values("unit", seed, W + i, h.shape)) for i, h in enumerate([cam, *changes.values()])]
    return logits, loss, list(changes), on


def classifier_golden(case, seed):
    logits, loss, names, found = projections(case, seed, torch.float64)
    _, _, _, rough = projections(case, seed, torch.float32)
    errors = [abs(r - value) / scale for (r, _), (value, scale) in zip(rough, found) if scale]
    return {
        "float32": float(f"{max(errors):.1e}"),
        "logits": logits.flatten().tolist(),
        "loss": loss,
        "cam": found[0],
        "changes": [[name, *pair] for name, pair in zip(names, found[1:])],
    }
