"""The command line itself: `reseed compare …`, or `python -m reseed compare …`."""

from __future__ import annotations

import subprocess
import sys

from .errors import ReseedError
from .node import node, script


def main() -> int:
    try:
        command = [node(), script(), *sys.argv[1:]]
    except ReseedError as error:
        print(f"reseed: {error}", file=sys.stderr)
        return 3
    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # The terminal has sent it to the process, too, which stops at a safe point.
            continue


if __name__ == "__main__":
    sys.exit(main())
