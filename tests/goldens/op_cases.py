"""Golden cases of single ops: the shapes, kinds of values and attributes that each is taken on."""

import torch

from torch_ops import conv


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
        yield case("scaleShift", ("unit", shape), a=-1.5, b=0.25)
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


REDUCTIONS = [
    ([11], [0], False),
    ([3, 4, 5], [1], True),
    ([3, 4, 5], [2], False),
    ([2, 3, 4, 5], [0, 2, 3], True),
    ([2, 37, 3], [1], False),
    ([2, 3, 4], [0, 1, 2], False),
]


def reduction_cases():
    for shape, axes, keep in REDUCTIONS:
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
        both = ("unit", x), ("distinct", x)
        yield case("maxPool2dGather", *both, constants=(1,), kernelSize=k, stride=s, padding=p)
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


def spread_cases():
    for shape, axes, keep in REDUCTIONS:
        yield case("norm", ("apart", shape), axes=axes, keepDims=keep)
        for name in ("variance", "std"):
            for correction in (0, 1):
                yield case(name, ("apart", shape), axes=axes, keepDims=keep, correction=correction)
    for shape in ([1, 3], [5, 7]):
        yield case("cosineSimilarity", ("apart", shape), ("apart", shape))


# New families stand last: the place of a case decides its seed.
FAMILIES = (
    conv_cases,
    elementwise_cases,
    reduction_cases,
    pooling_cases,
    normalisation_cases,
    dense_cases,
    shape_cases,
    saliency_cases,
    spread_cases,
)


def cases():
    return [c for family in FAMILIES for c in family()]
