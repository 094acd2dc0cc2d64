"""What strangers' files can do: ``python -m benchmarks.hostile``, when the machine has nothing else to do.

Every hostile file, then fuzzed decodes, as the app reads them; each must end in an image or in a sentence, within the
limits. Exit code 1 when one does not.
"""

from __future__ import annotations

import argparse
import json
import logging
import resource
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from demo.contribute.contribution import LIMITS
from fingerprints.files import write_atomically
from fingerprints.images.image import ImageError
from registry.intake.samples import IntakeError, read_samples
from registry.intake.sandbox import DECODING_MEGABYTES, PARQUET_MEGABYTES, Decoders

from .files import hostile_images, hostile_sources, mutated, seeds

RESULTS = Path(__file__).resolve().parent.parent / "results" / "safety.json"
HANG_SECONDS = 5.0


@dataclass
class Tally:
    """What became of the files: ``outcomes`` by kind; ``wrong`` names what ended neither in an image nor a sentence."""

    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    slowest: str = ""
    wrong: list[str] = field(default_factory=list)

    def take(self, name: str, steps: Iterator[object]) -> None:
        """Read one file or batch; its time is that of the longest step. What is raised but the two known errors ends
        the run: that is what is looked for."""
        longest, outcome, start = 0.0, "read", time.perf_counter()
        try:
            for _ in steps:
                longest = max(longest, time.perf_counter() - start)
                start = time.perf_counter()
        except (ImageError, IntakeError) as error:
            said = str(error)
            outcome = "given up" if "given up" in said else "refused"
            if len(said) < 20 or not said.endswith((".", ")")):
                self.wrong.append(f"{name}: no sentence: {said}")
        longest = max(longest, time.perf_counter() - start)
        if longest > HANG_SECONDS:
            self.wrong.append(f"{name}: {longest:.1f} s")
        if longest > max(self.seconds, default=0.0):
            self.slowest = name
        self.outcomes[outcome] += 1
        self.seconds.append(longest)

    def facts(self) -> dict[str, Any]:
        return {
            "files": len(self.seconds),
            **{kind: self.outcomes[kind] for kind in ("read", "refused", "given up")},
            "slowest, s": round(max(self.seconds), 2),
            "slowest": self.slowest,
            "median, ms": round(1000 * statistics.median(self.seconds), 2),
            "wrong": self.wrong,
        }


class Deaths(logging.Handler):
    """How the reading processes ended that a file ended."""

    def __init__(self) -> None:
        super().__init__()
        self.how: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        self.how[str(record.args[0]) if record.args else "?"] += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decodes", type=int, default=20_000, help="how many fuzzed ones (default: 20,000)")
    parser.add_argument("--json", type=Path, help=f"write the figures there too, for example {RESULTS.name}")
    arguments = parser.parse_args()
    facts = run(arguments.decodes)
    print(json.dumps(facts, indent=1))
    if arguments.json:
        keep(arguments.json, "hostile files", facts)
    if any(part["wrong"] for part in facts.values() if isinstance(part, dict) and "wrong" in part):
        raise SystemExit(1)


def run(decodes: int, every: int = 1) -> dict[str, Any]:
    """The figures of the corpus, or of one file of ``every`` so many, and of so many fuzzed decodes."""
    deaths = Deaths()
    logging.getLogger("registry.intake.sandbox").addHandler(deaths)
    pool = Decoders(1)
    parts = {"images": _images(pool, every), "batches": _batches(), "fuzzed": _fuzzed(pool, decodes)}
    pool.close()
    logging.getLogger("registry.intake.sandbox").removeHandler(deaths)
    return {
        **{name: tally.facts() for name, tally in parts.items()},
        "reading processes ended by": dict(deaths.how),
        "largest reading process, MB": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
        "address space allowed to one, MB": {"images": DECODING_MEGABYTES, "Parquet": PARQUET_MEGABYTES},
    }


def _images(pool: Decoders, every: int) -> Tally:
    tally, decode = Tally(), partial(pool.decode, claims=True)
    for name, data in islice(hostile_images(), 0, None, every):
        tally.take(name, map(decode, [data], [name]))
    return tally


def _batches() -> Tally:
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        for path in hostile_sources(Path(folder)):
            tally.take(path.name, read_samples([path], untrusted=True, limits=LIMITS))
    return tally


def _fuzzed(pool: Decoders, decodes: int) -> Tally:
    tally, decode = Tally(), partial(pool.decode, claims=True)
    for number, data in enumerate(_mutations(decodes)):
        tally.take(f"mutation {number}", map(decode, [data]))
    return tally


def _mutations(decodes: int, seed: int = 0) -> Iterator[bytes]:
    rng, given = np.random.default_rng(seed), list(seeds().values())
    for number in range(decodes):
        yield mutated(given[number % len(given)], rng)


def keep(path: Path, key: str, facts: object) -> None:
    """Put the figures of one run into the file, beside those of the others."""
    known = json.loads(path.read_text()) if path.exists() else {}
    write_atomically(path, json.dumps({**known, key: facts}, indent=1, sort_keys=True).encode() + b"\n")


if __name__ == "__main__":
    main()
