"""Lanes: work on parts of a batch in parallel, with the same bits as one after the other."""

import itertools
import threading
from concurrent.futures import Future, ThreadPoolExecutor

import torch

from dlboi.training._lane_exchange import LanesApartError


class _ThreadPin:
    """torch's number of threads, set to one while any lane in the process runs.

    torch keeps one number for the process (what a new thread starts with) and one for each
    thread. The first to enter saves the process's, the last to leave restores it; each entering
    thread's own is saved and restored by itself.
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._entered = 0
        self._process_threads = None

    def enter(self):
        with self._lock:
            own = torch.get_num_threads()
            if self._entered == 0:
                self._process_threads = own
            self._entered += 1
            torch.set_num_threads(1)
        return own

    def leave(self, own):
        with self._lock:
            self._entered -= 1
            torch.set_num_threads(own)
            if self._entered == 0:
                _in_new_thread(torch.set_num_threads, self._process_threads)


_PIN = _ThreadPin()


class Lanes:
    """A context that runs a function on several items in up to `n_threads` threads.

    Each thread computes with one thread of its own, so what it gives does not depend on how many
    run beside it: results depend on the items alone.

    Parameters
    ----------
    n_threads : int or "auto", default="auto"
        Threads to use at most; "auto" takes what torch would use (``torch.get_num_threads()``),
        which joblib's workers set to their share of the cores.
    """

    def __init__(self, n_threads: int | str = "auto"):
        self.n_threads = torch.get_num_threads() if n_threads == "auto" else n_threads
        self._executor = None
        self._together = {}  # for each number of items

    def __enter__(self):
        self._own_threads = _PIN.enter()
        if self.n_threads > 1:
            self._executor = _executor(self.n_threads)
        return self

    def __exit__(self, *exception):
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)
            self._executor = None
        for executor in self._together.values():
            executor.shutdown(cancel_futures=True)
        self._together.clear()
        _PIN.leave(self._own_threads)

    def map(self, function, items: list) -> list:
        """Return ``[function(item) for item in items]``, computed in parallel."""
        if self._executor is None or len(items) < 2:
            return [function(item) for item in items]
        return list(self._executor.map(function, items))

    def map_runs(self, function, items: list) -> list:
        """Do what :meth:`map` does, with one run of items for each thread.

        For items that take so little time that handing them out one by one would cost as much.
        """
        n_runs = min(len(items), self.n_threads)
        bounds = [len(items) * number // n_runs for number in range(n_runs + 1)]
        runs = [items[start:stop] for start, stop in itertools.pairwise(bounds)]
        found = self.map(lambda run: [function(item) for item in run], runs)
        return list(itertools.chain.from_iterable(found))

    def run_together(self, function, items: list) -> list:
        """Return ``[function(item) for item in items]``, all of them computed at once.

        Each item has a thread, however few `n_threads` are, so that the calls may wait for each
        other. When calls fail because another has failed first
        (:class:`~dlboi.training._lane_exchange.LanesApartError`), the cause is raised.
        """
        if len(items) < 2:
            return self.map(function, items)
        if len(items) not in self._together:
            self._together[len(items)] = _executor(len(items))
        executor = self._together[len(items)]
        futures = [executor.submit(function, item) for item in items]
        errors = [error for error in map(Future.exception, futures) if error is not None]
        if errors:
            raise min(errors, key=lambda error: isinstance(error, LanesApartError))
        return [future.result() for future in futures]


def _executor(n_threads):
    """Threads that compute with one thread of torch each."""
    return ThreadPoolExecutor(n_threads, initializer=torch.set_num_threads, initargs=(1,))


def _in_new_thread(function, *args):
    """Call in a thread that ends at once: torch's number for this thread stays as it is."""
    thread = threading.Thread(target=function, args=args)
    thread.start()
    thread.join()
