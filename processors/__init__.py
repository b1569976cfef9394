"""Pure functions and kernels: no Kafka, database, clock, environment or files."""
