"""Keeps inputs away from kinks, so that float32 and a finite difference see the same branch as float64."""

import torch
import torch.nn.functional as F


class Unfit(Exception):
    """These values prove nothing, lying near where a derivative jumps, say: the case takes the next seed."""


class Margins:
    """How far from a kink the values of a case must be, times `relative` of the largest among them."""

    def __init__(self, absolute, relative):
        self.absolute = absolute
        self.relative = relative

    def clear(self, distance):
        """Checks distances to a kink. An exact 0 passes: both sides take the same branch there."""
        distance = distance.detach().abs()
        need = max(self.absolute, self.relative * distance.max().item())
        if ((distance > 0) & (distance < need)).any():
            raise Unfit

    def relu(self, x):
        self.clear(x)
        return F.relu(x)

    def abs(self, x):
        self.clear(x)
        return x.abs()

    def greatest(self, x, dim):
        """Checks that the greatest value along `dim` is so by a margin."""
        if x.shape[dim] > 1:
            top = x.detach().topk(2, dim=dim).values
            self.clear(top.select(dim, 0) - top.select(dim, 1))

    def max_pool(self, x, kernel, stride, padding):
        padded = F.pad(x, [padding] * 4, value=-1e9)
        windows = padded.unfold(2, kernel, stride).unfold(3, kernel, stride).flatten(4)
        self.greatest(windows, 4)
        return F.max_pool2d(x, kernel, stride, padding)
