"""Each golden op in PyTorch: a function of its inputs, its attributes, and the margins that it must keep."""

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


def spread(of):
    return lambda i, a, _: of(i[0], a["axes"], correction=a["correction"], keepdim=a["keepDims"])


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


def gather(inputs, a, m):
    """v where x has the maximum of each window: what the second derivative of max pooling reads."""
    v, x = inputs
    k, s, p = a["kernelSize"], a["stride"], a["padding"]
    m.max_pool(x, k, s, p)
    y, places = F.max_pool2d(x, k, s, p, return_indices=True)
    return v.flatten(2).gather(2, places.flatten(2)).reshape(y.shape)


def sliced(inputs, a, _):
    return inputs[0][tuple(slice(s, s + n) for s, n in zip(a["start"], a["size"]))]


def padded(inputs, a, _):
    sides = [n for pair in zip(a["before"], a["after"]) for n in pair[::-1]]
    return F.pad(inputs[0], sides[::-1])


def pointwise(f):
    return lambda inputs, _, __: f(*inputs)


OPS = {
    "scaleShift": lambda i, a, _: a["a"] * i[0] + a["b"],
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
    "norm": lambda i, a, _: torch.linalg.vector_norm(i[0], 2, a["axes"], keepdim=a["keepDims"]),
    "variance": spread(torch.var),
    "std": spread(torch.std),
    "cosineSimilarity": lambda i, _, __: F.cosine_similarity(*i, dim=1, eps=1e-8),
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
    "maxPool2dGather": gather,
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
