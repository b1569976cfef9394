"""A plant that wears out, with sealed truth, and the replay of recorded data sets."""
