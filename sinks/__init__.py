"""From topics to tables, exactly once: the deliver loop, one writer per topic, maintenance, replay of refused records."""
