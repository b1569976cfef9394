"""The Faust wiring: topics, transport, agents, marks."""
