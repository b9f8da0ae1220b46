"""Holds `reseed harvest` against transformers, and its pace against onnxruntime in Python on the same cut graph.

    python bench/harvest.py MODEL TEXT.txt OUT [--gguf FILE] [--block 3] [--contexts 256] [--threads 2] [--rounds 3]

MODEL is a folder of a Hugging Face model (config, weights, tokenizer.json). Where it has no model.onnx, one is exported into
it, as `optimum-cli export onnx` would. With --gguf MODEL is what examples/language-model/convert.py has made of that file, and
transformers reads weights and tokenizer from the file by itself. TEXT is read by both. OUT gets what is harvested; everything
below it is removed.
Needs torch, transformers, onnx, onnxruntime, safetensors, pyarrow, and with --gguf also gguf and accelerate; and, where it is
called, the npm packages that `reseed harvest` asks for. npm packages are looked for in the current folder.
"""

import argparse
import json
import shutil
import subprocess
import time
from pathlib import Path

import numpy as np
import onnxruntime
import pyarrow.parquet
import torch
from safetensors.numpy import load_file
from transformers import AutoModel, AutoTokenizer

root = Path(__file__).resolve().parent.parent
length, batch = 128, 8


def export(folder: Path) -> Path:
    """The model as ONNX, with the names that the usual exports give."""
    path = folder / "model.onnx"
    if path.exists():
        return path
    model = AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    model.config.use_cache = False
    names = ["input_ids", "attention_mask"]
    if model.config.model_type == "bert":
        names.append("token_type_ids")

    def forward(*given):
        return call(**dict(zip(names, given))).last_hidden_state

    # The path of a module is kept in the names of nodes, so the model itself is exported.
    call, model.forward = model.forward, forward
    ids = torch.ones(2, 7, dtype=torch.long)
    axes = {name: {0: "batch", 1: "sequence"} for name in [*names, "last_hidden_state"]}
    torch.onnx.export(
        model,
        (ids, torch.ones_like(ids), torch.zeros_like(ids))[: len(names)],
        str(path),
        dynamo=False,
        opset_version=17,
        input_names=names,
        output_names=["last_hidden_state"],
        dynamic_axes=axes,
    )
    return path


def loaded(kind, options, **settings):
    """A model or a tokenizer, as transformers reads it."""
    if options.gguf:
        return kind.from_pretrained(options.gguf.parent, gguf_file=options.gguf.name, **settings)
    return kind.from_pretrained(options.model, **settings)


def contexts(tokenizer, text: str, most: int):
    """As docs/harvest.md says: the separator, then the next tokens of the text."""
    separator = next(
        one
        for one in (tokenizer.bos_token_id, tokenizer.cls_token_id, tokenizer.eos_token_id)
        if one is not None
    )
    ids = tokenizer(text, add_special_tokens=False, verbose=False).input_ids
    rows = [ids[at : at + length - 1] for at in range(0, len(ids), length - 1)]
    return np.array([[separator, *row] for row in rows if len(row) == length - 1][:most]), separator


def harvest(model: Path, text: Path, out: Path, site: str, options) -> float:
    """Rows a second, from the first to the last row."""
    shutil.rmtree(out, ignore_errors=True)
    command = ["node", str(root / "dist/cli/main.js"), "harvest", str(model), str(text), "--to", str(out)]
    command += ["--tensor", site, "--context", str(length), "--batch", str(batch)]
    command += ["--contexts", str(options.contexts), "--threads", str(options.threads)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout.split(" rows a second")[0].split(", ")[-1])


def cut(model: Path, to: Path, tensor: str) -> None:
    code = f"""
        import {{ readFileSync, writeFileSync }} from 'node:fs';
        const {{ parseModel }} = await import('{root}/dist/activations/onnx/graph.js');
        const {{ cutModel }} = await import('{root}/dist/activations/onnx/cut.js');
        const model = parseModel(readFileSync('{model}'), 'model');
        writeFileSync('{to}', cutModel(model, ['{tensor}']).bytes);
    """
    subprocess.run(["node", "--input-type=module", "-e", code], check=True)


def in_python(graph: Path, tensor: str, ids, threads: int) -> float:
    """Rows a second of onnxruntime alone; the row of the separator is counted as none, as harvest counts."""
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads, settings.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(str(graph), settings, providers=["CPUExecutionProvider"])
    wanted = [one.name for one in session.get_inputs()]

    def feeds(part):
        every = {"input_ids": part, "attention_mask": np.ones_like(part), "token_type_ids": np.zeros_like(part)}
        return {name: every[name] for name in wanted}

    started = time.perf_counter()
    for at in range(0, len(ids), batch):
        session.run([tensor], feeds(ids[at : at + batch]))
    return len(ids) * (length - 1) / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("text", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--gguf", type=Path)
    parser.add_argument("--block", type=int, default=3)
    parser.add_argument("--contexts", type=int, default=256)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    site = f"blocks.{options.block}.hook_resid_post"
    graph = options.model / "model.onnx" if options.gguf else export(options.model)
    out = options.out / "harvest"
    tokenizer = loaded(AutoTokenizer, options)
    ids, separator = contexts(tokenizer, options.text.read_text(), options.contexts)

    first = harvest(graph, options.text, out, site, options)
    record = json.loads((out / "harvest.json").read_text())
    found = np.concatenate([load_file(shard)[site] for shard in sorted(out.glob("*.safetensors"))])
    model = loaded(AutoModel, options, attn_implementation="eager", dtype=torch.float32).eval()
    with torch.no_grad():
        runs = [
            model(torch.from_numpy(ids[at : at + batch]), output_hidden_states=True).hidden_states[
                options.block + 1
            ]
            for at in range(0, len(ids), batch)
        ]
    wanted = torch.cat(runs).numpy()[ids != separator]
    assert found.shape == wanted.shape, (found.shape, wanted.shape)
    tokens = pyarrow.parquet.read_table(out / "tokens.parquet").num_rows
    assert tokens == len(found), (tokens, len(found))
    error = np.linalg.norm(found - wanted, axis=1) / np.linalg.norm(wanted, axis=1)
    print(f"{site}: {found.shape[0]} rows; relative error of a row {error.max():.1e} at most, {error.mean():.1e} on average")

    tensor = record["tensors"][site]
    cut(graph, options.out / "cut.onnx", tensor)
    paces = [(first, in_python(options.out / "cut.onnx", tensor, ids, options.threads))]
    for _ in range(options.rounds - 1):
        own = harvest(graph, options.text, out, site, options)
        paces.append((own, in_python(options.out / "cut.onnx", tensor, ids, options.threads)))
    for own, python in paces:
        print(f"{own:.0f} rows a second, onnxruntime in Python {python:.0f}: {own / python:.2f}")
    last = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"]).get_outputs()[0].name
    whole = in_python(graph, last, ids, options.threads)
    print(f"whole graph in Python: {whole:.0f} rows a second")


main()
