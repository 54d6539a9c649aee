"""The values of every golden case, from one integer formula; formula.ts is the same in TypeScript."""

import torch

MASK = 0xFFFFFFFF

# Streams of a case: inputs count from 0.
U, V, W = 100, 200, 300


def hashes(seed, stream, count):
    """32-bit hashes of (seed, stream, 0 … count − 1): a linear mix, then MurmurHash3's finaliser."""
    x = torch.arange(count, dtype=torch.int64) * 0x9E3779B1 + seed * 0x85EBCA77 + stream * 0xC2B2AE3D
    x = x & MASK
    x = ((x ^ (x >> 16)) * 0x85EBCA6B) & MASK
    x = ((x ^ (x >> 13)) * 0xC2B2AE35) & MASK
    return x ^ (x >> 16)


def unit(h):
    """Odd multiples of 2⁻²⁰ in (−1, 1): never 0, and exact in float32."""
    return ((h >> 12).double() + 0.5) / 2**19 - 1


def ranks(h):
    """The place of each hash among all, ties by index."""
    place = torch.empty_like(h)
    place[torch.argsort(h, stable=True)] = torch.arange(len(h))
    return place


def values(kind, seed, stream, shape):
    """Float64 values that float32 holds exactly; each kind says what it keeps away from."""
    count = 1
    for n in shape:
        count *= n
    h = hashes(seed, stream, count)
    if kind.startswith("labels "):  # whole numbers below the number of classes
        return (h % int(kind.split()[1])).reshape(shape)
    made = {
        "unit": lambda: unit(h),
        "apart": lambda: torch.sign(unit(h)) * (unit(h).abs() + 0.25),  # from 0
        "positive": lambda: unit(h).abs() + 0.5,
        "distinct": lambda: (ranks(h).double() - count // 2 + 0.25) / 16,  # also in magnitude
        "mask": lambda: ((h >> 22).double() / 2**10) ** 2,  # in [0, 1), most of it small
        "signs": lambda: torch.sign(unit(h)),
    }
    return made[kind]().reshape(shape)


def maker(seed, dtype):
    """`values` of one seed, those that are not whole numbers in `dtype`."""

    def made(kind, stream, shape):
        v = values(kind, seed, stream, shape)
        return v.to(dtype) if v.is_floating_point() else v

    return made
