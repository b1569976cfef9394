"""Kinds of artifacts: one module each with `make(artifact)`, which returns a Predictor (models/predictor.py)."""
