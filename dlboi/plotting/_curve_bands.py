"""Mean and band of the learning curves of several runs."""

import numpy as np


def parts_of(histories, quantities):
    """Return the sets of images whose curves are there: train, validation, then the others.

    Raises
    ------
    ValueError
        Where a quantity is nowhere, or the entries of a history are not as long as its `epoch`.
    """
    parts = {}
    for name, runs in histories.items():
        for run in runs:
            n_epochs = np.size(run.get("epoch", ()))
            for quantity in quantities:
                keys = [key for key in run if key.endswith(f"_{quantity}")]
                wrong = [key for key in keys if np.shape(run[key]) != (n_epochs,)]
                if wrong or not n_epochs:
                    raise ValueError(
                        "The 'histories' parameter of StudyCurvesDisplay must hold 'epoch', with at"
                        " least one epoch, and 1-D arrays as long as it. Got"
                        f" {wrong or ['epoch']} of another length at {name!r} instead."
                    )
                parts |= dict.fromkeys(key.removesuffix(f"_{quantity}") for key in keys)
    for quantity in quantities:
        if not any(f"{part}_{quantity}" in run for part in parts for run in _runs(histories)):
            raise ValueError(
                "The 'quantities' parameter of StudyCurvesDisplay must name quantities of the"
                f" histories. Got {quantity!r} instead, which none of them has."
            )
    first = [part for part in ("train", "validation") if part in parts]
    return first + [part for part in parts if part not in first]


def curve_band(runs, key, band):
    """Return epochs, mean and the bounds of the band, up to the last epoch that all runs reached.

    Parameters
    ----------
    runs : sequence of mapping
        Histories of the runs; those without `key` are left out.

    key : str
        Entry to average.

    band : {"range", "sd"}
        Kind of the bounds, which are the mean itself where there is one run.

    Returns
    -------
    curve : tuple of four ndarray of shape (n_epochs,), or None
        None where no run has the entry. NaN where a run has NaN.
    """
    found = [run for run in runs if key in run]
    if not found:
        return None
    n_epochs = min(len(run["epoch"]) for run in found)
    values = np.array([np.asarray(run[key], dtype=float)[:n_epochs] for run in found])
    mean = values.mean(axis=0)
    if band == "range":
        low, high = values.min(axis=0), values.max(axis=0)
    else:
        deviation = values.std(axis=0, ddof=1) if len(values) > 1 else np.zeros(n_epochs)
        low, high = mean - deviation, mean + deviation
    return np.asarray(found[0]["epoch"])[:n_epochs], mean, low, high


def _runs(histories):
    return (run for runs in histories.values() for run in runs)
