"""Does the interval of an accuracy hold the truth? ``python -m benchmarks.coverage``.

Patients have accuracies of their own, from a beta distribution with the given correlation within
patients; printed is the share of simulated sets whose 95 % interval holds the accuracy that they
were drawn with, and the width against Wilson's interval where images are independent.
"""

import numpy as np

from dlboi.metrics import proportion_interval

N_PATIENTS = (10, 20, 40, 400)
SIZES = ("5", "20", "unequal, mean 3.3")


def simulate(size, accuracy, correlation, n_patients, n_sets):
    """Return the coverage, and the mean width over that of Wilson's interval."""
    rng = np.random.default_rng(0)
    n_held, widths = 0, []
    for _ in range(n_sets):
        of_patient = np.full(n_patients, accuracy)
        if correlation:
            spread = (1 - correlation) / correlation
            of_patient = rng.beta(accuracy * spread, (1 - accuracy) * spread, n_patients)
        n_images = np.full(n_patients, int(size)) if size.isdigit() else None
        if n_images is None:
            n_images = rng.geometric(0.3, n_patients)
        patients = np.repeat(np.arange(n_patients), n_images)
        correct = rng.random(len(patients)) < of_patient[patients]
        _, low, high = proportion_interval(correct, groups=patients)
        n_held += low <= accuracy <= high
        _, wilson_low, wilson_high = proportion_interval(correct)
        widths.append((high - low) / (wilson_high - wilson_low))
    return n_held / n_sets, np.mean(widths)


def main():
    """Simulate and print a table in reStructuredText, as in the docstring of the function."""
    rule = f"{'=' * 18}  ========  ===========  =====  =====  =====  ====="
    titles = ("images per patient", "accuracy", "correlation", *map(str, N_PATIENTS))
    layout = "{:<18}  {:<8}  {:<11}  {:<5}  {:<5}  {:<5}  {}"
    print(rule, layout.format(*titles), rule, sep="\n")
    relative = []
    for size in SIZES:
        for accuracy in (0.8, 0.97):
            for correlation in (0, 0.3, 0.6):
                cells = []
                for n_patients in N_PATIENTS:
                    n_sets = 2000 if n_patients == 400 else 4000
                    held, width = simulate(size, accuracy, correlation, n_patients, n_sets)
                    cells.append(f"{held:.3f}")
                    if correlation == 0:
                        relative.append(f"{size} images, {accuracy}, {n_patients}: {width:.2f}")
                print(layout.format(size, str(accuracy), str(correlation), *cells), flush=True)
    print(rule, "\nwidth over Wilson's, independent images:", *relative, sep="\n")


if __name__ == "__main__":
    main()
