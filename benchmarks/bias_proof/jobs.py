"""What is run: studies, steps and calibrations, each with a seed, and the file that keeps them."""

import itertools
import json
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed

from benchmarks.bias_proof.calibration import true_effects
from benchmarks.bias_proof.sources import source_of
from benchmarks.bias_proof.study import given_effects, own_steps, whole_study
from benchmarks.bias_proof.truths import BY_NAME, COVERAGE_SIZES, EVERYTHING, TRUTHS, size_of

_N_PERMUTATIONS = {"whole": 199, "own": 99, "coverage": 99}
_N_ASKED = {"rows": 4000, "phantoms": 1000, "chest": 380}
_SMALL = 100  # patients: a null of so few has the permutations that users have
_DEFAULT = 999


class Job(NamedTuple):
    """One thing to do.

    Parameters
    ----------
    kind : {"truth", "whole", "own", "coverage"}
        Calibration, whole study, the steps that a truth asks for, or the steps with intervals.
    source : str
        Where images come from.
    truth : str
        What is planted.
    n_patients : int
        In train; those in test are as the truth says, or as many.
    seed : int
        Decides everything.
    """

    kind: str
    source: str
    truth: str
    n_patients: int
    seed: int


def all_jobs(sources, *, n_studies: int, n_steps: int, n_draws: int, data) -> list[Job]:
    """Return all jobs, one of each cell in turn, so that every cell grows alike.

    Parameters
    ----------
    sources : sequence of str
        Sources.
    n_studies, n_steps, n_draws : int
        Seeds of whole studies, of single steps, and classifiers of a calibration.
    data : path-like or None
        Folder of the chest X-rays, without which that source is left out.

    Returns
    -------
    list of Job
    """
    cells = []
    for source, truth in itertools.product(sources, TRUTHS):
        if (source == "chest" and data is None) or (
            source == "rows" and not source_of("rows", None, None).draws(truth)
        ):
            continue
        cell = (source, truth.name, size_of(source, truth)[0])
        if not truth.n_copies:
            cells.append([Job("truth", *cell, n_draws)])
        cells.append([Job("whole", *cell, seed) for seed in range(n_studies)])
        if truth.steps:
            cells.append([Job("own", *cell, seed) for seed in range(n_steps)])
    if "rows" in sources:
        for n_patients in COVERAGE_SIZES:
            cell = ("rows", EVERYTHING.name, n_patients)
            cells.append([Job("truth", *cell, 10 * n_draws)])
            cells.append([Job("coverage", *cell, seed) for seed in range(n_steps)])
    in_turn = itertools.zip_longest(*cells)
    return [job for turn in in_turn for job in turn if job is not None]


def do(job: Job, data, memory) -> dict:
    """Do one job, and return what it found, with the seconds that it took."""
    began = time.perf_counter()
    source, truth = source_of(job.source, data, memory), BY_NAME[job.truth]
    sizes = (job.n_patients, job.n_patients)
    if truth is not EVERYTHING:
        sizes = size_of(job.source, truth)
    if job.kind == "truth":
        effects = true_effects(source, truth, sizes, job.seed, _N_ASKED[job.source])
        found = {"effects": effects}
    else:
        drawn = source.draw(truth, *sizes, np.random.default_rng([2, *sizes, job.seed]))
        n_permutations = _N_PERMUTATIONS[job.kind]
        if job.kind == "whole" and truth.is_null and sizes[0] < _SMALL:
            n_permutations = _DEFAULT
        settings = {"n_permutations": n_permutations, "seed": job.seed}
        if job.kind == "whole":
            look = truth.is_null or truth.n_copies > 0
            found = whole_study(drawn, look_for_copies=look, **settings)
        else:
            found = own_steps(drawn, truth.steps, **settings)
        if job.kind == "coverage":
            n_asked = _N_ASKED[job.source]
            asked = source.draw(truth, n_asked, n_asked, np.random.default_rng([3, job.seed]))
            found["given"] = given_effects(drawn, asked, **settings)
    return {"job": list(job), "seconds": time.perf_counter() - began, **found}


def read_journal(journal: Path) -> list[dict]:
    """Return what jobs have found so far."""
    lines = journal.read_text().splitlines() if journal.exists() else []
    return [json.loads(line) for line in lines]


def run_jobs(jobs: list[Job], journal: Path, *, data, memory, n_jobs: int) -> list[dict]:
    """Do the jobs that the journal does not hold, write each to it as it ends, and return all.

    Parameters
    ----------
    jobs : list of Job
        What is to be done.
    journal : path-like
        File of one line a job.
    data, memory : path-like
        Folder of the chest X-rays, and of what is kept between runs.
    n_jobs : int
        Processes.

    Returns
    -------
    list of dict
        What was found, of all these jobs.
    """
    known = {tuple(found["job"]): found for found in read_journal(journal)}
    missing = [job for job in jobs if tuple(job) not in known]
    for name in dict.fromkeys(job.source for job in missing):
        source_of(name, data, memory)  # once, before several processes want it
    found = Parallel(n_jobs=n_jobs, return_as="generator_unordered")(
        delayed(do)(job, data, memory) for job in missing
    )
    with journal.open("a") as file:
        for each in found:
            file.write(json.dumps(each) + "\n")
            file.flush()
            known[tuple(each["job"])] = each
    return [known[tuple(job)] for job in jobs]
