"""Networks of two hidden layers on plain arrays. Sums run input by input, so that a row answers the same alone and among others."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def answers(rows: Floats, first: Floats, first_start: Floats, second: Floats, second_start: Floats, last: Floats, start: Floats) -> Floats:
    """Mean answer (n,) of several networks with rectifiers.

    Args:
        rows: (n, inputs), scaled.
        first: (networks, inputs, wide) weights into the first layer.
        first_start: (networks, wide).
        second: (networks, wide, narrow) weights into the second layer.
        second_start: (networks, narrow).
        last: (networks, narrow) weights into the answer.
        start: (networks,).

    """
    found = np.zeros(len(rows))
    wide, narrow = np.zeros(first.shape[2]), np.zeros(second.shape[2])
    for i in range(len(rows)):
        for net in range(len(first)):
            wide[:] = first_start[net]
            for k in range(first.shape[1]):
                x = rows[i, k]
                for j in range(len(wide)):
                    wide[j] += x * first[net, k, j]
            narrow[:] = second_start[net]
            for k in range(len(wide)):
                if wide[k] > 0.0:
                    for j in range(len(narrow)):
                        narrow[j] += wide[k] * second[net, k, j]
            answer = start[net]
            for k in range(len(narrow)):
                if narrow[k] > 0.0:
                    answer += narrow[k] * last[net, k]
            found[i] += answer / len(first)
    return found
