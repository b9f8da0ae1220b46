"""Objects are read as the command line reads the files of their packages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import reseed
from conftest import FEATURES, TOPK, WIDTH, Module, made
from reseed import ReseedError, Sae


class AutoEncoderTopK(Module):
    """Of the name and the tensors that dictionary_learning has."""


class SparseCoder(Module):
    """Of sparsify."""


def layers(seed: int) -> dict[str, Any]:
    plain = made(seed)
    return {
        "encoder.weight": plain["W_enc"].T,
        "encoder.bias": plain["b_enc"],
        "decoder.weight": plain["W_dec"].T,
        "b_dec": plain["b_dec"],
    }


def seen(sae: object, **options: Any) -> str:
    return str(reseed.inspect(sae, **options))


def test_dictionary_learning() -> None:
    state = layers(1) | {"k": np.asarray(5), "threshold": np.asarray(-1.0, np.float32)}
    assert "dictionary_learning SAE, topk with k 5" in seen(AutoEncoderTopK(state))


def test_another_class_of_the_same_name_is_not_taken_for_it(x: Any) -> None:
    assert "a plain state dict SAE, topk with k 4" in seen(AutoEncoderTopK(made(1), cfg=TOPK), activations=x)


def test_sparsify() -> None:
    plain = layers(1)
    state = {**{name: plain[name] for name in ("encoder.weight", "encoder.bias", "b_dec")}, "W_dec": made(1)["W_dec"]}
    cfg = {"k": 6, "num_latents": FEATURES, "activation": "topk", "transcode": False, "skip_connection": False}
    assert "sparsify SAE, topk with k 6" in seen(SparseCoder(state, cfg=cfg, d_in=WIDTH))


@pytest.mark.parametrize("config", [TOPK, type("Config", (), {"to_dict": lambda self: TOPK})()])
def test_settings_beside_the_weights(config: Any) -> None:
    assert "topk with k 4" in seen(Module(made(1), config=config))


def test_nested_state_dicts() -> None:
    checkpoint = {"state_dict": made(1), "cfg": {**TOPK, "lr": 1e-3}, "step": 5}
    assert "topk with k 4" in seen(checkpoint)


def test_numbers_of_numpy_are_settings() -> None:
    settings = {"architecture": "topk", "k": np.int64(3), "apply_b_dec_to_input": np.bool_(False)}
    assert "topk with k 3" in seen({**made(1), **settings})


def test_lists_of_modules_are_several() -> None:
    class ModuleList(list[Any]):
        """As torch's, which has a state dict of its own."""

        def state_dict(self) -> dict[str, Any]:
            return {}

    assert reseed.compare(ModuleList([Module(made(1)), Module(made(2))]), progress=False).ids == ["sae0", "sae1"]


def test_what_nothing_says_is_asked_for_as_of_a_file(x: Any) -> None:
    biased = [{**made(seed), "b_dec": np.ones(WIDTH, np.float32)} for seed in (1, 2)]
    with pytest.raises(ReseedError) as caught:
        reseed.compare(biased, x, progress=False)
    error = caught.value
    assert error.code == "input.format"
    assert error.file == "sae0 (dict)"
    assert error.field == "architecture, b_dec"
    assert "--subtract-decoder-bias yes or no" in str(error.expected)
    assert "--subtract-decoder-bias is subtract_decoder_bias=" in str(error)
    stated: Any = {"architecture": "topk", "k": 4, "subtract_decoder_bias": True}
    found = reseed.compare(biased, x, draws=2, progress=False, **stated)
    alone = reseed.compare([Sae(one, **stated) for one in biased], x, draws=2, progress=False)
    assert found.results["groups"] == alone.results["groups"]


def test_half_precision_and_other_orders() -> None:
    decoder = made(1)["W_dec"]
    exact = decoder.astype(np.float16).astype(np.float32)
    forms = [
        exact,
        exact.astype(np.float16),
        np.asfortranarray(exact),
        exact.astype(">f8"),
        np.repeat(exact, 2, 0)[::2],
        exact.astype(np.longdouble),
    ]
    for form in forms[1:]:
        found = reseed.compare([exact, form], progress=False)
        assert found.results["groups"][0]["metrics"]["decoder.max"]["mean"] == pytest.approx(1, abs=1e-6)


def test_weights_that_are_no_numbers_are_a_finding() -> None:
    broken = made(1)["W_dec"].copy()
    broken[3, 2] = np.nan
    found = reseed.compare([broken, made(2)["W_dec"]], progress=False)
    assert "numerics.non-finite" in [finding["id"] for finding in found.findings]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (object(), "input.format"),
        (3, "input.format"),
        ({}, "input.format"),
        (Module({}), "input.format"),
        (np.zeros(4), "input.shape"),
        (np.zeros((4, 4), complex), "input.format"),
        ("no/such/file", "input.file"),
    ],
)
def test_others_are_refused(wrong: object, code: str) -> None:
    with pytest.raises(ReseedError) as caught:
        reseed.compare([made(1), wrong], progress=False)
    assert caught.value.code == code


@pytest.mark.parametrize("name", ["a/b", "..", "", "a:k=3", "a#1", " a", "x" * 101, "A"])
def test_names_that_cannot_be_folders_are_refused(name: str) -> None:
    with pytest.raises(ReseedError) as caught:
        reseed.compare([Sae(made(1), "a"), Sae(made(2), name or " ")], progress=False)
    assert caught.value.code == "usage.argument"
    assert caught.value.field == "saes[1]"
