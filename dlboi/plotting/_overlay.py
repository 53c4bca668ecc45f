"""A map over its image."""

from dlboi.plotting._style import PALETTE


def draw_map(ax, map_, limit, shape):
    """Draw a map over its image: the paler, the nearer to zero."""
    from matplotlib.colors import LinearSegmentedColormap, to_rgb
    from matplotlib.patheffects import withStroke

    against, in_favour = to_rgb(PALETTE["blue"]), to_rgb(PALETTE["vermillion"])
    colors = [(*against, 0.85), (*against, 0.0), (*in_favour, 0.0), (*in_favour, 0.85)]
    stops = list(zip([0, 0.5, 0.5, 1], colors, strict=True))
    cmap = LinearSegmentedColormap.from_list("for_and_against", stops)
    extent = (-0.5, shape[1] - 0.5, shape[0] - 0.5, -0.5)
    scale = {"vmin": -limit, "vmax": limit}
    overlay = ax.imshow(map_, cmap=cmap, extent=extent, interpolation="bilinear", **scale)
    levels = [level for level in (-limit / 2, limit / 2) if map_.min() < level < map_.max()]
    if levels and min(map_.shape) > 1:
        # Dashes of black where negative, as is matplotlib's custom; the halo shows them on black.
        lines = ax.contour(
            map_, levels, colors="black", linewidths=0.9, extent=extent, origin="upper"
        )
        lines.set_path_effects([withStroke(linewidth=2.2, foreground="white", alpha=0.7)])
    return overlay
