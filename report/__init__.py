"""What the readings of a plant are worth: series in, findings out. Pure: no Kafka, no database, no clock, no files."""
