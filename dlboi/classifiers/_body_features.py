"""Features that a fixed body gives for images: each distinct image passes through it once."""

import hashlib
import itertools

import numpy as np
import torch
import xxhash

from dlboi.training import (
    FeatureCache,
    ImageArray,
    ImageClassifierNet,
    ImageFiles,
    Lanes,
    LocalRandomness,
    augment_batch,
)
from dlboi.training._tensor_file import hash_tensors

#: Part of every key: a change of what the features of an image are makes it another number.
_VERSION = 2

#: Arguments of the network that its features do not depend on.
_OF_THE_HEAD = {"input_shape", "n_outputs", "dropout", "filled"}

#: Images that are hashed at once, by one thread: few, so that they are still in its cache.
_HASHED_AT_ONCE = 16

#: Images of a view that are in memory at once.
_VIEWED_AT_ONCE = 256

#: Hash of the body that was loaded last, by the hash of its weights' source and its layers.
_hashes = {}


def body_features(
    net: ImageClassifierNet,
    images: ImageArray | ImageFiles,
    memory,
    index: np.ndarray | None = None,
) -> np.ndarray:
    """Return the features of images; those that are kept in `memory` are not computed.

    Parameters
    ----------
    net : ImageClassifierNet
        Its module is a PretrainedNetwork whose body does not learn.
    images : ImageArray or ImageFiles
        The images.
    memory : "auto", path-like or None
        As in :class:`FeatureCache`.
    index : ndarray of int, default=None
        Which images; None takes all of them.

    Returns
    -------
    ndarray of float32 of shape (len(index), n_features)
    """
    index = np.arange(len(images)) if index is None else np.asarray(index)
    settings = _hash_settings(net)
    keys = [
        hashlib.sha256(settings + pixels).hexdigest() for pixels in _hash_pixels(net, images, index)
    ]

    def features(pixels, start):
        with torch.inference_mode(), net.autocast():
            return net.module_.features(pixels).float()

    def compute(rows):
        net.module_.eval()
        return net.map_images(images, features, index[rows]).cpu().numpy()

    return FeatureCache(memory).fetch(keys, compute)


def body_views(
    net: ImageClassifierNet,
    images: ImageArray | ImageFiles,
    memory,
    index: np.ndarray,
    *,
    augment,
    n_views: int,
) -> np.ndarray:
    """Return the features of images in several randomly changed views.

    What a view shows follows from the net's seed, the pixels and the number of the view: the folds
    of a search share them.

    Parameters
    ----------
    net, images, memory, index
        As in :func:`body_features`.
    augment : callable
        Transform of one image (c, h, w).
    n_views : int
        Number of views.

    Returns
    -------
    ndarray of float32 of shape (n_views, len(index), n_features)
    """
    index = np.asarray(index)
    seeds = [int.from_bytes(digest[:8], "little") for digest in _hash_pixels(net, images, index)]

    def features(view, rows):
        changed = []
        for row in rows:
            with LocalRandomness(net.seed, view, seeds[row]):
                changed.append(augment_batch(images.take(index[[row]]), augment))
        # Changed once: a transform that draws elsewhere would show the key another image.
        return body_features(net, _Changed(torch.cat(changed)), memory)

    parts = np.split(np.arange(len(index)), range(_VIEWED_AT_ONCE, len(index), _VIEWED_AT_ONCE))
    return np.stack([np.concatenate([features(v, rows) for rows in parts]) for v in range(n_views)])


class _Changed:
    """Images that have been changed, as a set."""

    def __init__(self, pixels):
        self._pixels = pixels
        self.image_shape = tuple(pixels.shape[1:])

    def __len__(self):
        return len(self._pixels)

    def take(self, index):
        return self._pixels[torch.as_tensor(index)]


def _hash_pixels(net, images, index):
    """Return a hash of type, shape and values of the pixels of each image."""

    def hash_part(rows):
        hashes = []
        for pixels in images.take(rows).contiguous().numpy():
            # Each fit of a search hashes its images: this one costs no more than reading them.
            digest = xxhash.xxh3_128(f"{pixels.dtype.str}{pixels.shape}".encode())
            digest.update(pixels)
            hashes.append(digest.digest())
        return hashes

    parts = np.split(index, range(_HASHED_AT_ONCE, len(index), _HASHED_AT_ONCE))
    with Lanes(net.n_threads) as lanes:
        return list(itertools.chain.from_iterable(lanes.map(hash_part, parts)))


def _hash_settings(net):
    """Return a hash of all that decides the features of an image besides its pixels."""
    arguments = net.get_params_for("module").items()
    facts = sorted((name, str(value)) for name, value in arguments if name not in _OF_THE_HEAD)
    device = torch.device(net.device).type
    text = f"{_VERSION} {torch.__version__} {device} {net.precision} {facts}"
    return hashlib.sha256(text.encode() + _hash_body(net)).digest()


def _hash_body(net):
    """Return a hash of the weights of the body; it is kept as long as they are the same."""
    state = {name: tensor.detach() for name, tensor in net.module_.body.state_dict().items()}
    stamp = [(tensor.data_ptr(), tensor._version) for tensor in state.values()]
    held = vars(net).get("_body_digest")
    if held is None or held[0] != stamp:
        # The fits of a search load the same weights. Believed once: later the stamp is asked.
        source, net.module_.body_source = net.module_.body_source, None
        digest = None if source is None else _hashes.get((source, *state))
        if digest is None:
            digest = bytes.fromhex(hash_tensors(state))
            if source is not None:
                _hashes.clear()
                _hashes[source, *state] = digest
        held = vars(net)["_body_digest"] = stamp, digest
    return held[1]
