"""The language of the topics: schemas, codec, columnar decoder, identifiers. Imports nothing of ours."""
