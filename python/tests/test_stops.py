"""Work that ends early leaves nothing behind: interrupts, full disks, a server whose owner is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import reseed
from conftest import Module
from reseed import ReseedError
from reseed.command import run
from reseed.progress import Progress

HERE = Path(__file__).parent

LONG = """
import sys, numpy as np, reseed
r = np.random.default_rng(0)
print("began", flush=True)
try:
    reseed.compare([r.standard_normal((20_000, 512), dtype=np.float32) for _ in range(2)], cache=False, progress=False)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def children(pid: int) -> list[int]:
    found = subprocess.run(["ps", "--ppid", str(pid), "-o", "pid="], capture_output=True, text=True).stdout
    return [int(one) for one in found.split()]


def until(true: Any, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_an_os_error_of_an_iterator_passes_through(saes: list[Module], x: Any, tmp_path: Path) -> None:
    def batches() -> Any:
        yield x[:10]
        (tmp_path / "none").read_bytes()

    with pytest.raises(FileNotFoundError):
        reseed.compare(saes, batches(), progress=False)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("after", [0.0, 1.5])
def test_an_interrupt_ends_the_work_within_a_second(after: float, temporary: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", LONG], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "began\n"
    until(lambda: children(process.pid))
    [node] = children(process.pid)
    time.sleep(after)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "interrupted\n"
    took = time.monotonic() - began
    process.wait()
    assert not Path(f"/proc/{node}").exists()
    assert took < 1


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="mounts of Linux")
@pytest.mark.parametrize(("size", "what"), [("16k", "objects"), ("1100k", "report")])
def test_a_full_disk_is_one_error(size: str, what: str, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    code = f"""
import os, sys, numpy as np
sys.path.insert(0, {str(HERE)!r})
import reseed
from conftest import made
saes = [made(i) for i in range(2)]
x = np.random.default_rng(0).standard_normal((15_000 if {what!r} == "report" else 20, 16), dtype=np.float32)
try:
    reseed.compare(saes, x, architecture="topk", k=4, draws=2, progress=False)
except reseed.ReseedError as error:
    print(error.code, "|", error, "|", os.listdir({str(disk)!r}))
"""
    mount = f'mount -t tmpfs -o size={size} tmpfs {disk} && TMPDIR={disk} exec {sys.executable} -c "$CODE"'
    done = subprocess.run(["unshare", "-rm", "sh", "-c", mount], env={**os.environ, "CODE": code}, capture_output=True, text=True)
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"no disk can be made here: {done.stderr.strip()}")
    assert done.stdout.startswith("input.file |"), done.stdout + done.stderr
    assert "[]" in done.stdout
    assert "disk is full" in done.stdout or "No space left" in done.stdout


def test_an_exception_of_an_iterator_passes_through(saes: list[Module], x: Any) -> None:
    def batches() -> Any:
        yield x[:10]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        reseed.compare(saes, batches(), progress=False)


def test_activations_that_are_no_numbers(saes: list[Module], x: Any) -> None:
    x[7, 3] = np.inf
    with pytest.raises(ReseedError) as caught:
        reseed.compare(saes, x, progress=False)
    assert caught.value.code == "input.non-finite"
    assert "row 7, column 3" in str(caught.value)


def test_a_process_that_dies_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "main.js"
    program.write_text("process.stderr.write('boom\\n'); process.kill(process.pid, 'SIGKILL')")
    monkeypatch.setattr("reseed.command.script", lambda: str(program))
    with pytest.raises(ReseedError) as caught:
        run([], cwd=tmp_path, progress=Progress(False))
    assert caught.value.code == "internal"
    assert "boom" in str(caught.value.found)


def test_no_node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RESEED_NODE", str(tmp_path / "node"))
    with pytest.raises(ReseedError) as caught:
        reseed.null(8, 16)
    assert caught.value.field == "RESEED_NODE"


def test_the_page_lasts_as_long_as_its_owner(saes: list[Module], x: Any) -> None:
    found = reseed.compare(saes, x, draws=2, progress=False)
    with found.explore(height=300) as page:
        answer = urllib.request.urlopen(page.url)
        assert "frame-ancestors http://127.0.0.1:*" in answer.headers["content-security-policy"]
        assert f'src="{page.url}"' in page._repr_html_()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(page.url)
    with pytest.raises(ReseedError):
        reseed.explore("no-such-folder")


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_the_page_is_gone_with_a_python_that_was_killed(saes: list[Module], tmp_path: Path) -> None:
    reseed.compare(saes, out=tmp_path / "out", progress=False)
    code = f"import reseed, time; page = reseed.explore({str(tmp_path / 'out')!r}); print(page.url, flush=True); time.sleep(99)"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("http://127.0.0.1:")
    [node] = children(process.pid)
    process.kill()
    process.wait()
    until(lambda: not Path(f"/proc/{node}").exists(), 10)
