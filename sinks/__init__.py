"""From topics into tables, exactly once."""
