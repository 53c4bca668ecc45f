"""Lanes: order, numbers of threads, exceptions."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from dlboi.training import Lanes


@pytest.fixture(autouse=True)
def threads_before():
    before = torch.get_num_threads()
    yield before
    assert torch.get_num_threads() == before
    assert in_new_thread(torch.get_num_threads) == before


def in_new_thread(function):
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(function).result()


@pytest.mark.parametrize("n_threads", [1, 2, 4, "auto"])
def test_results_come_in_the_order_of_the_items(n_threads):
    def slow_first(item):
        time.sleep(0.02 if item == 0 else 0)
        return item * item

    with Lanes(n_threads) as lanes:
        assert lanes.map(slow_first, range(7)) == [item * item for item in range(7)]
        assert lanes.map(slow_first, []) == []
        assert lanes.map(slow_first, [3]) == [9]


def test_work_runs_in_parallel():
    barrier = threading.Barrier(2, timeout=10)
    with Lanes(2) as lanes:
        lanes.map(lambda item: barrier.wait(), range(2))


@pytest.mark.parametrize("n_threads", [1, 2, 4])
def test_run_together_has_a_thread_for_each_item(n_threads):
    barrier = threading.Barrier(3, timeout=10)

    def run(item):
        barrier.wait()
        return item * item, torch.get_num_threads()

    with Lanes(n_threads) as lanes:
        for _ in range(3):
            assert lanes.run_together(run, [1, 2, 3]) == [(1, 1), (4, 1), (9, 1)]
        assert lanes.run_together(abs, [-1]) == [1]


@pytest.mark.parametrize("n_threads", [1, 3])
def test_each_lane_computes_with_one_thread(n_threads):
    torch_threads = 3
    own = torch.get_num_threads()
    torch.set_num_threads(torch_threads)
    try:
        with Lanes(n_threads) as lanes:
            seen = lanes.map(lambda item: torch.get_num_threads(), range(6))
            assert seen == [1] * 6
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == torch_threads
        assert in_new_thread(torch.get_num_threads) == torch_threads
    finally:
        torch.set_num_threads(own)
        in_new_thread(lambda: torch.set_num_threads(own))


def test_auto_takes_what_torch_would_use():
    own = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        assert Lanes().n_threads == 3
    finally:
        torch.set_num_threads(own)


@pytest.mark.parametrize("n_threads", [1, 4])
def test_exceptions_come_out(n_threads):
    def fail(item):
        if item == 2:
            raise KeyError(item)
        return item

    with pytest.raises(KeyError, match="2"), Lanes(n_threads) as lanes:
        lanes.map(fail, range(4))
    with pytest.raises(KeyError, match="2"), Lanes(n_threads) as lanes:
        lanes.run_together(fail, range(4))


def test_lanes_within_lanes():
    with Lanes(2) as outer:
        with Lanes(3) as inner:
            assert inner.map(abs, [-1, -2]) == [1, 2]
        assert torch.get_num_threads() == 1
        assert outer.map(abs, [-3, -4]) == [3, 4]


def test_contexts_that_overlap_in_threads_restore_the_number(threads_before):
    barrier = threading.Barrier(3, timeout=10)

    def work(delay):
        own = torch.get_num_threads()
        barrier.wait()
        with Lanes(2) as lanes:
            time.sleep(delay)
            inside = lanes.map(lambda item: torch.get_num_threads(), range(3))
        return own, inside, torch.get_num_threads()

    with ThreadPoolExecutor(3) as executor:
        for own, inside, after in executor.map(work, [0.0, 0.02, 0.04]):
            assert own == after
            assert inside == [1] * 3


def test_the_last_to_leave_restores_the_number_of_the_process():
    """A thread that starts within lanes sees one thread of torch, and must not leave it so."""
    own = torch.get_num_threads()
    torch.set_num_threads(3)
    entered, left = threading.Event(), threading.Event()

    def outlive():
        with Lanes(2):
            entered.set()
            assert left.wait(10)

    try:
        with ThreadPoolExecutor(1) as executor:
            with Lanes(2):
                other = executor.submit(outlive)
                assert entered.wait(10)
            left.set()
            other.result()
        assert torch.get_num_threads() == 3
        assert in_new_thread(torch.get_num_threads) == 3
    finally:
        torch.set_num_threads(own)
        in_new_thread(lambda: torch.set_num_threads(own))


def test_lanes_can_be_used_in_a_thread(threads_before):
    def work():
        with Lanes(2) as lanes:
            return lanes.map(abs, [-1, 2])

    assert in_new_thread(work) == [1, 2]
