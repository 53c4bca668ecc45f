"""The six tissues: maps of how much haematoxylin and eosin lies where."""

from __future__ import annotations

import numpy as np

from dlboi.datasets._phantom_effects import cloud, smooth_step


def _grid(size):
    centres = (np.arange(size, dtype=np.float32) + 0.5) / size
    return centres[:, None], centres[None, :]


def _scatter(rng, spacing, jitter):
    """Return points (y, x) about `spacing` apart, on a disturbed hexagonal grid."""
    rows = np.arange(-0.1, 1.1, spacing * 0.87)
    columns = np.arange(-0.1, 1.1, spacing)
    y, x = np.meshgrid(rows, columns, indexing="ij")
    x = x + (np.arange(len(rows)) % 2)[:, None] * spacing / 2
    points = np.stack([y.ravel(), x.ravel()], axis=1) + rng.uniform(0, spacing, 2)
    return points + rng.uniform(-jitter, jitter, points.shape) * spacing


def _ellipses(size, points, radius, aspect=1.0, angle=0.0, level=1.0, rim=0.3):
    """Return the map of filled ellipses, where they overlap that of the darker one.

    Lengths are in tile widths; `aspect` stretches along `angle`, measured from the x axis.
    """
    n = len(points)
    radius, aspect, angle, level = (
        np.broadcast_to(np.asarray(value, dtype=np.float32), n)[:, None, None]
        for value in (radius, aspect, angle, level)
    )
    flat = np.zeros(size * size, dtype=np.float32)
    if n == 0:
        return flat.reshape(size, size)
    short, long = radius * size, radius * aspect * size
    reach = int(np.ceil(long.max())) + 1
    centre = np.asarray(points, dtype=np.float32)[:, :, None, None] * size
    offset = np.arange(-reach, reach + 1)
    row = np.floor(centre[:, 0]).astype(int) + offset[:, None]
    column = np.floor(centre[:, 1]).astype(int) + offset[None, :]
    dy, dx = row + np.float32(0.5) - centre[:, 0], column + np.float32(0.5) - centre[:, 1]
    along = (dx * np.cos(angle) + dy * np.sin(angle)) / long
    across = (dy * np.cos(angle) - dx * np.sin(angle)) / short
    distance = np.sqrt(along * along + across * across)
    value = smooth_step((1 - distance) * short / 0.7)
    value *= level * (1 - rim + rim * smooth_step((distance - 0.7) / 0.3))
    inside = (row >= 0) & (row < size) & (column >= 0) & (column < size) & (value > 0)
    np.maximum.at(flat, (row * size + column)[inside], value[inside])
    return flat.reshape(size, size)


def _fibres(rng, size, angle):
    """Return wavy fibres between 0 and 1 that run along `angle`."""
    y, x = _grid(size)
    across = y * np.float32(np.cos(angle)) - x * np.float32(np.sin(angle))
    across = across + 0.035 * cloud(rng, size, 0.14) + 0.006 * cloud(rng, size, 0.03)
    fibres = np.zeros((size, size), dtype=np.float32)
    for cycles, weight in ((9, 0.5), (17, 0.3), (31, 0.2)):
        wave = np.sin(np.float32(2 * np.pi * cycles) * across + np.float32(rng.uniform(0, 6.3)))
        fibres += weight * (0.5 + 0.5 * wave)
    return fibres


def _grain(rng, size, h, amount=0.3):
    return h * (1 + amount * cloud(rng, size, 0.008))


def _tumor(rng, size):
    points = _scatter(rng, 0.084, 0.3)
    n = len(points)
    h = _ellipses(
        size,
        points,
        radius=np.clip(rng.normal(0.034, 0.007, n), 0.02, 0.055),
        aspect=rng.uniform(1.0, 1.8, n),
        angle=rng.uniform(0, np.pi) + rng.normal(0, 0.6, n),
        level=rng.uniform(0.5, 1.0, n),
        rim=0.35,
    )
    lumen = smooth_step((cloud(rng, size, 0.11) - 1.75) / 0.2)
    h = _grain(rng, size, h) + 0.2 + 0.04 * cloud(rng, size, 0.03)
    e = 0.42 + 0.08 * cloud(rng, size, 0.04) - 0.15 * (h > 0.4)
    return h * (1 - lumen), e * (1 - lumen)


def _stroma(rng, size, density=0.19):
    angle = rng.uniform(0, np.pi)
    fibres = _fibres(rng, size, angle)
    points = _scatter(rng, density, 0.5)
    n = len(points)
    h = _ellipses(
        size,
        points,
        radius=rng.uniform(0.010, 0.016, n),
        aspect=rng.uniform(2.5, 4.5, n),
        angle=angle + rng.normal(0, 0.25, n),
        level=rng.uniform(0.65, 1.0, n),
        rim=0.1,
    )
    cleft = smooth_step((0.14 + 0.08 * cloud(rng, size, 0.12) - fibres) / 0.08)
    return h + 0.06, (0.34 + 0.5 * fibres) * (1 - 0.75 * cleft)


def _complex(rng, size):
    h, e = _stroma(rng, size, density=0.23)
    nest = smooth_step((cloud(rng, size, 0.13) - 0.55) / 0.2)
    tumor_h, tumor_e = _tumor(rng, size)
    h, e = h + nest * (tumor_h - h), e + nest * (tumor_e - e)
    points = _scatter(rng, 0.1, 0.5)
    points = points[rng.random(len(points)) < 0.55]
    return np.maximum(h, _ellipses(size, points, 0.021, 1.1, 0, 1.0, 0.1)), e


def _lympho(rng, size):
    points = _scatter(rng, 0.059, 0.27)
    points = points[rng.random(len(points)) < 0.93]
    n = len(points)
    h = _ellipses(
        size,
        points,
        radius=rng.normal(0.0225, 0.002, n),
        aspect=rng.uniform(1.0, 1.2, n),
        angle=rng.uniform(0, np.pi, n),
        level=rng.uniform(0.85, 1.2, n),
        rim=0.15,
    )
    h = _grain(rng, size, h, 0.2) + 0.08
    return h, 0.28 + 0.1 * cloud(rng, size, 0.03)


def _debris(rng, size):
    points = _scatter(rng, 0.13, 0.5)
    points = points[rng.random(len(points)) < 0.5]
    n = len(points)
    h = _ellipses(
        size,
        points,
        radius=rng.uniform(0.006, 0.02, n),
        aspect=rng.uniform(1.0, 2.0, n),
        angle=rng.uniform(0, np.pi, n),
        level=rng.uniform(0.3, 0.8, n),
        rim=0.0,
    )
    smear = cloud(rng, size, 0.05)
    threads = np.exp(-np.square(cloud(rng, size, 0.07) / 0.25))
    cleft = smooth_step((cloud(rng, size, 0.09) - 1.2) / 0.3)
    h = h + 0.12 + 0.05 * smear + 0.1 * threads
    e = 0.3 + 0.12 * cloud(rng, size, 0.02) + 0.1 * smear + 0.12 * threads
    return h * (1 - cleft), e * (1 - cleft)


def _mucosa(rng, size):
    """Draw crypts: a ring of nuclei around pale goblet cells around a lumen."""
    y, x = _grid(size)
    centres = _scatter(rng, 0.56, 0.08)
    radii = rng.uniform(0.2, 0.25, len(centres))
    cut, stretch = rng.uniform(0, np.pi), rng.uniform(1.0, 1.35)  # few crypts are cut straight
    turned = np.array([[np.cos(cut), -np.sin(cut)], [np.sin(cut), np.cos(cut)]])
    shape = (turned * [stretch**0.5, stretch**-0.5]) @ turned.T
    inverse = np.linalg.inv(shape).astype(np.float32)
    ragged = 0.05 * cloud(rng, size, 0.05)

    edge = np.full((size, size), 9, dtype=np.float32)
    ring, angle, goblets = [np.empty((0, 2))], [np.empty(0)], [np.empty((0, 2))]
    for centre, radius in zip(centres, radii, strict=True):
        if np.any(np.abs(centre - 0.5) > 0.5 + 1.2 * radius):
            continue
        dy, dx = y - np.float32(centre[0]), x - np.float32(centre[1])
        down, right = (row[0] * dy + row[1] * dx for row in inverse)
        edge = np.minimum(edge, np.sqrt(down * down + right * right) / np.float32(radius))
        points, turn = _around(rng, radius, 0.9, 0.037)
        ring.append(centre + points @ shape)
        angle.append(turn)
        points, _ = _around(rng, radius, 0.58, 0.075)
        goblets.append(centre + points @ shape)
    edge = edge + ragged * (edge > 0.3)

    ring, angle = np.concatenate(ring), np.concatenate(angle)
    n = len(ring)
    h = _ellipses(
        size,
        ring,
        radius=rng.uniform(0.013, 0.019, n),
        aspect=rng.uniform(1.3, 2.0, n),
        angle=angle + rng.normal(0, 0.2, n),
        level=rng.uniform(0.7, 1.0, n),
        rim=0.1,
    )
    between = _scatter(rng, 0.075, 0.4)
    row, column = np.clip((between * size).astype(int), 0, size - 1).T
    between = between[(edge[row, column] > 1.12) & (rng.random(len(between)) < 0.7)]
    h = np.maximum(h, _ellipses(size, between, 0.018, 1.3, rng.uniform(0, 3), 0.9, 0.1))
    within = smooth_step((1 - edge) / 0.05)
    mucin = _ellipses(size, np.concatenate(goblets), 0.042, 1.15, 0, 1.0, 0.0)
    lumen = smooth_step((0.2 - edge) / 0.08)
    e = 0.5 + 0.12 * cloud(rng, size, 0.025) - within * (0.12 + 0.25 * mucin)
    h = h + 0.06 + within * (0.14 - 0.1 * mucin)
    return h * (1 - lumen), e * (1 - lumen)


def _around(rng, radius, at, gap):
    """Return points about `gap` apart on a circle of `at` radii, and their angles."""
    n = int(2 * np.pi * radius * at / gap)
    turn = np.linspace(0, 2 * np.pi, n, endpoint=False) + rng.uniform(0, 1)
    turn = turn + rng.normal(0, 0.04, n)
    out = radius * (at + rng.normal(0, 0.025, n))[:, None]
    return out * np.stack([np.sin(turn), np.cos(turn)], axis=1), turn


TISSUES = {
    "tumor": _tumor,
    "stroma": _stroma,
    "complex": _complex,
    "lympho": _lympho,
    "debris": _debris,
    "mucosa": _mucosa,
}
