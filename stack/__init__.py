"""The native local stack: Kafka, PostgreSQL and company without Docker."""
