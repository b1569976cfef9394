"""The exam: a simulated plant through the platform's own rules, without Kafka, judged by the sealed truth."""
