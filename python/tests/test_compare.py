"""A comparison has the numbers of the command line, and gives them as tables, figures and HTML."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import reseed
from conftest import Module, made
from reseed.node import node, script
from reseed.safetensors_file import write_safetensors


def test_numbers_are_those_of_the_command_line(saes: list[Module], x: Any, tmp_path: Path) -> None:
    for i, sae in enumerate(saes):
        folder = tmp_path / f"sae{i}"
        folder.mkdir()
        write_safetensors(folder / "sae.safetensors", sae.state_dict(), "")
        (folder / "config.json").write_text(json.dumps(sae.cfg))  # type: ignore[attr-defined]
    np.save(tmp_path / "x.npy", x)
    command = [node(), script(), "compare", "sae0", "sae1", "sae2", "--activations", "x.npy", "--json", "-", "--draws", "3"]
    told = json.loads(subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout)
    found = reseed.compare(saes, x, draws=3, progress=False).results
    assert found["groups"] == told["groups"]
    for one, other in zip(found["saes"], told["saes"], strict=True):
        assert {**one, "path": ""} == {**other, "path": ""}
    paths = reseed.compare([tmp_path / f"sae{i}" for i in range(3)], tmp_path / "x.npy", draws=3, progress=False)
    assert paths.results["groups"] == told["groups"]


@pytest.mark.parametrize("frames", ["pandas", "polars"])
def test_tables(saes: list[Module], x: Any, frames: Any) -> None:
    found = reseed.compare({"seed 1": saes[0], "seed 2": saes[1], "seed 3": saes[2]}, x, draws=2, progress=False)
    assert found.ids == ["seed 1", "seed 2", "seed 3"]
    metrics = found.table("metrics", frames)
    names = list(metrics["metric"])
    measured = found.results["groups"][0]["metrics"]
    assert names == list(measured)
    columns: dict[str, Any] = {
        "mean": lambda m: m["mean"],
        "corrected": lambda m: m["corrected"],
        "null": lambda m: m["null"]["mean"],
        "high": lambda m: m["interval"]["high"],
    }
    for column, value in columns.items():
        assert list(metrics[column]) == [value(measured[name]) for name in names]
    features = found.table("features", frames)
    assert len(features) == 3 * 32 * 2
    stable = found.stable()
    for sae, indices in stable.items():
        rows = [
            (int(f), float(s))
            for one, f, s in zip(features["sae"], features["feature"], features["stability"], strict=True)
            if one == sae
        ]
        assert indices.tolist() == sorted({f for f, s in rows if s == 1})
    # The first half of each is the same to the bit.
    assert all(set(range(16)) <= set(found.stable(by="0.9")[sae].tolist()) for sae in found.ids)
    assert len(found.stable(at_least=0)["seed 1"]) == 32


def test_what_a_notebook_shows(saes: list[Module], x: Any, tmp_path: Path) -> None:
    found = reseed.compare(saes, x, draws=2, progress=False)
    cell = found._repr_html_()
    assert "Do the features come back?" in cell
    assert "prefers-color-scheme: dark" in cell
    assert "<svg" in cell
    assert "<script" not in cell
    assert found.verdict in repr(found)
    assert "Verdict" in str(found)
    assert "scores" in found.figures
    assert found.figure()._repr_svg_().startswith("<svg")
    assert found.figure("pairs").png.startswith(b"\x89PNG")
    again = pickle.loads(pickle.dumps(found))
    assert again.results == found.results
    saved = found.save(tmp_path / "deep" / "report")
    assert {"report.html", "results.json", "features.parquet"} <= {path.name for path in saved.iterdir()}


def test_out_is_written_and_read(saes: list[Module], tmp_path: Path) -> None:
    found = reseed.compare(saes, out=tmp_path / "result", progress=False)
    assert (tmp_path / "result" / "report.html").is_file()
    assert len(found.features) == 3 * 32 * 2
    assert found.ids == ["sae0", "sae1", "sae2"]


def test_tokens_make_examples(saes: list[Module], x: Any) -> None:
    tokens = {"document": [0] * len(x), "position": range(len(x)), "token": [f" t{i}" for i in range(len(x))]}
    examples = reseed.compare(saes, x, tokens, draws=2, progress=False).table("examples")
    assert {"sae", "feature"} <= set(examples.columns)
    assert len(examples) > 0


def test_other_commands(saes: list[Module], x: Any, tmp_path: Path) -> None:
    level = reseed.null(128, 1024, draws=2)
    assert level["null"]["mean"] == pytest.approx(0.2988, abs=1e-4)
    looked = reseed.inspect(saes[0], x)
    assert looked.data["saes"][0]["architecture"] == "topk" if "saes" in looked.data else "topk" in str(looked)
    assert "sae0 (conftest.Module)" in str(looked)
    agreed = reseed.consensus(saes, x, steps=5, progress=False)
    assert len(agreed.families) >= 16 * 3
    assert (agreed.save(tmp_path / "agreed") / "saelens" / "cfg.json").is_file()
    written = reseed.convert(saes[0], "saelens", tmp_path / "converted")
    assert "topk" in str(reseed.inspect(written))
    settings = {"architecture": "topk", "k": 4, "apply_b_dec_to_input": False, "relu": False}
    with pytest.warns(UserWarning, match="ReLU"):
        reseed.convert({**made(1), **settings}, "saelens", tmp_path / "without-relu")
    said = subprocess.run([sys.executable, "-m", "reseed", "--version"], capture_output=True, text=True, check=True).stdout
    assert said.strip() == reseed.__version__
