"""Writes the goldens: values and derivatives to second order by PyTorch's own backward passes, in float64.

    /usr/bin/python3 -B tests/goldens/generate.py     (Debian: apt-get install python3-torch; 1.13)

Prints the number of cases and the bytes of each file. A second run on a machine writes the same bytes; one on
another may differ in the last digits, and in the rounding errors called float32.

Inputs are not stored: both sides make them from the formula in formula.py and formula.ts. A derivative is
stored as its projection [⟨h, w⟩, scale] on a direction w from the same formula, where every element of h
counts. Errors of max|h| in each element, of random sign, would make one of scale = max|h|·‖w‖₂ in the
projection. A case takes the first seed with which no value comes near a kink and gradients flow. `float32`
is the largest error, relative to the scale, that PyTorch itself makes on the case in float32.

An op y = f(x) becomes a number by L = Σ u·(y + y²/2), so that linear ops bend as well. Stored are L,
⟨∂L/∂x_i, w_i⟩ for each input, and ⟨H v, w_i⟩ with H v = ∂(Σ_j ⟨∂L/∂x_j, v_j⟩)/∂x_i over all inputs at once.
A network case stores its loss and a projection of its gradient by the image and by each weight. The
loss is made of a gradient, so that this gradient is of second order; for cross-entropy it is H v.
"""

import json
import platform
from pathlib import Path

import torch

import classifier_cases
import network_cases
import op_cases
from formula import U, V, W, maker, values
from kinks import Margins, Unfit
from torch_ops import OPS

HERE = Path(__file__).parent
# What a finite difference reaches: 2 steps of 2·10⁻³ along two directions, over a product or a sum of three.
OP_MARGINS = Margins(absolute=0.02, relative=0)
# A hundred times the float32 error of an activation.
NETWORK_MARGINS = Margins(absolute=0, relative=1e-4)


def projection(h, w):
    h, w = h.detach().double(), w.double()
    scale = h.abs().max().item() * w.norm().item()
    return [(h * w).sum().item(), float(f"{scale:.3g}")]


def on_formula(tensors, seed):
    return [projection(t, values("unit", seed, W + i, t.shape)) for i, t in enumerate(tensors)]


def op_golden(case, seed):
    found = op_projections(case, seed, OP_MARGINS)
    rough = op_projections(case, seed, Margins(0, 0), torch.float32)
    count = len(found) // 2
    return {
        "float32": largest_error(rough, found),
        "value": found[0],
        "first": found[1 : 1 + count],
        "second": found[1 + count :],
    }


def op_projections(case, seed, margins, dtype=torch.float64):
    """L, then ∂L/∂x and H v for each differentiated input."""
    made = maker(seed, dtype)
    inputs = [made(kind, i, shape) for i, (kind, shape) in enumerate(case["inputs"])]
    wanted = [x.requires_grad_() for i, x in enumerate(inputs) if i not in case["constants"]]
    y = OPS[case["op"]](inputs, case["attrs"], margins)
    terms = y + y**2 / 2
    u = made("unit", U, y.shape)
    first = torch.autograd.grad((u * terms).sum(), wanted, create_graph=True)
    turned = sum((g * made("unit", V + i, g.shape)).sum() for i, g in enumerate(first))
    second = torch.autograd.grad(turned, wanted)
    return [projection(terms, u), *on_formula(first, seed), *on_formula(second, seed)]


def network_golden(case, seed):
    losses, share, gradients, before = network_cases.evaluate(case, seed, NETWORK_MARGINS)
    if not torch.isfinite(losses).all():
        raise Unfit  # a map without positive saliency has no share and no maximum
    sizes = {name: g.abs().max().item() for name, g in gradients.items()}
    after = [name for name in sizes if name not in before and name != "x"]
    if not (any(sizes[name] for name in before) and any(sizes[name] for name in after)):
        raise Unfit  # dead units: no gradient on one side of the map
    if any(0 < size < 1e-6 * max(sizes.values()) for size in sizes.values()):
        raise Unfit  # a gradient that cancels to 0, where only rounding would be compared
    found = [projection(losses, share), *on_formula(gradients.values(), seed)]
    losses, share, rough, _ = network_cases.evaluate(case, seed, Margins(0, 0), torch.float32)
    rough = [projection(losses, share), *on_formula(rough.values(), seed)]
    return {
        "float32": largest_error(rough, found),
        "value": found[0],
        "gradients": [[name, *pair] for name, pair in zip(gradients, found[1:])],
    }


def largest_error(rough, found):
    """Of PyTorch itself in float32, relative to the scale: how well the case is conditioned."""
    pairs = zip(rough, found)
    worst = max(abs(r - value) / scale for (r, _), (value, scale) in pairs if scale)
    return float(f"{worst:.1e}")


def first_fit_seed(golden, case, start):
    """The case on the first seed from `start` that is fit for it."""
    for seed in range(start, start + 1000):
        try:
            found = golden(case, seed)
        except Unfit:
            continue
        return {**case, "seed": seed, **found}
    raise AssertionError(f"{case}: no seed from {start} on is fit.")


def write(name, cases, golden, **more):
    made = [first_fit_seed(golden, case, 1 + 1000 * i) for i, case in enumerate(cases)]
    head = {"torch": torch.__version__, "python": platform.python_version(), **more}
    lines = [f'"{key}": {json.dumps(value)}' for key, value in head.items()]
    body = ",\n".join(json.dumps(c, allow_nan=False) for c in made)
    text = "{\n" + ",\n".join(lines) + ',\n"cases": [\n' + body + "\n]\n}\n"
    (HERE / name).write_text(text)
    print(f"{name}: {len(made)} cases, {len(text)} bytes")


if __name__ == "__main__":
    torch.set_num_threads(1)
    write("ops.json", op_cases.cases(), op_golden)
    networks = {"networks": network_cases.NETWORKS, "classes": network_cases.CLASSES}
    write("networks.json", network_cases.cases(), network_golden, **networks)
    classifiers = {"batch": classifier_cases.BATCH, "classes": classifier_cases.CLASSES}
    write("classifiers.json", classifier_cases.cases(), classifier_cases.classifier_golden, **classifiers)
