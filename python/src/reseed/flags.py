"""Keywords as flags of the command line: `subtract_decoder_bias=True` is `--subtract-decoder-bias yes`."""

from __future__ import annotations

from collections.abc import Sequence


def flags(**keywords: object) -> list[str]:
    """Those that are None, and switches that are off, are left out: the command line has their defaults."""
    arguments: list[str] = []
    for name, value in keywords.items():
        flag = f"--{name.replace('_', '-')}"
        if name == "cache":
            arguments += [] if value else ["--no-cache"]
        elif name == "subtract_decoder_bias":
            arguments += [] if value is None else [f"{flag}={'yes' if value else 'no'}"]
        elif name == "ignore":
            names = [value] if isinstance(value, str) else list(value) if isinstance(value, Sequence) else []
            arguments += [f"{flag}={','.join(str(one) for one in names)}"] if names else []
        elif value is True:
            arguments.append(flag)
        elif value is not None and value is not False:
            arguments.append(f"{flag}={value}")
    return arguments
