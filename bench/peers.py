"""The peers of the benchmark: the same work in NumPy, PyTorch and SciPy, one request a line.

Reads {"peer", "work", "sizes", "repeat", "warm"} as JSON, does the work on data made at the first request of its
kind (once before the clock starts if it is to be warm), and
answers {"ms", "cpuMs"} or {"error"}; the first answer is {"versions", "runs"} of the peers that are installed: `runs`
tells the threads of each and the kernel that its BLAS has chosen.
"""

import importlib
import json
import sys
import time

threads = int(sys.argv[1])
found = {}
for name in ("numpy", "torch", "scipy"):
    try:
        found[name] = importlib.import_module(name).__version__
    except ImportError:
        pass
np = importlib.import_module("numpy") if "numpy" in found else None
torch = importlib.import_module("torch") if "torch" in found else None
if torch is not None:
    torch.set_num_threads(threads)
    if torch.cuda.is_available():
        found["cuda"] = found["torch"]


def blas_of(library):
    """The OpenBLAS that a library brings, as threadpoolctl sees it, or why that is not known."""
    try:
        pools = importlib.import_module("threadpoolctl").threadpool_info()
    except ImportError:
        return "BLAS kernel unknown: threadpoolctl is not installed"
    found = [p for p in pools if p["user_api"] == "blas"]
    own = [p for p in found if f"{library}.libs" in p["filepath"]] or found
    if not own:
        return "no BLAS that threadpoolctl knows"
    return ", ".join(f"{p['internal_api']} {p['version']}, {p.get('architecture')}, {p['num_threads']} threads" for p in own)


def how_each_runs():
    runs = {}
    if np is not None:
        runs["numpy"] = blas_of("numpy")
    if torch is not None:
        runs["torch"] = f"{torch.get_num_threads()} threads, {torch.backends.cpu.get_cpu_capability()}"
    if "cuda" in found:
        runs["cuda"] = f"{torch.cuda.get_device_name()}, float32"
    if "scipy" in found:
        importlib.import_module("scipy.linalg")
        runs["scipy"] = f"{blas_of('scipy')}; assignment on 1 thread"
    return runs


def unit_rows(rows, width, seed):
    m = np.random.default_rng(seed).standard_normal((rows, width), dtype=np.float32)
    return m / np.linalg.norm(m, axis=1, keepdims=True)


def numpy_match(f, g, d):
    a, b = unit_rows(f, d, 1), unit_rows(g, d, 2)

    def work():
        c = np.abs(a @ b.T)
        c.max(axis=1), c.max(axis=0)

    return work


def torch_match(f, g, d):
    a, b = torch.from_numpy(unit_rows(f, d, 1)), torch.from_numpy(unit_rows(g, d, 2))

    def work():
        c = (a @ b.T).abs()
        c.max(dim=1), c.max(dim=0)

    return work


def cuda_match(f, g, d):
    """Rows go to the device each time, as they do for ours; maxima come back."""
    a, b = torch.from_numpy(unit_rows(f, d, 1)), torch.from_numpy(unit_rows(g, d, 2))

    def work():
        c = (a.cuda() @ b.cuda().T).abs()
        c.max(dim=1).values.cpu(), c.max(dim=0).values.cpu()

    return work


def cuda_encode(n, f, d, k):
    """The k largest pre-activations of each row, 8192 rows at a time."""
    encoder, x = torch.from_numpy(unit_rows(f, d, 1)), torch.from_numpy(unit_rows(n, d, 2))

    def work():
        there = encoder.cuda().T
        for rows in x.split(8192):
            top = (rows.cuda() @ there).topk(k, dim=1)
            top.values.cpu(), top.indices.cpu()

    return work


def torch_train(d, f, k, batch):
    """One dense step: every feature is decoded, autograd, Adam over all parameters."""
    torch.manual_seed(1)
    x = torch.randn(4 * batch, d)
    w = [torch.randn(f, d) * 0.1, torch.zeros(f), torch.randn(f, d) * 0.1, torch.zeros(d)]
    encoder, encoder_bias, decoder, decoder_bias = w = [p.requires_grad_() for p in w]
    adam = torch.optim.Adam(w, lr=3e-4)
    turn = 0

    def work():
        nonlocal turn
        rows = x[(turn % 4) * batch : (turn % 4 + 1) * batch]
        turn += 1
        pre = rows @ encoder.T + encoder_bias
        top = pre.topk(k, dim=1)
        codes = torch.zeros_like(pre).scatter(1, top.indices, top.values)
        loss = ((codes @ decoder + decoder_bias - rows) ** 2).mean()
        adam.zero_grad()
        loss.backward()
        adam.step()

    return work


def torch_recipe(d, f, k, batch, over_batch, levels, dead):
    """One step as dictionary_learning takes it: unit decoder rows, projected and clipped gradients, AuxK, Adam."""
    torch.manual_seed(1)
    x = torch.randn(4 * batch, d)
    decoder = torch.randn(f, d)
    decoder /= decoder.norm(dim=1, keepdim=True)
    w = [decoder.clone(), torch.zeros(f), decoder, torch.zeros(d)]
    encoder, encoder_bias, decoder, decoder_bias = w = [p.requires_grad_() for p in w]
    adam = torch.optim.Adam(w, lr=3e-4)
    is_dead = torch.arange(f) < dead * f
    since_fired = torch.where(is_dead, 2**29, 0)
    encoder_bias.data[is_dead] = -100
    ends = [0] + [round(share * f) for share in levels]
    turn = 0

    def aux(error, acts):
        mask = since_fired >= 10_000_000
        count = int(mask.sum())
        if count == 0:
            return 0
        top = torch.where(mask[None], acts, -torch.inf).topk(min(d // 2, count), sorted=False)
        found = torch.zeros_like(acts).scatter_(-1, top.indices, top.values) @ decoder
        apart = (error - error.mean(dim=0)).pow(2).sum(dim=-1).mean()
        return ((error - found).pow(2).sum(dim=-1).mean() / apart).nan_to_num(0.0)

    def work():
        nonlocal turn
        rows = x[(turn % 4) * batch : (turn % 4 + 1) * batch]
        turn += 1
        acts = torch.relu((rows - decoder_bias) @ encoder.T + encoder_bias)
        if over_batch:
            top = acts.flatten().topk(k * batch, sorted=False)
            codes = torch.zeros_like(acts).flatten().scatter(0, top.indices, top.values).reshape(acts.shape)
        else:
            top = acts.topk(k, dim=1, sorted=False)
            codes = torch.zeros_like(acts).scatter(1, top.indices, top.values)
        rebuilt, loss = decoder_bias, 0
        for begin, end in zip(ends[:-1], ends[1:]):
            rebuilt = rebuilt + codes[:, begin:end] @ decoder[begin:end]
            loss = loss + (rows - rebuilt).pow(2).sum(dim=-1).mean() / len(levels)
        since_fired.add_(batch)
        since_fired[(codes > 0).any(dim=0)] = 0
        loss = loss + aux((rows - rebuilt).detach(), acts) / 32
        adam.zero_grad()
        loss.backward()
        with torch.no_grad():
            unit = decoder / decoder.norm(dim=1, keepdim=True)
            decoder.grad -= (decoder.grad * unit).sum(dim=1, keepdim=True) * unit
        torch.nn.utils.clip_grad_norm_(w, 1.0)
        adam.step()
        with torch.no_grad():
            decoder.div_(decoder.norm(dim=1, keepdim=True))

    return work


def torch_batchtopk(**sizes):
    return torch_recipe(**sizes, over_batch=True, levels=[1], dead=0)


def torch_matryoshka(**sizes):
    return torch_recipe(**sizes, over_batch=True, levels=[1 / 16, 1 / 8, 1 / 4, 1 / 2, 1], dead=0)


def torch_auxk(**sizes):
    return torch_recipe(**sizes, over_batch=False, levels=[1], dead=0.5)


def torch_jumprelu(d, f, batch):
    """One dense step, straight-through gradients of the threshold, about 5 % of the features active."""
    torch.manual_seed(1)
    x = torch.randn(4 * batch, d)
    w = [torch.randn(f, d) * 0.1, torch.zeros(f), torch.full((f,), 0.1645 * d**0.5), torch.randn(f, d) * 0.1, torch.zeros(d)]
    encoder, encoder_bias, threshold, decoder, decoder_bias = w = [p.requires_grad_() for p in w]
    adam = torch.optim.Adam(w, lr=3e-4)
    bandwidth = 0.05
    turn = 0

    class Jump(torch.autograd.Function):
        @staticmethod
        def forward(ctx, p, t):
            ctx.save_for_backward(p, t)
            return p * (p > t)

        @staticmethod
        def backward(ctx, upstream):
            p, t = ctx.saved_tensors
            near = ((p - t).abs() < bandwidth / 2).float()
            return (p > t) * upstream, (-t / bandwidth * near * upstream).sum(0)

    class Step(torch.autograd.Function):
        @staticmethod
        def forward(ctx, p, t):
            ctx.save_for_backward(p, t)
            return (p > t).float()

        @staticmethod
        def backward(ctx, upstream):
            p, t = ctx.saved_tensors
            near = ((p - t).abs() < bandwidth / 2).float()
            return None, (-1 / bandwidth * near * upstream).sum(0)

    def work():
        nonlocal turn
        rows = x[(turn % 4) * batch : (turn % 4 + 1) * batch]
        turn += 1
        pre = rows @ encoder.T + encoder_bias
        codes = Jump.apply(pre, threshold)
        error = ((codes @ decoder + decoder_bias - rows) ** 2).sum(dim=1).mean()
        loss = error + 1e-3 * Step.apply(pre, threshold).sum(dim=1).mean()
        adam.zero_grad()
        loss.backward()
        adam.step()

    return work


def torch_gated(d, f, batch):
    """One dense step of a Gated autoencoder, about 5 % of the gates open."""
    torch.manual_seed(1)
    x = torch.randn(4 * batch, d)
    bias = torch.full((f,), -0.1645 * d**0.5)
    w = [torch.randn(f, d) * 0.1, bias, bias.clone(), torch.zeros(f), torch.randn(f, d) * 0.1, torch.zeros(d)]
    encoder, gate_bias, magnitude_bias, log_scale, decoder, decoder_bias = w = [p.requires_grad_() for p in w]
    adam = torch.optim.Adam(w, lr=3e-4)
    turn = 0

    def work():
        nonlocal turn
        rows = x[(turn % 4) * batch : (turn % 4 + 1) * batch]
        turn += 1
        reach = rows @ encoder.T
        gates = torch.relu(reach + gate_bias)
        codes = (gates > 0) * torch.relu(torch.exp(log_scale) * reach + magnitude_bias)
        error = ((codes @ decoder + decoder_bias - rows) ** 2).sum(dim=1).mean()
        by_gate = ((gates @ decoder.detach() + decoder_bias.detach() - rows) ** 2).sum(dim=1).mean()
        loss = error + 1e-3 * gates.sum(dim=1).mean() + by_gate
        adam.zero_grad()
        loss.backward()
        adam.step()

    return work


def torch_relu(d, f, batch):
    """One dense step of a ReLU autoencoder, about 5 % of the features active, autograd, Adam."""
    torch.manual_seed(1)
    x = torch.randn(4 * batch, d)
    bias = torch.full((f,), -0.1645 * d**0.5)
    w = [torch.randn(f, d) * 0.1, bias, torch.randn(f, d) * 0.1, torch.zeros(d)]
    encoder, encoder_bias, decoder, decoder_bias = w = [p.requires_grad_() for p in w]
    adam = torch.optim.Adam(w, lr=3e-4)
    turn = 0

    def work():
        nonlocal turn
        rows = x[(turn % 4) * batch : (turn % 4 + 1) * batch]
        turn += 1
        codes = torch.relu(rows @ encoder.T + encoder_bias)
        error = ((codes @ decoder + decoder_bias - rows) ** 2).sum(dim=1).mean()
        loss = error + 1e-3 * codes.sum(dim=1).mean()
        adam.zero_grad()
        loss.backward()
        adam.step()

    return work


def scipy_assign(f, d):
    """The product in float32 and the assignment on it; a third of the rows are shared, with a cosine of 0.9."""
    from scipy.optimize import linear_sum_assignment

    a, b = unit_rows(f, d, 1), unit_rows(f, d, 2)
    shared = f // 3
    b[:shared] = 0.9 * a[:shared] + np.sqrt(1 - 0.81) * b[:shared]
    return lambda: linear_sum_assignment(a @ b.T, maximize=True)


def scipy_compare(saes, f, d):
    """Every metric of decoders and encoders of one pair: products, maxima, assignments, leading subspaces."""
    from scipy.optimize import linear_sum_assignment

    common = unit_rows(f, d, 1)

    def sae(seed):
        decoder = unit_rows(f, d, seed)
        third = f // 3
        decoder[:third] = 0.9 * common[:third] + np.sqrt(1 - 0.81) * decoder[:third]
        encoder = 0.8 * decoder + 0.6 * unit_rows(f, d, seed + 100)
        return [m / np.linalg.norm(m, axis=1, keepdims=True) for m in (decoder, encoder)]

    (da, ea), (db, eb) = sae(2), sae(3)
    assert saes == 2

    def leading(m):
        return np.linalg.eigh(m.T @ m)[1][:, ::-1]

    def work():
        c, e = da @ db.T, ea @ eb.T
        size = np.abs(c)
        size.max(axis=1), size.max(axis=0)
        linear_sum_assignment(size, maximize=True)
        np.abs(e).max(axis=1), np.abs(e).max(axis=0)
        by_decoder = linear_sum_assignment(c, maximize=True)[1]
        by_encoder = linear_sum_assignment(e, maximize=True)[1]
        rows = np.arange(f)
        ((c[rows, by_decoder] > 0.7) & (e[rows, by_encoder] > 0.7)).mean(), (by_decoder == by_encoder).mean()
        ua, ub = leading(da), leading(db)
        for r in (8, 16, 32, 64):
            (np.linalg.norm(ua[:, :r].T @ ub[:, :r]) ** 2) / r

    return work


def torch_cofire(n, f, k):
    torch.manual_seed(1)

    def codes():
        pre = torch.randn(n, f)
        top = pre.topk(k, dim=1)
        return torch.zeros_like(pre).scatter(1, top.indices, top.values)

    a, b = codes(), codes()

    def work():
        c = (a.T @ b) / (a.norm(dim=0)[:, None] * b.norm(dim=0)[None, :])
        c = c.abs()
        c.max(dim=1), c.max(dim=0)

    return work


makers = {
    ("numpy", "match"): numpy_match,
    ("torch", "match"): torch_match,
    ("cuda", "match"): cuda_match,
    ("cuda", "encode"): cuda_encode,
    ("torch", "train"): torch_train,
    ("torch", "train-batchtopk"): torch_batchtopk,
    ("torch", "train-matryoshka"): torch_matryoshka,
    ("torch", "train-auxk"): torch_auxk,
    ("torch", "relu"): torch_relu,
    ("torch", "train-jumprelu"): torch_jumprelu,
    ("torch", "train-gated"): torch_gated,
    ("torch", "cofire"): torch_cofire,
    ("scipy", "assign"): scipy_assign,
    ("scipy", "compare"): scipy_compare,
}
ready = {}
print(json.dumps({"versions": found, "runs": how_each_runs()}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    sizes, repeat = request["sizes"], request["repeat"]
    key = (request["peer"], request["work"])
    if key not in makers or key[0] not in found:
        print(json.dumps({"error": f"{key[0]} is not installed"}), flush=True)
        continue
    name = json.dumps([key, sizes])
    if name not in ready:
        ready.clear()
        ready[name] = makers[key](**sizes)
        if request["warm"]:
            ready[name]()
    begin, cpu = time.perf_counter(), time.process_time()
    for _ in range(repeat):
        ready[name]()
    elapsed, used = time.perf_counter() - begin, time.process_time() - cpu
    print(json.dumps({"ms": elapsed * 1000 / repeat, "cpuMs": used * 1000 / repeat}), flush=True)
