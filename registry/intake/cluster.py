"""Past one machine: functions of images computed on a Dask cluster.

What travels are decoded pixels: files are read and judged here, under the limits and by the rules of intake, so every
kind of source works, no folder is shared with the workers, and none of them opens a stranger's file. Images are sent in
shards. A worker that is lost takes the shards with it that it was at; those are computed again by the others.
"""

from __future__ import annotations

import asyncio
import copy
import logging
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import Any, Protocol, TypeVar

from fingerprints.errors import UserError
from fingerprints.geometry.embedding import each
from fingerprints.images.image import Image

LOCAL = "local"
_SHARD_BYTES, _SHARD_IMAGES = 4_000_000, 32
_AHEAD = 3  # shards sent for each thread of the cluster, so that none waits for the next
_RETRIES = 2
_SETTINGS = {
    # a shard with one large image in it, and the reference, are more than Dask expects of a task
    "distributed.admin.large-graph-warning-threshold": "1GB",
    # of a local worker: what an image needs is kept for the next one (fingerprints/process.py); Dask gives all back
    "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 32 << 20,
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": 512 << 20,
    # and it does not write of the images that it leaves undone after Ctrl-C
    "distributed.nanny.pre-spawn-environ.DASK_LOGGING": "{'distributed.worker.state_machine': 'error'}",
}
_SECONDS = 15  # for a scheduler and its first worker to answer

T = TypeVar("T")
R = TypeVar("R")


class ClusterError(UserError, ValueError):
    """The cluster cannot be used, or was lost; the text says what would work."""


class Mapper(Protocol):
    """``function`` of every item, results in the order of the items; both can be sent to another process."""

    def __call__(self, function: Callable[[T], R], items: Iterable[T], /) -> Iterator[R]: ...


@contextmanager
def cluster(address: str, workers: int = 2) -> Iterator[Mapper]:
    """The workers of the scheduler at ``address``, or for "local" so many processes here. Raises ClusterError."""
    try:
        import dask.config
        from distributed import Client, LocalCluster
    except ModuleNotFoundError as error:
        raise ClusterError(
            f"--cluster needs Dask: {error}. Install what is in requirements-cluster.txt, here and on every worker."
        ) from error
    with dask.config.set(_SETTINGS):
        if address == LOCAL:
            with _interrupts_blocked():
                started = LocalCluster(
                    n_workers=workers, threads_per_worker=1, dashboard_address="127.0.0.1:0", memory_limit=None
                )
            with started, Client(started) as client, _quiet_end():
                yield _Shards(client).map
        else:
            with _connected(address) as client:
                yield _Shards(client).map


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Processes that are started inside never hear of Ctrl-C, which a terminal sends to all: this one ends them. It
    hears of it afterwards."""
    resource_tracker.ensure_running()  # the first start of it would end the deafness
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _quiet_end() -> Iterator[None]:
    """After Ctrl-C Dask does not write of what it leaves undone."""
    try:
        yield
    except KeyboardInterrupt:
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        raise


def _connected(address: str) -> Any:
    """A client of the scheduler, which has a worker."""
    from distributed import Client

    try:
        with ThreadPoolExecutor(1) as other:  # this thread may be in an event loop already
            other.submit(asyncio.run, _knock(address)).result()
        client = Client(address, timeout=_SECONDS)
    except TypeError as error:  # Dask's, of tls:// without certificates
        raise ClusterError(f"Dask does not know how to reach {address}: {error}.") from error
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"no Dask scheduler answers at {address}. Start one with `dask scheduler`, and give the address that it "
            f'prints, such as tcp://host:8786, or "{LOCAL}" for two processes on this machine.'
        ) from error
    try:
        client.wait_for_workers(1, timeout=_SECONDS)
    except TimeoutError as error:
        client.close()
        raise ClusterError(
            f"the scheduler at {address} has no workers. Start some with `dask worker {address} --nthreads 1`."
        ) from error
    return client


async def _knock(address: str) -> None:
    """Raises OSError or ValueError unless somebody answers there.

    A Client that finds nobody cannot be closed. It closes itself when it is collected, and if another one is being
    made at that moment, the two wait for one lock for ever.
    """
    from distributed import Security
    from distributed.comm import connect

    certificates = Security().get_connection_args("client")  # those of Dask's configuration, as a Client takes them
    await (await connect(address, timeout=_SECONDS, **certificates)).close()


class _Shards:
    """Of images, computed by the workers of a client."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def map(self, function: Callable[[Any], R], items: Iterable[Any]) -> Iterator[R]:
        """A Mapper. Some shards are ahead of the one whose results come next; more are read when it is done."""
        from distributed import as_completed

        # sent once, by a task of its own: it can be made again wherever a worker needs it
        sent = self._client.submit(copy.copy, function, pure=False)
        self._client.replicate(sent)  # to every worker: Dask gives shards to those alone that have what they need
        numbers: dict[Any, int] = {}
        done: dict[int, list[R]] = {}
        running, due = as_completed(), 0
        shards = enumerate(_sharded(items))
        while True:
            while len(numbers) + len(done) < self._most_ahead() and (shard := next(shards, None)):
                future = self._client.submit(each, sent, shard[1], pure=False, retries=_RETRIES)
                numbers[future] = shard[0]
                running.add(future)
            if not numbers:
                return
            future = next(running)
            done[numbers.pop(future)] = _result(future)
            while due in done:
                yield from done.pop(due)
                due += 1

    def _most_ahead(self) -> int:
        return _AHEAD * max(1, sum(self._client.nthreads().values()))


def _result(future: Any) -> Any:
    """What a worker computed. Raises ClusterError, or what the function raised there."""
    from distributed import CancelledError, KilledWorker

    try:
        return future.result()
    except KilledWorker as error:
        raise ClusterError(f"workers died again and again: {error} Have they enough memory?") from error
    except ModuleNotFoundError as error:
        raise ClusterError(
            f"a worker does not know this program ({error}). Start the workers in a folder that holds the "
            "project, in an environment with its requirements and requirements-cluster.txt."
        ) from error
    except (CancelledError, OSError) as error:
        raise ClusterError(f"the cluster was lost: {error}. Nothing was changed; start again.") from error


def _sharded(items: Iterable[Image]) -> Iterator[Sequence[Image]]:
    """Shards of about the same size, small enough that little is lost with one."""
    shard: list[Image] = []
    size = 0
    for image in items:
        shard.append(image)
        size += image.pixels.nbytes
        if size >= _SHARD_BYTES or len(shard) == _SHARD_IMAGES:
            yield shard
            shard, size = [], 0
    if shard:
        yield shard
