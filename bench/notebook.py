"""The comparison that one writes by hand in a notebook, with NumPy, SciPy and PyTorch: the peer of `reseed compare`.

notebook.py ANSWER [--activations x.npy] SAE SAE ...   SAE: a folder in the layout of SAELens, TopK.

Of every pair: best matches and one-to-one matches of decoders and encoders, and of codes where there are activations.
Two draws of each null: random directions, and codes whose rows are permuted. ANSWER gets, as JSON, the mean of each
score, seconds and processor seconds without the imports, peak memory, seconds of each stage, and versions.
"""

import argparse
import json
import os
import platform
import resource
import time

begin_imports = time.perf_counter()
import numpy as np
import scipy
import torch
from safetensors.numpy import load_file
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_matrix, diags, vstack

DRAWS = 2
BATCH = 4096
threads = int(os.environ["OMP_NUM_THREADS"])
torch.set_num_threads(threads)
begin, begin_cpu = time.perf_counter(), time.process_time()
stages = {}


class stage:
    """Adds the time spent in a `with` block to the stage of that name."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        self.begin = time.perf_counter()

    def __exit__(self, *_):
        stages[self.name] = stages.get(self.name, 0) + time.perf_counter() - self.begin


def unit_rows(m):
    return m / np.maximum(np.linalg.norm(m, axis=1, keepdims=True), np.float32(1e-30))


def best(cosines):
    """Mean best match, the mean of both ways."""
    return float(cosines.max(axis=1).mean() + cosines.max(axis=0).mean()) / 2


def one_to_one(cosines):
    rows, columns = linear_sum_assignment(cosines, maximize=True)
    return float(cosines[rows, columns].mean())


def read_sae(folder):
    with open(f"{folder}/cfg.json") as file:
        config = json.load(file)
    w = {name: tensor.astype(np.float32, copy=False) for name, tensor in load_file(f"{folder}/sae_weights.safetensors").items()}
    return {
        **w,
        "k": config["k"],
        "centred": config["apply_b_dec_to_input"],
        "decoder": unit_rows(w["W_dec"]),
        "encoder": unit_rows(np.ascontiguousarray(w["W_enc"].T)),
    }


def encode(sae, x):
    """Codes [N x F] with columns of length 1, and which features fire."""
    weights, bias, centre = (torch.from_numpy(sae[name]) for name in ("W_enc", "b_enc", "b_dec"))
    blocks = []
    for at in range(0, len(x), BATCH):
        rows = torch.from_numpy(x[at : at + BATCH])
        pre = (rows - centre if sae["centred"] else rows) @ weights + bias
        values, indices = torch.relu(pre).topk(sae["k"], dim=1)
        starts = np.arange(len(rows) + 1) * sae["k"]
        blocks.append(csr_matrix((values.numpy().ravel(), indices.numpy().ravel(), starts), shape=tuple(pre.shape)))
    codes = vstack(blocks, format="csr")
    norms = np.sqrt(np.asarray(codes.multiply(codes).sum(axis=0)).ravel())
    scale = np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0)
    return (codes @ diags(scale)).tocsr(), norms > 0


def effective_rank(x):
    """exp of the entropy of the singular values of the centred rows."""
    centred = x - x.mean(axis=0)
    singular = np.sqrt(np.maximum(np.linalg.eigvalsh(centred.T @ centred), 0))
    share = singular[singular > 0] / singular.sum()
    return float(np.exp(-(share * np.log(share)).sum()))


def distinct_rows(x):
    """Rows that differ in their first coordinates by more than rounding."""
    return len(np.unique(np.round(x[:, :16] / (1e-4 * x.std())), axis=0))


def compare_directions(name, a, b):
    with stage("best matches"):
        cosines = a @ b.T
        sizes = np.abs(cosines)
        scores = {f"{name}.max": best(sizes)}
    with stage("one to one"):
        scores[f"{name}.matched"] = one_to_one(cosines)
        if name == "decoder":
            scores[f"{name}.matched.abs"] = one_to_one(sizes)
    return scores


def compare_codes(a, b):
    with stage("codes together"):
        cosines = np.abs((a["codes"].T @ b["codes"]).toarray())
        live = cosines[a["live"]][:, b["live"]]
        scores = {"activation.max": best(cosines), "activation.max.live": best(live)}
    with stage("one to one"):
        scores["activation.matched.live"] = one_to_one(live)
    return scores


def random_directions(rng, features, width):
    cosines = np.matmul(*(
        m if side == 0 else m.T
        for side, m in enumerate(unit_rows(rng.standard_normal((features, width), dtype=np.float32)) for _ in range(2))
    ))
    sizes = np.abs(cosines)
    return {"max": best(sizes), "matched": one_to_one(cosines), "matched.abs": one_to_one(sizes)}


def permuted_codes(rng, a, b):
    cosines = np.abs((a["codes"].T @ b["codes"][rng.permutation(b["codes"].shape[0])]).toarray())
    return {"activation.max": best(cosines), "activation.matched": one_to_one(cosines)}


def means(records):
    return {name: float(np.mean([record[name] for record in records])) for name in records[0]}


def peak_bytes():
    """Of this program alone; what wait() tells counts the process that started it, too."""
    try:
        with open("/proc/self/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) * 1024
    except OSError:
        unit = 1 if platform.system() == "Darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


parser = argparse.ArgumentParser()
parser.add_argument("answer")
parser.add_argument("saes", nargs="+")
parser.add_argument("--activations")
arguments = parser.parse_args()

with stage("reading"):
    saes = [read_sae(folder) for folder in arguments.saes]
    x = np.load(arguments.activations) if arguments.activations else None
about_rows = {}
if x is not None:
    for sae in saes:
        with stage("encoding"):
            sae["codes"], sae["live"] = encode(sae, x)
    with stage("activations"):
        about_rows = {"distinctRows": distinct_rows(x), "effectiveRank": effective_rank(x)}

pairs = []
for i, a in enumerate(saes):
    for b in saes[i + 1 :]:
        scores = {side: compare_directions(side, a[side], b[side]) for side in ("decoder", "encoder")}
        codes = compare_codes(a, b) if x is not None else {}
        pairs.append({**scores["decoder"], **scores["encoder"], **codes})

rng = np.random.default_rng(0)
nulls = []
for _ in range(DRAWS):
    with stage("nulls of directions"):
        drawn = random_directions(rng, *saes[0]["decoder"].shape)
    with stage("nulls of codes"):
        nulls.append({**drawn, **(permuted_codes(rng, *saes[:2]) if x is not None else {})})

answer = {
    "seconds": time.perf_counter() - begin,
    "cpuSeconds": time.process_time() - begin_cpu,
    "importSeconds": begin - begin_imports,
    "peakBytes": peak_bytes(),
    "stages": stages,
    "scores": {**means(pairs), **about_rows},
    "nulls": means(nulls),
    "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "torch": torch.__version__},
}
with open(arguments.answer, "w") as file:
    json.dump(answer, file)
