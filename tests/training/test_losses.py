"""The loss against torch's."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from dlboi.training import LogitLoss

quick = settings(deadline=None, max_examples=30)


@st.composite
def batches(draw, n_logits):
    n, seed = draw(st.integers(1, 12)), draw(st.integers(0, 2**16))
    generator = torch.Generator().manual_seed(seed)
    logits = 5 * torch.randn(n, n_logits, generator=generator)
    target = torch.randint(max(n_logits, 2), (n,), generator=generator)
    weight = 0.1 + torch.rand(n, generator=generator)
    return logits, target, weight


@quick
@given(batches(1))
def test_bce_is_that_of_torch(batch):
    logits, target, weight = batch
    loss = LogitLoss("bce")
    expected = functional.binary_cross_entropy_with_logits(logits[:, 0], target.float())
    torch.testing.assert_close(loss(logits, target), expected)
    each = functional.binary_cross_entropy_with_logits(
        logits[:, 0], target.float(), reduction="none"
    )
    expected = (each * weight).sum() / weight.sum()
    torch.testing.assert_close(loss(logits, target, weight), expected)


@quick
@given(batches(4))
def test_ce_is_that_of_torch(batch):
    logits, target, weight = batch
    loss = LogitLoss("ce")
    torch.testing.assert_close(loss(logits, target), functional.cross_entropy(logits, target))
    class_weight = torch.tensor([1.0, 2.0, 3.0, 4.0])
    torch.testing.assert_close(
        loss(logits, target, class_weight[target]),
        functional.cross_entropy(logits, target, weight=class_weight),
    )
    each = functional.cross_entropy(logits, target, reduction="none")
    expected = (each * weight).sum() / weight.sum()
    torch.testing.assert_close(loss(logits, target, weight), expected)


@quick
@given(batches(1))
def test_one_logit_is_two_logits_in_loss_and_gradient(batch):
    logits, target, _ = batch
    logits.requires_grad_()
    two = torch.cat([torch.zeros_like(logits), logits], dim=1)
    one_loss, two_loss = LogitLoss("bce")(logits, target), LogitLoss("ce")(two, target)
    torch.testing.assert_close(one_loss, two_loss)
    (one_slope,) = torch.autograd.grad(one_loss, logits)
    (two_slope,) = torch.autograd.grad(two_loss, logits)
    torch.testing.assert_close(one_slope, two_slope)


@quick
@given(batches(3), st.integers(0, 12))
def test_parts_of_a_batch_add_up_to_the_whole(batch, cut):
    logits, target, weight = batch
    loss = LogitLoss("ce")
    parts = [slice(None, cut), slice(cut, None)]
    for w, total in ((weight, weight.sum()), (None, len(target))):
        summed = sum(
            loss(logits[part], target[part], None if w is None else w[part], total)
            for part in parts
        )
        torch.testing.assert_close(summed, loss(logits, target, w))


@pytest.mark.parametrize("kind", ["bce", "ce"])
def test_a_weight_of_two_is_the_image_twice(kind):
    logits = torch.tensor([[0.3], [-2.0]]) if kind == "bce" else torch.tensor([[0.3, 1], [2, 0]])
    target = torch.tensor([1, 0])
    twice = [0, 1, 1]
    torch.testing.assert_close(
        LogitLoss(kind)(logits, target, torch.tensor([1.0, 2.0])),
        LogitLoss(kind)(logits[twice], target[twice]),
    )


@pytest.mark.parametrize("kind", ["bce", "ce"])
def test_large_logits_stay_finite(kind):
    logits = torch.full((3, 1 if kind == "bce" else 2), 1e30)
    assert LogitLoss(kind)(logits, torch.tensor([0, 1, 0])).isfinite()


def test_half_precision_logits_are_summed_in_float32():
    logits = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    loss = LogitLoss("ce")(logits.bfloat16(), torch.tensor([0, 1, 2, 0, 1]))
    assert loss.dtype == torch.float32
