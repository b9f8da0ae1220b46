"""SAEs and activations for the tests, and a temporary folder that must be empty behind each of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Arrays = dict[str, Any]

WIDTH, FEATURES, ROWS = 16, 32, 1500


def made(seed: int, common: float = 0.5) -> Arrays:
    """A state dict; a share of its directions is the same for every seed."""
    shared = np.random.default_rng(0).standard_normal((int(common * FEATURES), WIDTH), dtype=np.float32)
    own = np.random.default_rng(seed).standard_normal((FEATURES - len(shared), WIDTH), dtype=np.float32)
    decoder = np.concatenate([shared, own])
    decoder /= np.linalg.norm(decoder, axis=1, keepdims=True)
    return {
        "W_enc": np.ascontiguousarray(decoder.T),
        "b_enc": np.zeros(FEATURES, np.float32),
        "W_dec": decoder,
        "b_dec": np.zeros(WIDTH, np.float32),
    }


class Module:
    """What a torch module offers, without torch."""

    def __init__(self, state: Arrays, **fields: Any) -> None:
        self._state = state
        for name, value in fields.items():
            setattr(self, name, value)

    def state_dict(self) -> Arrays:
        return self._state


TOPK = {"architecture": "topk", "k": 4, "apply_b_dec_to_input": False}


@pytest.fixture
def saes() -> list[Module]:
    return [Module(made(seed), cfg=TOPK) for seed in (1, 2, 3)]


@pytest.fixture
def x() -> np.ndarray[Any, np.dtype[np.float32]]:
    random = np.random.default_rng(9)
    codes = random.random((ROWS, FEATURES)) * (random.random((ROWS, FEATURES)) < 0.1)
    return np.asarray(codes @ made(1)["W_dec"], np.float32)


@pytest.fixture(autouse=True)
def temporary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Nothing is left behind, whatever a test does."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setenv("RESEED_CACHE", "off")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert [path.name for path in folder.iterdir()] == []
