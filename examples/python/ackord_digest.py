"""How a replica proves that it is equal: checksums of records, and the digest of many.

Job: SHA-256 over canonical JSON (RFC 8785), as docs/protocol.md says under "Checksums".
Promise: equal content has equal checksums, whatever the order of members or the way in which numbers came.
"""

import hashlib
import json
import math


def format_digest(count, first, last):
    return f"{count}:{first % 2**64:016x}{last % 2**64:016x}"


def record_checksum(domain, record):
    content = {"type": f"{domain}.{record['type']}", **{name: record[name] for name in ("id", "version", "fields")}}
    return hashlib.sha256(canonical(content).encode()).digest()[:16]


def canonical(value):
    """JSON after RFC 8785: members in the order of their UTF-16 units, numbers and strings as JavaScript writes them."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(name)}:{canonical(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return canonical_number(value)
    return json.dumps(value, ensure_ascii=False)


def canonical_number(value):
    """JSON knows one kind of number, the double; Python's digits are the right ones, their layout is not."""
    if isinstance(value, int) and abs(value) <= 2**53:
        return str(value)
    value = float(value)
    if not math.isfinite(value):
        raise ValueError("JSON has no such number")
    if value == 0:
        return "0"
    mantissa, _, exponent = f"{value!r}".partition("e")
    sign, digits = ("-", mantissa[1:]) if mantissa[0] == "-" else ("", mantissa)
    whole, _, part = digits.partition(".")
    point = len(whole) + int(exponent or 0)
    digits = whole + part
    point -= len(digits) - len(digits.lstrip("0"))
    digits = digits.strip("0")
    return sign + layout(digits, point)


def layout(digits, point):
    """The digits with the point behind the first `point` of them, as ECMAScript's Number::toString lays them out."""
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    exponent = f"e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return digits[0] + (f".{digits[1:]}" if count > 1 else "") + exponent
