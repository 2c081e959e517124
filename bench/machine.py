"""What is measured of processes: their processor time and memory; and on which machine."""

import os
import platform
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import median

import psutil  # type: ignore[import-untyped]


def processor_seconds(processes: Iterable[psutil.Process]) -> float:
    """Processor time that these processes, and those they started, have used so far."""
    total = 0.0
    for process in processes:
        used = process.cpu_times()
        total += used.user + used.system + used.children_user + used.children_system
        for child in process.children(recursive=True):
            try:
                mine = child.cpu_times()
            except psutil.NoSuchProcess:  # Its time stands with its parent now.
                continue
            total += mine.user + mine.system
    return total


def resident_bytes(process: psutil.Process) -> int:
    """Memory of the process itself that is in use."""
    return int(process.memory_info().rss)


def flush_ms(folder: Path) -> float:
    """What one write of a page with `fdatasync` costs on this disk: the price of a commit."""
    path = folder / "flush"
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    took = []
    try:
        for _ in range(200):
            os.write(descriptor, b"\0" * 4096)
            begun = time.perf_counter()
            os.fdatasync(descriptor)
            took.append(time.perf_counter() - begun)
    finally:
        os.close(descriptor)
        path.unlink()
    return round(median(took) * 1000, 3)


def described(folder: Path) -> dict[str, object]:
    """The machine in a few words."""
    model = "unknown"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return {
        "cores": os.cpu_count(),
        "processor": model,
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "flush_ms": flush_ms(folder),
        "load_before": os.getloadavg()[0],
    }


def spread(values: Iterable[float]) -> dict[str, float]:
    """Median and 95th percentile, in the unit given, and how many there were."""
    ordered = sorted(values)
    if not ordered:
        return {"p50": 0.0, "p95": 0.0, "count": 0}
    return {
        "p50": round(median(ordered), 2),
        "p95": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 2),
        "count": len(ordered),
    }
