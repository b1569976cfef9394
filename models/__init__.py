"""Models: data sets, training, cards, registry and serving. Knows nothing of Kafka, and nothing of the simulator's truth."""
