"""Micro-batches of one partition under Faust: spans, snapshots, outputs, watchdog, identity of topics.

It reaches into Faust and aiokafka, so their exact versions are asserted at import.
"""

from streams.transport.pins import check

check()
