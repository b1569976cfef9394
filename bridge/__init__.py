"""Field protocols in, readings out: MQTT (Sparkplug B, JSON) and OPC UA to the raw topic.

Read-only towards the field: nothing here writes to a device, except the rebirth request of `rebirth.py`, which is off
unless a person allows it. What came from the field is on disk (`spool.py`) before its source may forget it.
"""
