"""Benchmarks: `make bench`, `make chaos`; each module says what it measures."""

from streams import kernels

kernels.keep()  # the same folder as the workers': the clock must not run while kernels are compiled
