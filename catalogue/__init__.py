"""What a plant says of its machines: the sheet people fill in, its rules, what a change means, templates by class, coverage.

Pure: bytes and entries in, entries and problems out. Knows no topic, database or file system; the `maint catalogue` commands do.
"""
