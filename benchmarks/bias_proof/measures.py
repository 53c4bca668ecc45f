"""Coverage of the intervals, and whether p-values are uniform where nothing is planted."""

import numpy as np
from scipy import stats

from benchmarks.bias_proof.tally import of_cell
from benchmarks.bias_proof.truths import COVERAGE_SIZES, EVERYTHING

_UNKNOWN = ["", np.nan, np.nan, np.nan]
_LEVELS = (0.01, 0.05, 0.2, 0.5)


def coverage_rows(records) -> list[dict]:
    """Return for each effect and number of patients how often its interval holds the truth.

    Parameters
    ----------
    records : list of dict
        What the jobs found.

    Returns
    -------
    list of dict
        Effect, patients, truth, mean estimate, mean width, shares that hold the truth and the mean,
        and the number of intervals.
    """
    rows = []
    studies = of_cell(records, "coverage", "rows", EVERYTHING.name)
    calibrated = of_cell(records, "truth", "rows", EVERYTHING.name)
    for n_patients in COVERAGE_SIZES:
        sized = [each for each in studies if each["job"][3] == n_patients]
        here = [each["verdicts"] for each in sized]
        truths = [each["effects"] for each in calibrated if each["job"][3] == n_patients]
        for name in dict.fromkeys(name for each in here for name in each):
            found = np.array([each.get(name, _UNKNOWN)[1:4] for each in here], dtype=float)
            known = ~np.isnan(found).any(axis=1)
            found = found[known]
            if not len(found):
                continue
            truth = truths[0].get(name, (np.nan,))[0] if truths else np.nan
            # Of the gap and of the recalls each study has a truth of its own.
            truth = np.array([each.get("given", {}).get(name, truth) for each in sized])[known]
            estimate, low, high = found.T
            rows.append(
                {
                    "effect": name,
                    "patients": n_patients,
                    "truth": truth.mean(),
                    "mean": estimate.mean(),
                    "width": (high - low).mean(),
                    "holds truth": np.nan
                    if np.isnan(truth).any()
                    else np.mean((low <= truth) & (truth <= high)),
                    "holds mean": np.mean((low <= estimate.mean()) & (estimate.mean() <= high)),
                    "intervals": len(found),
                }
            )
    return sorted(rows, key=lambda row: (row["effect"], row["patients"]))


def null_rows(records, source: str) -> list[dict]:
    """Return how often each p-value is small where nothing is planted.

    Parameters
    ----------
    records : list of dict
        What the jobs found.
    source : str
        Where images come from.

    Returns
    -------
    list of dict
        P-value, shares up to each level, the p-value of Kolmogorov and Smirnov's test of
        uniformity, and the number of studies.
    """
    studies = of_cell(records, "own", source, "nothing, few")
    found = {}
    for study in studies:
        effects = {name: record[4] for name, record in study["verdicts"].items()}
        for name, p_value in {**study["p_values"], **effects}.items():
            if p_value == p_value:
                found.setdefault(name, []).append(p_value)
    return [
        {
            "p-value": name,
            **{f"up to {level}": np.mean(np.array(values) <= level) for level in _LEVELS},
            "uniform": stats.kstest(values, "uniform").pvalue,
            "studies": len(values),
        }
        for name, values in found.items()
    ]
