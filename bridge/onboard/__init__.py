"""What a plant's own systems say of its sensors, as a proposal for the catalogue: a sheet that a person corrects."""
