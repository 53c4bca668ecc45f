"""Schedules against torch's own."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dlboi.training import schedule_factor

quick = settings(deadline=None, max_examples=25)


def torch_rates(n_epochs, lr, make_scheduler):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    scheduler = make_scheduler(optimizer)
    rates = []
    for _ in range(n_epochs + 1):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def our_rates(n_epochs, lr, schedule, step_size=10, gamma=0.1):
    return [
        lr * schedule_factor(schedule, epoch, max_epochs=n_epochs, step_size=step_size, gamma=gamma)
        for epoch in range(n_epochs + 1)
    ]


@quick
@given(n_epochs=st.integers(1, 60), lr=st.floats(1e-6, 1))
def test_cosine_is_that_of_torch_and_ends_at_zero(n_epochs, lr):
    ours = our_rates(n_epochs, lr, "cosine")
    theirs = torch_rates(
        n_epochs, lr, lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=n_epochs)
    )
    assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-12 * lr)
    assert ours[0] == lr
    assert ours[-1] == 0
    assert all(later < earlier for earlier, later in itertools.pairwise(ours))


@quick
@given(n_epochs=st.integers(1, 60), step_size=st.integers(1, 70), gamma=st.floats(0.01, 1))
def test_step_is_that_of_torch(n_epochs, step_size, gamma):
    theirs = torch_rates(
        n_epochs,
        1e-3,
        lambda o: torch.optim.lr_scheduler.StepLR(o, step_size=step_size, gamma=gamma),
    )
    assert our_rates(n_epochs, 1e-3, "step", step_size, gamma) == pytest.approx(theirs, rel=1e-9)


def test_cosine_stays_at_zero_beyond_its_end():
    assert schedule_factor("cosine", 8, max_epochs=5, step_size=1, gamma=0.1) == 0


def test_no_schedule_is_a_constant_rate():
    assert our_rates(30, 0.5, None, step_size=1) == [0.5] * 31
