"""Qualities of other protocols as OPC UA status codes."""

from bridge.reading import BAD, GOOD, UNCERTAIN, UNCERTAIN_LAST_USABLE_VALUE

STALE = 500  # Sparkplug B 3.0, 6.4.1: property Quality is 0 (bad), 192 (good) or 500 (stale)
CLASSIC_MASK = 0xC0  # OPC DA: the top two bits of the quality byte
CLASSIC = {0xC0: GOOD, 0x40: UNCERTAIN}


def status(quality: int) -> int:
    """Status of a Sparkplug or classic OPC quality; a code that already is one of OPC UA is kept.

    >>> [hex(status(quality)) for quality in (192, 0, 500, 64, 0x80310000)]
    ['0x0', '0x80000000', '0x40900000', '0x40000000', '0x80310000']
    """
    if quality == STALE:
        return UNCERTAIN_LAST_USABLE_VALUE
    if 0 <= quality <= 0xFF:
        return CLASSIC.get(quality & CLASSIC_MASK, BAD)
    code = quality & 0xFFFFFFFF  # Java gateways send the code as a signed number
    return code if code >= UNCERTAIN else BAD
