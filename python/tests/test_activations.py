"""Activations: what is a file stays one, everything else is written as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reseed import ReseedError
from reseed.activations import activations_argument
from reseed.workspace import Workspace


def written(x: object) -> tuple[str, list[Any]]:
    """The argument, and the arrays of the files that were written."""
    with Workspace() as workspace:
        argument = activations_argument(x, "x", workspace)
        return argument, [np.load(path) for path in sorted(workspace.path.rglob("*.npy"))]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "x.npy"
    np.save(path, np.arange(60, dtype=np.float32).reshape(12, 5))
    return path


def test_files_are_not_copied(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert written(file) == (str(file), [])
    assert written(np.load(file, mmap_mode="r")) == (str(file), [])
    monkeypatch.chdir(file.parent)
    assert written("x.npy") == (str(file), [])
    assert written(np.load("x.npy", mmap_mode="r")) == (str(file), [])


def test_a_change_of_a_mapped_file_is_in_it(file: Path) -> None:
    mapped = np.load(file, mmap_mode="r+")
    mapped[3, 3] = 99
    assert written(mapped) == (str(file), [])
    assert np.load(file)[3, 3] == 99


@pytest.mark.parametrize(
    "part",
    [
        lambda x: x[2:],
        lambda x: x[::-1],
        lambda x: x[:, 1:],
        lambda x: x[::2],
        lambda x: x.reshape(10, 6),
        lambda x: x.T,
        lambda x: x[:6].view(),
        lambda x: x[np.arange(12)[::-1]],
    ],
)
def test_parts_of_a_mapped_file_are_written(file: Path, part: Any) -> None:
    x = part(np.load(file, mmap_mode="r"))
    argument, [saved] = written(x)
    assert argument == "x.npy"
    np.testing.assert_array_equal(saved, x)


def test_what_was_changed_in_memory_alone_is_written(file: Path) -> None:
    x = np.load(file, mmap_mode="c")
    x[0, 0] = 7
    _, [saved] = written(x)
    assert saved[0, 0] == 7


@pytest.mark.parametrize("dtype", ["<f4", ">f4", "<f2", "<f8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_are_written_as_they_are(dtype: str, order: Any) -> None:
    x = np.asarray(np.random.default_rng(0).standard_normal((7, 3)), dtype, order=order)
    _, [saved] = written(x)
    np.testing.assert_array_equal(saved, x)
    assert saved.dtype == x.dtype.newbyteorder("<")


def test_batches_are_written_one_behind_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reseed.activations._SHARD", 300)
    x = np.random.default_rng(0).standard_normal((50, 4)).astype(np.float32)
    argument, shards = written(x[i : i + 7] for i in range(0, 50, 7))
    assert argument == "x"
    assert len(shards) == 4
    np.testing.assert_array_equal(np.concatenate(shards), x)
    monkeypatch.setattr("reseed.activations._SHARD", 2**20)
    # Sequences of other lengths begin another file, as do values of another type.
    _, shards = written([np.zeros((2, 3, 4)), np.zeros((1, 3, 4)), np.zeros((2, 5, 4)), np.zeros((2, 5, 4), np.float32)])
    assert [shard.shape for shard in shards] == [(3, 3, 4), (2, 5, 4), (2, 5, 4)]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (3, "usage.argument"),
        ({"a": 1}, "usage.argument"),
        (np.zeros(3), "input.shape"),
        (np.float32(3), "input.shape"),
        ([], "input.shape"),
        ([np.zeros(3)], "input.shape"),
        (iter("ab"), "input.shape"),
        (np.array([["a"]]), "input.format"),
        (np.array([[object()]]), "input.format"),
        (np.zeros((2, 2), complex), "input.format"),
        (np.zeros((2, 2), bool), "input.format"),
    ],
)
def test_others_are_refused(wrong: object, code: str) -> None:
    with pytest.raises(ReseedError) as caught:
        written(wrong)
    assert caught.value.code == code
    assert str(caught.value.field).startswith("activations")
