"""make hub: the commands that it prints are run as they stand, and it stops cleanly."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.waits

ROOT = Path(__file__).parents[3]
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "FINGERPRINT_"))}


@pytest.fixture
def started() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The program and what it prints before the first request."""
    arguments = [sys.executable, "-m", "loopback_hub"]
    with subprocess.Popen(arguments, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as program:
        text = ""
        while "Requests:" not in text and (line := program.stdout.readline()):
            text += line
        yield program, text
        program.terminate()


def run(commands: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-e"], input=commands, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly(started: tuple[subprocess.Popen[str], str], number: int) -> None:
    program, text = started
    home = Path(re.search("HF_HOME=(.*)/huggingface", text)[1])
    assert home.is_dir()
    program.send_signal(number)
    rest, _ = program.communicate(timeout=10)
    assert program.returncode == 0 and rest.endswith("stopped.\n")
    assert not home.exists()


@pytest.mark.slow
def test_the_printed_commands_run(started: tuple[subprocess.Popen[str], str]) -> None:
    _, text = started
    done = run(text.removesuffix("Requests:\n").split("in this folder:\n")[1])
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("accept") == 2 and "/discussions/1" in done.stdout
    assert "nothing new" in done.stderr and "is published in" in done.stderr


@pytest.mark.slow
def test_a_token_that_only_reads_is_refused(started: tuple[subprocess.Popen[str], str]) -> None:
    _, text = started
    settings = "\n".join(line for line in text.splitlines() if line.startswith("export") and "TOKEN" not in line)
    push = next(line for line in text.splitlines() if " push " in line)
    refused = run(f"{settings}\nexport HF_TOKEN=hf_owner_reads\n{push}")
    assert refused.returncode == 1 and "token" in refused.stderr


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        arguments = [sys.executable, "-m", "loopback_hub", "--port", port]
        done = subprocess.run(arguments, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Port {port} cannot be used: Address already in use; leave out --port")
