"""One file per release of the tables."""
