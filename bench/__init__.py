"""Benchmarks that print tables."""
