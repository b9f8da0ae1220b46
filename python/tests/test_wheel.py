"""The two tables of platforms, of the script that stages a wheel and of the hook that fills it, are the same."""

from __future__ import annotations

import json
import re
from pathlib import Path

import reseed

HERE = Path(__file__).parents[1]


def test_platforms() -> None:
    staged = re.findall(r"key: '(.*?)', resvg: '(.*?)', tag: '(.*?)'", (HERE / "wheel" / "platforms.mjs").read_text())
    filled = re.findall(r'"(.*?)": \("(.*?)", "(.*?)"\)', (HERE / "hatch_build.py").read_text())
    assert len(staged) == 7
    assert staged == filled


def test_version() -> None:
    assert json.loads((HERE.parent / "package.json").read_text())["version"] == reseed.__version__
