"""Golden cases of whole networks: losses on saliency maps, which hold a gradient, and Hessian products."""

import torch
import torch.nn.functional as F

from formula import U, V, maker
from torch_ops import normalize_map, relevance_loss, saliency_map

# Streams of a network case; weights count on from WEIGHTS in the order in which layers meet them.
IMAGE, LABELS, TASK_MASK, SIGNS, WEIGHTS = 0, 1, 2, 3, 10
CLASSES = 4


def conv(out, kernel=3, stride=1, padding=0, dilation=1, groups=1, bias=True):
    options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return ["conv", {"out": out, "kernel": kernel, "bias": bias, "options": options}]


def max_pool(kernel, stride=None, padding=0):
    return ["maxPool", {"kernelSize": kernel, "stride": stride or kernel, "padding": padding}]


def avg_pool(kernel, stride=None, padding=0):
    return ["avgPool", {"kernelSize": kernel, "stride": stride or kernel, "padding": padding}]


RELU, NORM, MAP = ["relu"], ["batchNorm"], ["map"]
GLOBAL, FLATTEN = ["globalPool"], ["flatten"]


def linear(out=CLASSES):
    return ["linear", {"out": out}]


def block(out, stride=1):
    """The basic block of a ResNet, with a fitted shortcut where the stride is not 1."""
    main = [conv(out, 3, stride, 1, bias=False), NORM, RELU, conv(out, 3, 1, 1, bias=False), NORM]
    shortcut = [] if stride == 1 else [conv(out, 1, stride, bias=False), NORM]
    return [["residual", {"main": main, "shortcut": shortcut}], RELU]


NETWORKS = {
    "max-pooled": {
        "image": [2, 2, 8, 8],
        "layers": [conv(4, padding=1), RELU, MAP, max_pool(2), conv(5), RELU, GLOBAL, linear()],
    },
    "dense-head": {
        "image": [2, 1, 9, 9],
        "layers": [conv(3), RELU, max_pool(2, 1), conv(4), RELU, MAP]
        + [avg_pool(2), FLATTEN, linear(6), RELU, linear()],
    },
    "batch-norm": {
        "image": [3, 2, 8, 8],
        "layers": [conv(4, padding=1, bias=False), NORM, RELU, MAP, max_pool(2)]
        + [conv(5, padding=1, bias=False), NORM, RELU, avg_pool(2), FLATTEN, linear()],
    },
    "pooled-head": {
        "image": [3, 2, 8, 8],
        "pooledHead": True,
        "layers": [conv(4, padding=1, bias=False), NORM, RELU, max_pool(2), conv(5, padding=1)]
        + [RELU, MAP, GLOBAL, linear()],
    },
    "residual": {
        "image": [3, 1, 8, 8],
        "layers": [conv(3, padding=1, bias=False), NORM, RELU, *block(3), MAP, *block(5, stride=2)]
        + [GLOBAL, linear()],
    },
    "strided-dilated-grouped": {
        "image": [2, 2, 11, 11],
        "layers": [conv(4, stride=2, padding=1), RELU, conv(6, padding=2, dilation=2, groups=2)]
        + [RELU, MAP, conv(6, padding=1, groups=6), RELU, conv(5, 1), RELU]
        + [avg_pool(3, 2, 1), FLATTEN, linear()],
    },
    "overlapping": {
        "image": [2, 1, 12, 12],
        "layers": [conv(4, 5, stride=2, padding=2), ["groupNorm", {"groups": 2}], RELU]
        + [max_pool(3, 2, 1), MAP, conv(4, padding=1), ["tanh"], ["resize", {"size": [5, 4]}]]
        + [conv(3, 2), ["sigmoid"], FLATTEN, linear()],
    },
    "evaluation": {
        "image": [2, 2, 8, 8],
        "layers": [conv(4, padding=1), ["frozenNorm"], RELU, max_pool(2), conv(4, padding=1), MAP]
        + [["frozenNorm"], RELU, conv(3), RELU, FLATTEN, linear()],
    },
}


class Network:
    """Runs a list of layers; makes each weight where it is first met, uniform ±1/√fan or thereabouts."""

    def __init__(self, made, margins):
        self.made = made
        self.margins = margins
        self.weights = {}
        self.streams = 0
        self.activations = None
        self.before = []

    def make(self, name, kind, shape, fan=1, trained=True):
        scale = 1
        while 4 * scale * scale <= fan:
            scale *= 2
        w = self.made(kind, WEIGHTS + self.streams, shape) / scale
        self.streams += 1
        if trained:
            self.weights[f"{name} {len(self.weights)}"] = w.requires_grad_()
        return w

    def run(self, layers, x):
        for name, *options in layers:
            x = getattr(self, name)(x, **(options[0] if options else {}))
        return x

    def conv(self, x, out, kernel, bias, options):
        c = x.shape[1] // options["groups"]
        w = self.make("conv.weight", "unit", [out, c, kernel, kernel], c * kernel**2)
        b = self.make("conv.bias", "unit", [out], c * kernel**2) if bias else None
        return F.conv2d(x, w, b, **options)

    def linear(self, x, out):
        w = self.make("linear.weight", "unit", [out, x.shape[1]], x.shape[1])
        return F.linear(x, w, self.make("linear.bias", "unit", [out], x.shape[1]))

    def affine(self, name, channels):
        gamma = self.make(f"{name}.weight", "positive", [channels])
        return gamma, self.make(f"{name}.bias", "unit", [channels])

    def batchNorm(self, x):
        return F.batch_norm(x, None, None, *self.affine("bn", x.shape[1]), True, 0, 1e-5)

    def frozenNorm(self, x):
        c = [x.shape[1]]
        mean = self.make("mean", "unit", c, trained=False)
        variance = self.make("variance", "positive", c, trained=False)
        return F.batch_norm(x, mean, variance, *self.affine("bn", *c), False, 0, 1e-5)

    def groupNorm(self, x, groups):
        return F.group_norm(x, groups, *self.affine("gn", x.shape[1]), 1e-5)

    def relu(self, x):
        return self.margins.relu(x)

    def tanh(self, x):
        return torch.tanh(x)

    def sigmoid(self, x):
        return torch.sigmoid(x)

    def maxPool(self, x, kernelSize, stride, padding):
        return self.margins.max_pool(x, kernelSize, stride, padding)

    def avgPool(self, x, kernelSize, stride, padding):
        return F.avg_pool2d(x, kernelSize, stride, padding)

    def globalPool(self, x):
        return x.mean((2, 3))

    def flatten(self, x):
        return x.flatten(1)

    def resize(self, x, size):
        return F.interpolate(x, size=size, mode="bilinear", align_corners=False)

    def residual(self, x, main, shortcut):
        return self.run(main, x) + self.run(shortcut, x)

    def map(self, x):
        self.activations = x
        self.before = list(self.weights)
        return x


def gradient(y, x):
    return torch.autograd.grad(y, x, create_graph=True)


def score(logits, labels, target, signs):
    if target == "label":
        return logits.gather(1, labels[:, None]).sum()
    if target == "random-signs":
        return (logits * signs).sum()
    return F.log_softmax(logits, 1).sum()


def relevance(loss, s, mask, m):
    """The loss of each image, from the papers' formulas."""
    if loss in ("gfsr", "energy"):
        return relevance_loss(s, mask, loss == "gfsr", m)
    if loss == "rrr":
        return (((1 - mask) * s) ** 2).flatten(1).sum(1)
    s = normalize_map(s, m)
    if loss == "rrr-g":
        return (((1 - mask) * s) ** 2).flatten(1).sum(1)
    return ((s - mask) ** 2).flatten(1).mean(1)


def evaluate(task, seed, margins, dtype=torch.float64):
    """Runs a case: the loss of each image; their shares in the whole; its gradient by the image and each
    weight, by name; the names of the weights before the map."""
    made = maker(seed, dtype)
    spec = NETWORKS[task["network"]]
    n = spec["image"][0]
    x = made("unit", IMAGE, spec["image"]).requires_grad_()
    labels = made(f"labels {CLASSES}", LABELS, [n])
    net = Network(made, margins)
    logits = net.run(spec["layers"], x)
    leaves = {"x": x, **net.weights}
    share = made("positive", U, [n])
    if task["loss"] == "cross-entropy":
        losses = F.cross_entropy(logits, labels, reduction="none")
        first = gradient((share * losses).sum(), list(leaves.values()))
        outer = sum((g * made("unit", V + i, g.shape)).sum() for i, g in enumerate(first))
    else:
        target = score(logits, labels, task["target"], made("signs", SIGNS, logits.shape))
        if task["source"] == "input-gradient":
            (s,) = gradient(target, x)
            mask = made("mask", TASK_MASK, [n, 1, *s.shape[2:]])
        else:
            (g,) = gradient(target, net.activations)
            s = saliency_map(net.activations, g, task["method"], task["sign"], margins)
            mask = made("mask", TASK_MASK, s.shape)
        losses = relevance(task["loss"], s, mask, margins)
        outer = (share * losses).sum()
    found = torch.autograd.grad(outer, list(leaves.values()), allow_unused=True)
    gradients = {
        name: torch.zeros_like(leaf) if g is None else g
        for (name, leaf), g in zip(leaves.items(), found)
    }
    return losses, share, gradients, net.before


def cases():
    """Grad-CAM and HiResCAM in each sign on every network, then each other loss, then Hessian products."""
    for network in NETWORKS:
        cam = {"network": network, "source": "cam"}
        for method in ("gradcam", "hirescam"):
            for sign in ("relu", "abs", "signed"):
                yield {**cam, "loss": "gfsr", "method": method, "sign": sign, "target": "label"}
        several = {**cam, "target": "random-signs"}
        yield {**several, "loss": "gfsr", "method": "hirescam", "sign": "relu"}
        yield {**several, "loss": "energy", "method": "gradcam", "sign": "abs"}
        yield {**several, "loss": "rrr-g", "method": "hirescam", "sign": "signed"}
        probs = {**cam, "target": "log-probs"}
        yield {**probs, "loss": "hint", "method": "gradcam", "sign": "relu"}
        yield {**probs, "loss": "energy", "method": "hirescam", "sign": "relu"}
        for target in ("log-probs", "label"):
            inputs = {"network": network, "source": "input-gradient", "target": target}
            yield {**inputs, "loss": "rrr"}
        yield {"network": network, "loss": "cross-entropy"}
