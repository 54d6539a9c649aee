"""Golden cases of single ops: what each is in PyTorch, and on which shapes it is taken."""

import torch
import torch.nn.functional as F


def conv(x, w, b, a):
    return F.conv2d(x, w, b, a["stride"], a["padding"], a["dilation"], a["groups"])


def conv_gradient(which):
    """dx or dw of a convolution by PyTorch's own backward pass, as a function of its two inputs."""

    def gradient(inputs, a, _):
        zero = torch.zeros(a["shape"], dtype=inputs[0].dtype, requires_grad=True)
        if which == "x":
            dy, w = inputs
            return torch.autograd.grad(conv(zero, w, None, a), zero, dy, create_graph=True)[0]
        x, dy = inputs
        return torch.autograd.grad(conv(x, zero, None, a), zero, dy, create_graph=True)[0]

    return gradient


def matmul(inputs, a, _):
    left, right = inputs
    return (left.T if a["transposeA"] else left) @ (right.T if a["transposeB"] else right)


def extreme(sign):
    def apply(inputs, _, m):
        a, b = inputs
        m.clear(a - b)
        return torch.maximum(a, b) if sign > 0 else torch.minimum(a, b)

    return apply


def batch_norm(inputs, a, _):
    x, gamma, beta = inputs[0], inputs[-2], inputs[-1]
    if len(inputs) == 5:
        return F.batch_norm(x, inputs[1], inputs[2], gamma, beta, False, 0, a["eps"])
    return F.batch_norm(x, None, None, gamma, beta, True, 0, a["eps"])


def channel_normalize(inputs, a, _):
    x, moments, gamma, beta = inputs
    rows = [t[None, :, None, None] for t in (moments[0], moments[1], gamma, beta)]
    return (x - rows[0]) / torch.sqrt(rows[1] + a["eps"]) * rows[2] + rows[3]


def channel_moments(inputs, _, __):
    variance, mean = torch.var_mean(inputs[0], dim=[0, 2, 3], unbiased=False)
    return torch.stack([mean, variance])


def signed(total, sign, m):
    return {"signed": lambda t: t, "relu": m.relu, "abs": m.abs}[sign](total)


def saliency_map(activations, gradient, method, sign, m):
    """Selvaraju et al. 2017 and Draelos & Carin 2020."""
    weight = gradient.mean((2, 3), keepdim=True) if method == "gradcam" else gradient
    return signed((weight * activations).sum(1), sign, m)


def normalize_map(x, m):
    rows = x.abs().flatten(1)
    m.greatest(rows, 1)
    return x / rows.amax(1).reshape(-1, *[1] * (x.dim() - 1))


def relevance_loss(s, mask, hinge, m):
    """ReLU(R* − R) or 1 − R of R = ΣMS⁺/ΣS⁺ and R* = ΣM²/ΣM; every hinge must be open."""
    s, mask = m.relu(s).flatten(1), mask.flatten(1)
    share = (mask * s).sum(1) / s.sum(1)
    if not hinge:
        return 1 - share
    miss = (mask**2).sum(1) / mask.sum(1) - share
    m.clear(miss.clamp(min=1e-6))
    return F.relu(miss)


def pool(kind):
    def apply(inputs, a, m):
        k, s, p = a["kernelSize"], a["stride"], a["padding"]
        return m.max_pool(inputs[0], k, s, p) if kind == "max" else F.avg_pool2d(inputs[0], k, s, p)

    return apply


def sliced(inputs, a, _):
    return inputs[0][tuple(slice(s, s + n) for s, n in zip(a["start"], a["size"]))]


def padded(inputs, a, _):
    sides = [n for pair in zip(a["before"], a["after"]) for n in pair[::-1]]
    return F.pad(inputs[0], sides[::-1])


def pointwise(f):
    return lambda inputs, _, __: f(*inputs)


OPS = {
    "affine": lambda i, a, _: a["a"] * i[0] + a["b"],
    "exp": pointwise(torch.exp),
    "log": pointwise(torch.log),
    "sqrt": pointwise(torch.sqrt),
    "reciprocal": pointwise(torch.reciprocal),
    "square": pointwise(torch.square),
    "sigmoid": pointwise(torch.sigmoid),
    "tanh": pointwise(torch.tanh),
    "relu": lambda i, _, m: m.relu(i[0]),
    "abs": lambda i, _, m: m.abs(i[0]),
    "add": pointwise(torch.add),
    "sub": pointwise(torch.sub),
    "mul": pointwise(torch.mul),
    "div": pointwise(torch.div),
    "maximum": extreme(1),
    "minimum": extreme(-1),
    "sum": lambda i, a, _: i[0].sum(a["axes"], keepdim=a["keepDims"]),
    "mean": lambda i, a, _: i[0].mean(a["axes"], keepdim=a["keepDims"]),
    "max": lambda i, a, _: i[0].amax(a["axes"], keepdim=a["keepDims"]),
    "reshape": lambda i, a, _: i[0].reshape(a["shape"]),
    "broadcastTo": lambda i, a, _: i[0].expand(a["shape"]),
    "permute": lambda i, a, _: i[0].permute(a["order"]),
    "slice": sliced,
    "pad": padded,
    "concat": lambda i, a, _: torch.cat(i, a["axis"]),
    "matmul": matmul,
    "conv2d": lambda i, a, _: conv(i[0], i[1], i[2] if len(i) > 2 else None, a),
    "conv2dInputGrad": conv_gradient("x"),
    "conv2dWeightGrad": conv_gradient("w"),
    "maxPool2d": pool("max"),
    "avgPool2d": pool("avg"),
    "globalAvgPool": lambda i, _, __: F.adaptive_avg_pool2d(i[0], 1).flatten(1),
    "resizeBilinear": lambda i, a, _: F.interpolate(
        i[0], size=a["size"], mode="bilinear", align_corners=False
    ),
    "batchNorm": batch_norm,
    "channelMoments": channel_moments,
    "channelNormalize": channel_normalize,
    "groupNorm": lambda i, a, _: F.group_norm(i[0], a["groups"], i[1], i[2], a["eps"]),
    "logSoftmax": lambda i, _, __: F.log_softmax(i[0], 1),
    "softmax": lambda i, _, __: F.softmax(i[0], 1),
    "softmaxCrossEntropy": lambda i, _, __: F.cross_entropy(i[0], i[1], reduction="none"),
    "saliency": lambda i, a, m: signed((i[0] * i[1]).sum(1), a["sign"], m),
    "saliencyMap": lambda i, a, m: saliency_map(*i, a["method"], a["sign"], m),
    "normalizeMap": lambda i, _, m: normalize_map(i[0], m),
    "relevanceLoss": lambda i, a, m: relevance_loss(*i, a["hinge"], m),
    "relevanceLossComposite": lambda i, a, m: relevance_loss(*i, a["hinge"], m),
}


def case(op, *inputs, constants=(), **attrs):
    """Inputs as `kind shape` pairs; labels and masks are never differentiated."""
    fixed = [i for i, (kind, _) in enumerate(inputs) if kind.startswith("labels") or kind == "mask"]
    return {
        "op": op,
        "attrs": attrs,
        "inputs": [[kind, list(shape)] for kind, shape in inputs],
        "constants": [*fixed, *constants],
    }


def conv_cases():
    # x, out channels, kernel, stride, padding, dilation, groups
    geometries = [
        ([1, 1, 4, 4], 1, (3, 3), 1, 0, 1, 1),
        ([2, 3, 5, 5], 4, (3, 3), 1, 1, 1, 1),
        ([2, 3, 6, 5], 4, (1, 1), 1, 0, 1, 1),
        ([2, 2, 7, 7], 3, (3, 3), 2, 1, 1, 1),
        ([1, 2, 8, 8], 3, (3, 3), 3, 0, 1, 1),
        ([2, 2, 7, 6], 3, (3, 3), 1, 2, 2, 1),
        ([1, 2, 9, 9], 2, (3, 3), 2, 3, 2, 1),
        ([2, 4, 5, 5], 6, (3, 3), 1, 1, 1, 2),
        ([2, 6, 5, 4], 6, (3, 3), 1, 1, 1, 6),
        ([1, 4, 7, 7], 8, (3, 3), 2, 1, 1, 4),
        ([1, 4, 7, 7], 4, (3, 3), 2, 2, 2, 2),
        ([2, 3, 6, 6], 5, (5, 5), 1, 2, 1, 1),
        ([1, 2, 9, 8], 3, (7, 7), 2, 3, 1, 1),
        ([3, 2, 5, 6], 3, (2, 3), 1, 1, 1, 1),
        ([5, 3, 4, 4], 9, (1, 3), 2, 1, 1, 1),
        ([4, 5, 3, 3], 7, (3, 3), 1, 0, 1, 1),
    ]
    for i, (x, out, kernel, stride, padding, dilation, groups) in enumerate(geometries):
        a = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        w = [out, x[1] // groups, *kernel]
        y = list(conv(torch.zeros(x), torch.zeros(w), None, a).shape)
        yield case("conv2d", ("unit", x), ("unit", w), **a)
        if i % 2 == 1:
            yield case("conv2d", ("unit", x), ("unit", w), ("unit", [out]), **a)
        if i % 2 == 0 or groups > 1:
            yield case("conv2dInputGrad", ("unit", y), ("unit", w), **a, shape=x)
            yield case("conv2dWeightGrad", ("unit", x), ("unit", y), **a, shape=w)


def elementwise_cases():
    kinds = {"log": "positive", "sqrt": "positive", "reciprocal": "apart", "relu": "apart"}
    names = ("exp", "log", "sqrt", "reciprocal", "square", "sigmoid", "tanh", "relu", "abs")
    for shape in ([7], [3, 67], [2, 3, 4, 5]):
        for name in names:
            yield case(name, (kinds.get(name, "apart" if name == "abs" else "unit"), shape))
        yield case("affine", ("unit", shape), a=-1.5, b=0.25)
    pairs = [
        ([4, 5], [4, 5]),
        ([2, 3, 4, 5], [1, 3, 1, 1]),
        ([7, 1], [1, 11]),
        ([5], [3, 2, 5]),
        ([3, 1], [2, 3, 37]),
    ]
    for a, b in pairs:
        for name in ("add", "sub", "mul"):
            yield case(name, ("unit", a), ("unit", b))
        yield case("div", ("unit", a), ("apart", b))
    for a, b in pairs[:3]:
        yield case("maximum", ("unit", a), ("unit", b))
        yield case("minimum", ("unit", a), ("unit", b))


def reduction_cases():
    plans = [
        ([11], [0], False),
        ([3, 4, 5], [1], True),
        ([3, 4, 5], [2], False),
        ([2, 3, 4, 5], [0, 2, 3], True),
        ([2, 37, 3], [1], False),
        ([2, 3, 4], [0, 1, 2], False),
    ]
    for shape, axes, keep in plans:
        for name in ("sum", "mean", "max"):
            kind = "distinct" if name == "max" else "unit"
            yield case(name, (kind, shape), axes=axes, keepDims=keep)


def pooling_cases():
    for x, k, s, p in (
        ([2, 3, 4, 6], 2, 2, 0),
        ([1, 2, 7, 5], 3, 2, 1),
        ([2, 2, 5, 5], 3, 1, 1),
        ([1, 3, 5, 4], 2, 1, 0),
        ([2, 1, 7, 7], 3, 3, 0),
        ([1, 2, 9, 7], 3, 2, 0),
        ([1, 1, 8, 8], 4, 3, 2),
    ):
        yield case("maxPool2d", ("distinct", x), kernelSize=k, stride=s, padding=p)
        yield case("avgPool2d", ("unit", x), kernelSize=k, stride=s, padding=p)
    yield case("globalAvgPool", ("unit", [2, 3, 4, 5]))
    yield case("globalAvgPool", ("unit", [3, 5, 1, 7]))
    for x, size in (
        ([1, 1, 1, 1], [3, 4]),
        ([2, 3, 3, 4], [6, 8]),
        ([1, 2, 4, 4], [4, 4]),
        ([1, 2, 7, 5], [3, 2]),
        ([1, 1, 5, 3], [11, 13]),
        ([1, 1, 13, 11], [1, 1]),
        ([1, 2, 2, 9], [7, 4]),
        ([2, 1, 6, 6], [4, 9]),
    ):
        yield case("resizeBilinear", ("unit", x), size=size)


def normalisation_cases():
    for x in ([2, 3, 4, 4], [4, 2, 3, 5], [8, 5, 1, 2], [3, 4, 6, 6], [2, 1, 5, 7]):
        c = [x[1]]
        scale = [("apart", c), ("unit", c)]
        yield case("batchNorm", ("unit", x), *scale, eps=1e-5)
        running = [("unit", c), ("positive", c)]
        yield case("batchNorm", ("unit", x), *running, *scale, constants=(1, 2), eps=1e-5)
        yield case("channelMoments", ("unit", x))
        yield case("channelNormalize", ("unit", x), ("positive", [2, *c]), *scale, eps=1e-3)
    for x, groups in (([2, 4, 3, 3], 2), ([1, 6, 4, 4], 3), ([3, 4, 2, 5], 1), ([2, 3, 4, 4], 3)):
        c = [x[1]]
        yield case("groupNorm", ("unit", x), ("apart", c), ("unit", c), groups=groups, eps=1e-5)


def dense_cases():
    for m, k, n in ((3, 4, 5), (1, 17, 2), (9, 2, 6)):
        for left, right in ((False, False), (False, True), (True, False), (True, True)):
            a, b = [k, m] if left else [m, k], [n, k] if right else [k, n]
            yield case("matmul", ("unit", a), ("unit", b), transposeA=left, transposeB=right)
    for shape in ([1, 2], [4, 3], [3, 10], [2, 37]):
        yield case("logSoftmax", ("distinct", shape))
        yield case("softmax", ("unit", shape))
        labels = (f"labels {shape[1]}", shape[:1])
        yield case("softmaxCrossEntropy", ("distinct", shape), labels)


def shape_cases():
    x = ("unit", [2, 3, 4])
    for shape in ([24], [4, 6], [2, 1, 3, 4, 1]):
        yield case("reshape", x, shape=shape)
    for order in ([0, 2, 1], [2, 0, 1], [2, 1, 0]):
        yield case("permute", x, order=order)
    yield case("permute", ("unit", [2, 3, 4, 5]), order=[0, 2, 3, 1])
    for start, size in (([0, 0, 0], [1, 3, 4]), ([1, 1, 1], [1, 2, 2]), ([0, 2, 3], [2, 1, 1])):
        yield case("slice", x, start=start, size=size)
    for before, after in (([0, 0, 1], [0, 0, 0]), ([1, 0, 2], [0, 3, 1]), ([0, 0, 0], [1, 1, 1])):
        yield case("pad", x, before=before, after=after)
    for small, shape in (([1], [5]), ([3, 1], [3, 7]), ([4], [2, 3, 4]), ([1, 3, 1], [2, 3, 4])):
        yield case("broadcastTo", ("unit", small), shape=shape)
    yield case("concat", x, ("unit", [2, 3, 1]), axis=2)
    yield case("concat", x, x, x, axis=0)


def saliency_cases():
    for sign in ("signed", "relu", "abs"):
        for a in ([2, 3, 2, 3], [1, 5, 3, 3]):
            yield case("saliency", ("unit", a), ("unit", a), sign=sign)
            pooled = ("unit", [*a[:2], 1, 1])
            yield case("saliency", ("unit", a), pooled, sign=sign)
            for method in ("gradcam", "hirescam"):
                yield case("saliencyMap", ("unit", a), ("unit", a), method=method, sign=sign)
    for shape in ([2, 6], [2, 3, 4], [1, 7, 5], [3, 1, 4, 4]):
        yield case("normalizeMap", ("distinct", shape))
        for hinge in (True, False):
            yield case("relevanceLoss", ("apart", shape), ("mask", shape), hinge=hinge)
            if len(shape) == 3:
                composite = ("apart", shape), ("mask", shape)
                yield case("relevanceLossComposite", *composite, hinge=hinge)


FAMILIES = (
    conv_cases,
    elementwise_cases,
    reduction_cases,
    pooling_cases,
    normalisation_cases,
    dense_cases,
    shape_cases,
    saliency_cases,
)


def cases():
    return [c for family in FAMILIES for c in family()]
