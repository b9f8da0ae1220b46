"""Puts the program into a wheel: what `npm run python:wheel` has staged in app/, with the addon of one platform.

RESEED_PLATFORM and RESEED_TAG name the platform; without them it is the one that this runs on.
"""

from __future__ import annotations

import os
import platform
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

#: Folder of prebuilds/: package of resvg, tag of the wheel.
PLATFORMS = {
    "linux-x64": ("linux-x64-gnu", "manylinux_2_28_x86_64"),
    "linux-arm64": ("linux-arm64-gnu", "manylinux_2_28_aarch64"),
    "linux-x64-musl": ("linux-x64-musl", "musllinux_1_2_x86_64"),
    "linux-arm64-musl": ("linux-arm64-musl", "musllinux_1_2_aarch64"),
    "darwin-x64": ("darwin-x64", "macosx_11_0_x86_64"),
    "darwin-arm64": ("darwin-arm64", "macosx_11_0_arm64"),
    "win32-x64": ("win32-x64-msvc", "win_amd64"),
}


def running_on() -> str:
    system = {"Linux": "linux", "Darwin": "darwin", "Windows": "win32"}.get(platform.system(), platform.system())
    machine = platform.machine().lower()
    cpu = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}.get(machine, machine)
    musl = system == "linux" and "musl" in str(sysconfig.get_config_var("HOST_GNU_TYPE"))
    return f"{system}-{cpu}{'-musl' if musl else ''}"


class ProgramHook(BuildHookInterface[Any]):
    """For wheels alone; an editable installation takes the program of the clone."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        app = Path(self.root, "app")
        key = os.environ.get("RESEED_PLATFORM") or running_on()
        if not (app / "dist" / "cli" / "main.js").is_file():
            raise SystemExit("reseed: the program is not staged: npm run python:wheel builds a wheel")
        if key not in PLATFORMS:
            raise SystemExit(f"reseed: no wheel for {key}; there are {', '.join(PLATFORMS)}")
        resvg, tag = PLATFORMS[key]
        own = {f"prebuilds/{key}", f"node_modules/@resvg/resvg-js-{resvg}"}
        build_data["tag"] = f"py3-none-{os.environ.get('RESEED_TAG') or tag}"
        build_data["pure_python"] = False
        for file in sorted(app.rglob("*")):
            path = file.relative_to(app).as_posix()
            of_platform = path.startswith(("prebuilds/", "node_modules/@resvg/resvg-js-"))
            if file.is_file() and (not of_platform or any(path.startswith(f"{one}/") for one in own)):
                build_data["force_include"][str(file)] = f"reseed/_app/{path}"
