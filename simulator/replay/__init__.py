"""Recorded data sets, one module each, and what plays them."""
