"""cuBLAS beside the project's kernels: F.linear on bf16 (and fp16) weights, rotated past the cache, in CUDA graphs, medians."""
import statistics, sys, torch
import torch.nn.functional as F

def measure(n, k, m, dtype, launches=32, replays=15):
    copies = max(2, min(64, (256 << 20) // (2 * n * k) + 1))
    w = [torch.randn(n, k, device="cuda", dtype=dtype) for _ in range(copies)]
    x = torch.randn(m, k, device="cuda", dtype=dtype)
    def work():
        for i in range(launches):
            F.linear(x, w[i % copies])
    work(); torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    times = []
    for i in range(replays + 2):
        a, b = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        # The first replay keeps the card busy until the second one is in line: the host's time is not to be in it.
        graph.replay(); a.record(); graph.replay(); b.record(); b.synchronize()
        if i >= 2:
            times.append(a.elapsed_time(b) * 1000 / launches)
    return statistics.median(times)

shapes = [tuple(map(int, s.split("x"))) for s in (sys.argv[1] if len(sys.argv) > 1 else "4096x4096,11008x4096,8192x8192,28672x8192").split(",")]
batches = list(map(int, (sys.argv[2] if len(sys.argv) > 2 else "1,16,64,256,4096").split(",")))
print(f"torch {torch.__version__}, CUDA {torch.version.cuda}, {torch.cuda.get_device_name()}")
print("| N | K | M | dtype | us | TFLOP/s |\n|--|--|--|--|--|--|")
for n, k in shapes:
    for m in batches:
        us = measure(n, k, m, torch.bfloat16)
        print(f"| {n} | {k} | {m} | bf16 | {us:.1f} | {2 * n * k * m / us / 1e6:.0f} |", flush=True)
