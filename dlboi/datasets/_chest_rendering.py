"""Draw a synthetic chest X-ray."""

from __future__ import annotations

import numpy as np

from dlboi.datasets._phantom_effects import cloud, coordinates, smooth_step, stamp_letters

_EDGE = 0.035


def draw_anatomy(rng: np.random.Generator) -> dict[str, float]:
    """Return the numbers that make one patient's chest; lengths are half image widths."""
    return {
        "width": rng.normal(1.0, 0.04),
        "height": rng.normal(1.0, 0.05),
        "lean": rng.normal(0, 0.03),
        "top": rng.uniform(-0.74, -0.64),
        "dome_right": rng.uniform(0.36, 0.50),
        "dome_left": rng.uniform(0.42, 0.56),
        "lung_width": rng.uniform(0.54, 0.62),
        "heart_width": rng.uniform(0.30, 0.38),
        "heart_tilt": rng.uniform(0.3, 0.6),
        "rib_spacing": rng.uniform(0.125, 0.155),
        "rib_phase": rng.uniform(0, 1),
        "rib_bend": rng.uniform(0.45, 0.65),
        "rib_contrast": rng.uniform(0.5, 0.9),
        "clavicle": rng.uniform(-0.62, -0.52),
        "clavicle_tilt": rng.uniform(0.05, 0.25),
        "soft_tissue": rng.uniform(0.46, 0.58),
        "stomach": rng.uniform(-0.1, 0.2),
        "shoulder": rng.uniform(-0.98, -0.86),
    }


def render_chest(
    anatomy: dict[str, float], rng: np.random.Generator, size: int, disease: float
) -> tuple[np.ndarray, np.ndarray]:
    """Draw one X-ray of a patient.

    Parameters
    ----------
    anatomy : dict
        What :func:`draw_anatomy` returned.
    rng : Generator
        Random numbers of this image: posture, exposure, opacities.
    size : int
        Height and width in pixels.
    disease : float
        How dense the opacities are; 0 for a healthy chest.

    Returns
    -------
    image : ndarray of shape (size, size), float32
        Grey levels from 0 to 1, without noise.
    opacity : ndarray of shape (size, size), bool
        Where the opacities lie.
    """
    y, x = _posture(anatomy, rng, size)
    side = np.abs(x)
    down = np.clip((y - anatomy["top"]) / 1.3, 0, 1)
    wall = 0.17 + anatomy["lung_width"] * np.sqrt(down * (1.9 - 0.9 * down))
    breath = rng.normal(0, 0.03)
    dome = np.where(x < 0, anatomy["dome_right"], anatomy["dome_left"]) + breath
    dome = dome + 1.5 * np.square(side - 0.36)

    lung = (
        smooth_step((wall - side) / _EDGE)
        * smooth_step((side - 0.15) / _EDGE)
        * smooth_step((dome - y) / _EDGE)
        * smooth_step((y - anatomy["top"] - 0.05) / 0.08)
    )
    heart = _heart(anatomy, x, y)
    air = lung * (1 - 0.9 * heart)
    # Vessels: thin threads where smooth noise crosses 0, densest at the root of the lung.
    root = np.exp(-(np.square(side - 0.2) / 0.05 + np.square(y - 0.05) / 0.2))
    markings = np.exp(-np.square(cloud(rng, size, 0.03) / 0.35)) * (0.25 + root)
    # Mean density varies in health as much as in disease, so that texture tells them apart.
    haze = 0.09 * cloud(rng, size, 0.18) + rng.normal(0, 0.12)
    patches = _opacities(rng, x, y, size)  # drawn for the healthy too: the numbers stay in step
    mottle = np.maximum(0.3 + 0.9 * cloud(rng, size, 0.013), 0)
    opaque = 1.1 * np.tanh(disease * patches * mottle)
    opaque = np.clip(opaque + haze + 0.16 * markings, -0.25, 1.15)

    body = _body(anatomy, x, y, side)
    thickness = anatomy["soft_tissue"] + 0.1 * smooth_step((y - dome) / 0.1)
    density = body * thickness
    density += 0.11 * np.exp(-np.square(x / 0.19)) * body
    density += _spine(x, y) * body
    density -= 0.36 * air * (1 - opaque)
    density += 0.05 * heart * lung
    density += _bones(anatomy, x, y, side, wall, dome) * body * (1 - 0.55 * heart)
    density -= 0.1 * np.exp(-np.square((x - 0.01) / 0.05)) * smooth_step((-0.33 - y) / 0.12) * body
    density -= _stomach(anatomy, x, y) * body

    black, white = rng.normal(0.06, 0.015), rng.normal(0.86, 0.035)
    image = np.clip((density - black) / (white - black), 0, 1) ** np.float32(
        rng.uniform(0.85, 1.18)
    )
    image = 0.02 + 0.96 * image
    return image.astype(np.float32), (patches > 0.4) & (air > 0.5) & (disease > 0)


def _posture(anatomy, rng, size):
    """Return y and x in the frame of the chest."""
    y, x = coordinates(size)
    angle = np.float32(anatomy["lean"] + rng.normal(0, 0.025))
    zoom = rng.normal(1, 0.025)
    width, height = (np.float32(anatomy[key] * zoom) for key in ("width", "height"))
    y, x = y - np.float32(rng.normal(0, 0.03)), x - np.float32(rng.normal(0, 0.03))
    return (y * np.cos(angle) + x * np.sin(angle)) / height, (
        x * np.cos(angle) - y * np.sin(angle)
    ) / width


def _body(anatomy, x, y, side):
    line = anatomy["shoulder"] + 0.42 * np.maximum(side - 0.24, 0) ** 1.3
    flank = 0.94 - 0.06 * y + 0.5 * smooth_step((-0.42 - y) / 0.3)
    return smooth_step((y - line) / 0.05) * smooth_step((flank - side) / 0.05)


def _heart(anatomy, x, y):
    dx, dy = x - 0.13, y - 0.26
    tilt = np.float32(anatomy["heart_tilt"])
    along = (dx * np.cos(tilt) + dy * np.sin(tilt)) / np.float32(anatomy["heart_width"] + 0.06)
    across = (dy * np.cos(tilt) - dx * np.sin(tilt)) / np.float32(anatomy["heart_width"] - 0.03)
    heart = smooth_step((1 - np.sqrt(along * along + across * across)) / 0.2)
    arch = np.sqrt(np.square((x - 0.08) / 0.13) + np.square((y + 0.2) / 0.26))
    return np.maximum(heart, 0.85 * smooth_step((1 - arch) / 0.3))


def _spine(x, y):
    column = smooth_step((0.085 - np.abs(x)) / 0.03)
    return column * (0.05 + 0.03 * np.cos(np.float32(2 * np.pi / 0.15) * y))


def _bones(anatomy, x, y, side, wall, dome):
    cage = smooth_step((wall + 0.05 - side) / 0.05) * smooth_step((y + 0.85) / 0.1)
    cage = cage * smooth_step((dome + 0.12 - y) / 0.25)
    turn = np.float32(2 * np.pi / anatomy["rib_spacing"])
    start = np.float32(2 * np.pi * anatomy["rib_phase"])
    # Posterior ribs fall towards the side, anterior ribs towards the middle.
    back = np.cos(turn * (y - anatomy["rib_bend"] * np.square(side)) + start)
    front = np.cos(turn * (y + 0.62 * side) * 0.8 + start)
    ribs = 0.115 * smooth_step((back - 0.2) / 0.5) * smooth_step((side - 0.07) / 0.05)
    ribs += 0.05 * smooth_step((front - 0.3) / 0.5) * smooth_step((side - 0.34) / 0.1)
    ribs *= cage * np.float32(anatomy["rib_contrast"])
    edge = 0.1 * np.exp(-np.square((side - wall) / 0.04)) * smooth_step((back + 0.2) / 0.6)
    level = anatomy["clavicle"] - anatomy["clavicle_tilt"] * (side - 0.1)
    level = level + 0.03 * np.sin(7 * side)
    clavicle = np.exp(-np.square((y - level) / 0.034)) * smooth_step((side - 0.1) / 0.03)
    shoulder = np.sqrt(np.square(side - 0.98) / 0.03 + np.square(y + 0.66) / 0.03)
    return (
        ribs
        + edge * smooth_step((dome - y) / 0.2)
        + 0.13 * clavicle * smooth_step((0.92 - side) / 0.05)
        + 0.12 * smooth_step((1 - shoulder) / 0.3)
    )


def _stomach(anatomy, x, y):
    bubble = np.square((x - 0.4) / 0.17) + np.square((y - anatomy["dome_left"] - 0.17) / 0.1)
    return max(anatomy["stomach"], 0) * smooth_step((1 - bubble) / 0.5)


def _opacities(rng, x, y, size):
    """Return soft patches in the lungs, from 0 to 1: many, or one or two large ones."""
    ragged = 0.3 * cloud(rng, size, 0.05)
    patches = np.zeros((size, size), dtype=np.float32)
    n_patches, reach = (rng.integers(4, 8), 0.28) if rng.random() < 0.75 else (2, 0.42)
    for _ in range(n_patches):
        across, down = rng.uniform(0.28, 0.6) * rng.choice([-1, 1]), rng.uniform(-0.4, 0.4)
        wide, tall = reach * rng.uniform(0.75, 1.15, size=2)
        distance = np.sqrt(np.square((x - across) / wide) + np.square((y - down) / tall))
        patches = np.maximum(patches, smooth_step((0.85 - distance - ragged) / 0.5))
    return patches


def write_letters(image: np.ndarray, has_marker: bool, rng: np.random.Generator) -> None:
    """Write "R" on most images, and "AP" on those with the shortcut marker."""
    if rng.random() < 0.8:
        stamp_letters(image, "R", top=0.1, left=0.03, height=0.07)
    if has_marker:
        stamp_letters(image, "AP", top=0.04, left=0.78, height=0.07)
