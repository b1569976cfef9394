"""Recursions over time without a loop over samples."""

import numpy as np

from simulator.life.machine import Floats

NEGLIGIBLE = 1e-9


def follow(keep: float, push: Floats) -> Floats:
    """x[t] = keep * x[t-1] + push[t] along the last axis, by doubling: log(n) sums instead of n steps.

    >>> follow(0.5, np.array([1.0, 0.0, 0.0])).tolist()
    [1.0, 0.5, 0.25]
    """
    x, step, share = push.copy(), 1, keep
    while step < x.shape[-1] and share > NEGLIGIBLE:
        x[..., step:] += share * x[..., :-step].copy()
        step, share = 2 * step, share * share
    return x


def lagged(target: Floats, tau_s: float, period_s: float) -> Floats:
    """First-order lag that begins in balance."""
    keep = float(np.exp(-period_s / tau_s))
    push = (1.0 - keep) * target
    push[..., 0] = target[..., 0]
    return follow(keep, push)


def wander(random: np.random.Generator, shape: tuple[int, ...], tau_s: float, period_s: float) -> Floats:
    """Autoregressive noise of unit variance with memory tau_s."""
    keep = float(np.exp(-period_s / tau_s))
    push = random.standard_normal(shape) * np.sqrt(1.0 - keep**2)
    push[..., 0] /= np.sqrt(1.0 - keep**2)
    return follow(keep, push)
