#!/usr/bin/env python3
"""Steps per second beside eager PyTorch, in turns on the same machine, and what the window costs.

usage: peers.py [options] BENCH_STEPS [LAYERSCOPE FRAME_TIMES]
       ninja -C build bench_peers

Each round of a case runs bench_steps and then PyTorch for a fraction of a second; a ratio is that
of the best rounds of both, and in brackets the median of the ratios of single rounds. "wanted" is
0.97 times what a plain C program written for that one network reached beside PyTorch on the
machine of docs/performance.md. PyTorch's side is a tutorial's loop: nn.Sequential, zero_grad(),
loss, backward(), step(), on eight random batches in memory; its "stats" puts torch.histc of 64
bins on every layer's activation and its gradient and takes the norm of every weight gradient.
Without PyTorch (in this Python or in /usr/bin/python3) only our side is printed.

With LAYERSCOPE and FRAME_TIMES (a library that is preloaded and says when a picture was shown),
also: from exec to the first picture, `run --data xor --steps 0`, and the share of a core that the
window's own thread takes while its twins train.
"""
import argparse
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

# sizes, activation, batch, optimiser, loss; wanted of plain and of stats for 1 and 2 threads
WORKLOADS = {
    "W1": ([2] + [5] * 9 + [1], "sigmoid", 4, "sgd", "mse", (374, None), None),
    "W2": ([2] + [8] * 6 + [1], "tanh", 10, "sgd", "mse", (181, None), None),
    "W3": ([784] + [100] * 10 + [10], "tanh", 64, "sgd", "ce", (2.61, 2.91), (3.88, 4.46)),
    "W4b64": ([500] * 11 + [10], "tanh", 64, "sgd", "ce", (1.44, 1.56), (1.70, 1.94)),
    "W4b1000": ([500] * 11 + [10], "tanh", 1000, "sgd", "ce", (1.19, 1.42), (1.55, 2.04)),
    "W5": ([784] + [512] * 4 + [10], "relu", 100, "adam", "ce", (1.67, 1.99), (1.94, 2.23)),
    "W6": ([784] + [4096] * 10 + [10], "relu", 16, "sgd", "ce", (2.74, 3.38), None),
}
BATCHES = 8
WARM_SECONDS = 0.3


def parse():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("bench_steps", nargs="?")
    p.add_argument("layerscope", nargs="?")
    p.add_argument("frame_times", nargs="?")
    p.add_argument("-w", "--workloads", default=",".join(WORKLOADS))
    p.add_argument("-m", "--modes", default="plain,stats")
    p.add_argument("-t", "--threads", default="1,2")
    p.add_argument("-r", "--rounds", type=int, default=5)
    p.add_argument("-s", "--seconds", type=float, default=0.3, help="of one side of a round")
    p.add_argument("-c", "--processor-time", action="store_true",
                   help="count processor time: for one thread on a busy machine")
    p.add_argument("-d", "--display", help="an X server that is there; else Xvfb is started")
    p.add_argument("--no-window", action="store_true")
    p.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    return p.parse_args()


# --- PyTorch's side: a process of its own for each number of threads -----------------------------

def build(torch, sizes, activation):
    functions = {"sigmoid": torch.nn.Sigmoid, "tanh": torch.nn.Tanh, "relu": torch.nn.ReLU}
    layers = []
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        linear = torch.nn.Linear(fan_in, fan_out)
        gain = 2.0 if activation == "relu" else 1.0
        torch.nn.init.normal_(linear.weight, 0.0, (gain / fan_in) ** 0.5)
        torch.nn.init.zeros_(linear.bias)
        layers.append(linear)
        if len(layers) < 2 * (len(sizes) - 2) or sizes[-1] == 1:
            layers.append(functions[activation]())
    return torch.nn.Sequential(*layers)


def batches(torch, sizes, batch, loss):
    if sizes[-1] == 1 and batch == 4:
        corners = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
        return [(corners, torch.tensor([[0.0], [1.0], [1.0], [0.0]]))]
    inputs = [torch.rand(batch, sizes[0]) for _ in range(BATCHES)]
    if loss == "mse":
        return [(x, torch.rand(batch, 1)) for x in inputs]
    return [(x, torch.randint(sizes[-1], (batch,))) for x in inputs]


def hook_histograms(torch, model):
    """What to call after backward(): the norms. Histograms come from hooks."""
    kept = []

    def count(values):
        kept.append(torch.histc(values, 64))

    def hook(_module, _inputs, output):
        count(output.detach())
        output.register_hook(count)

    modules = list(model)
    for module in modules:
        if not isinstance(module, torch.nn.Linear) or module is modules[-1]:
            module.register_forward_hook(hook)

    def norms():
        kept.clear()
        return [m.weight.grad.norm() for m in modules if isinstance(m, torch.nn.Linear)]
    return norms


def torch_step(torch, name, mode):
    sizes, activation, batch, optimiser, loss = WORKLOADS[name][:5]
    torch.manual_seed(1)
    model = build(torch, sizes, activation)
    optimisers = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}
    update = optimisers[optimiser](model.parameters(), lr=1e-3)
    measure = torch.nn.MSELoss() if loss == "mse" else torch.nn.CrossEntropyLoss()
    data = batches(torch, sizes, batch, loss)
    look = hook_histograms(torch, model) if mode == "stats" else lambda: None
    turn = [0]

    def step():
        inputs, targets = data[turn[0] % len(data)]
        turn[0] += 1
        update.zero_grad()
        measure(model(inputs), targets).backward()
        look()
        update.step()
    return step


def rate_of(step, seconds, clock):
    start = clock()
    steps = 0
    while steps < 2 or clock() - start < seconds:
        for _ in range(1 if seconds > 0.02 * (steps + 1) else 10):
            step()
            steps += 1
    return steps / (clock() - start)


def child(threads):
    """Answers lines "workload mode seconds processor_time" with rates."""
    import torch
    torch.set_num_threads(threads)
    current, step = None, None
    print("ready", flush=True)
    for line in sys.stdin:
        name, mode, seconds, processor = line.split()
        clock = time.process_time if processor == "True" else time.perf_counter
        if current != (name, mode):
            step = None  # its memory first
            step = torch_step(torch, name, mode)
            current = (name, mode)
            rate_of(step, WARM_SECONDS, time.perf_counter)
        print(rate_of(step, float(seconds), clock), flush=True)


class Peer:
    def __init__(self, threads):
        env = dict(os.environ, OMP_NUM_THREADS=threads, OPENBLAS_NUM_THREADS=threads)
        for folder in ("x86_64", "aarch64"):  # PyTorch's threads and a BLAS with its own would fight
            blas = f"/usr/lib/{folder}-linux-gnu/openblas-openmp"
            if os.path.isdir(blas):
                env["LD_LIBRARY_PATH"] = blas + ":" + env.get("LD_LIBRARY_PATH", "")
        self.process = None
        for python in (sys.executable, "/usr/bin/python3"):
            process = subprocess.Popen([python, __file__, "--child", "-t", threads], env=env,
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True)
            if process.stdout.readline().strip() == "ready":
                self.process = process
                return
            process.wait()

    def rate(self, name, mode, seconds, processor):
        self.process.stdin.write(f"{name} {mode} {seconds} {processor}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait()


# --- ours ----------------------------------------------------------------------------------------

def our_rate(a, name, mode, threads):
    words = [a.bench_steps, "-w", name, "-m", mode, "-t", threads, "-s", str(a.seconds / 5),
             "-r", "5", "-v"] + (["-c"] if a.processor_time else [])
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return float(re.search(r"max ([0-9.]+)", done.stderr)[1])


def compare(a, peer, name, mode, threads):
    ours, theirs = [], []
    for _ in range(a.rounds):
        ours.append(our_rate(a, name, mode, threads))
        if peer.process:
            theirs.append(peer.rate(name, mode, a.seconds, a.processor_time))
    label = name if mode == "plain" else f"{name}/{mode}"
    line = f"{label:14} {threads:>7} {max(ours):12.5g}"
    if theirs:
        wanted = WORKLOADS[name][5 if mode == "plain" else 6]
        wanted = wanted[int(threads) - 1] if wanted and int(threads) <= len(wanted) else None
        ratio = max(ours) / max(theirs)
        middle = statistics.median(x / y for x, y in zip(ours, theirs))
        line += f" {max(theirs):12.5g} {ratio:8.3g} ({middle:.3g})"
        if wanted:
            line += f"   wanted {wanted}{'' if ratio >= wanted else '  BELOW'}"
    print(line, flush=True)


def steps_table(a):
    print(f"{'workload':14} {'threads':>7} {'steps/s':>12} {'PyTorch':>12} {'ratio':>8}")
    for threads in a.threads.split(","):
        peer = Peer(threads)
        for name in a.workloads.split(","):
            for mode in a.modes.split(","):
                if mode == "plain" or WORKLOADS[name][6]:
                    compare(a, peer, name, mode, threads)
        peer.close()


# --- the program ---------------------------------------------------------------------------------

def milliseconds(values):
    return f"best {min(values) * 1e3:.1f} ms, median {statistics.median(values) * 1e3:.1f} ms"


def run_nothing(a, env):
    walls, processor = [], []
    for _ in range(20):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.monotonic()
        subprocess.run([a.layerscope, "run", "--data", "xor", "--steps", "0"], env=env, check=True,
                       stdout=subprocess.DEVNULL, close_fds=False)
        walls.append(time.monotonic() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    print(f"run --data xor --steps 0: {milliseconds(walls)}; of the processor "
          f"{milliseconds(processor)}   wanted 20 ms")


def start_window(a, env):
    start = time.monotonic()
    process = subprocess.Popen([a.layerscope], env=dict(env, LD_PRELOAD=os.path.abspath(a.frame_times)),
                               stdout=subprocess.PIPE, text=True, close_fds=False)
    return process, float(process.stdout.readline()) - start


def stop(process):
    process.kill()
    process.stdout.close()
    process.wait()


def main_thread_seconds(process):
    with open(f"/proc/{process.pid}/task/{process.pid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0]) * 1e-9


def window(a, env):
    firsts = []
    for _ in range(10):
        process, first = start_window(a, env)
        stop(process)
        firsts.append(first)
    print(f"exec to first picture: {milliseconds(firsts)}   wanted 120 ms")
    process, _ = start_window(a, env)
    time.sleep(3)
    shares, rates = [], []
    for _ in range(5):
        begin, used = time.monotonic(), main_thread_seconds(process)
        shown = []
        while time.monotonic() - begin < 3:
            shown.append(float(process.stdout.readline()))
        seconds = time.monotonic() - begin
        shares.append((main_thread_seconds(process) - used) / seconds * 100)
        rates.append(sum(s >= begin for s in shown) / seconds)
    stop(process)
    print(f"the window's thread: {min(shares):.1f} % of a core at best, {statistics.median(shares):.1f}"
          f" % in the middle of five times three seconds, at {statistics.median(rates):.1f} pictures"
          " a second   wanted 10 %")


def xvfb():
    words = ["Xvfb", "-displayfd", "1", "-noreset", "-nolisten", "tcp", "-screen", "0", "1440x900x24"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return process, ":" + process.stdout.readline().strip()


def program(a):
    server = None
    with tempfile.TemporaryDirectory() as empty:
        env = dict(os.environ, XDG_CONFIG_HOME=empty, XDG_STATE_HOME=empty)
        env.pop("SDL_VIDEODRIVER", None)
        run_nothing(a, env)
        if a.no_window or not (a.display or shutil.which("Xvfb")):
            return
        if not a.display:
            server, a.display = xvfb()
        window(a, dict(env, DISPLAY=a.display))
    if server:
        server.terminate()
        server.wait()


def main():
    a = parse()
    if a.child:
        child(int(a.threads))
        return
    if not a.bench_steps:
        sys.exit("peers.py: say which bench_steps, see --help")
    if a.workloads:
        steps_table(a)
    if a.layerscope and a.frame_times:
        program(a)


if __name__ == "__main__":
    main()
