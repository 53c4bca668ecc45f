"""Plant known truths, run the study of dataset bias, and write the page of what it said.

Results are kept in a journal, one line each as it ends; an interrupted run goes on from there.
``--calibrate`` measures the planted effects alone and prints them.
"""

import argparse
import os
import sys
from pathlib import Path

from benchmarks.bias_proof.jobs import Job, all_jobs, read_journal, run_jobs
from benchmarks.bias_proof.page import proof_page
from benchmarks.bias_proof.sources import NAMES
from benchmarks.bias_proof.tally import demands_of
from benchmarks.machine import describe

_DOCS = Path(__file__).parents[2] / "docs"
_N_DRAWS = 40


def main(arguments=None) -> int:
    """Run the command; return 1 where a demand is missed, not by chance.

    Parameters
    ----------
    arguments : list of str, default=None
        None takes those of the command line.

    Returns
    -------
    int
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", nargs="*", choices=NAMES, default=NAMES)
    parser.add_argument("--seeds-step", type=int, default=400)
    parser.add_argument("--seeds-study", type=int, default=100)
    parser.add_argument("--draws", type=int, default=_N_DRAWS, help="classifiers a calibration")
    parser.add_argument("--data", type=Path, default=os.environ.get("DLBOI_TEST_DATA"))
    parser.add_argument("--memory", type=Path, default=Path("bias_proof_journal"))
    parser.add_argument("--page", type=Path, default=_DOCS / "bias_proof.rst")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--truth", nargs="*", default=[], help="only these, by their names")
    parser.add_argument("--calibrate", action="store_true")
    parser.add_argument("--page-only", action="store_true", help="of what the journal holds")
    options = parser.parse_args(arguments)
    os.environ["OMP_NUM_THREADS"] = "1"  # of the processes that are started
    options.memory.mkdir(parents=True, exist_ok=True)
    jobs = all_jobs(
        options.source,
        n_studies=0 if options.calibrate else options.seeds_study,
        n_steps=0 if options.calibrate else options.seeds_step,
        n_draws=options.draws,
        data=options.data,
    )
    if options.truth:
        jobs = [job for job in jobs if job.truth in options.truth]
    journal = options.memory / "journal.jsonl"
    if options.page_only:
        jobs = [Job(*record["job"]) for record in read_journal(journal)]
    records = run_jobs(
        jobs,
        journal,
        data=options.data,
        memory=options.memory,
        n_jobs=options.jobs,
    )
    if options.calibrate:
        for record in records:
            print(record["job"][1:3], record["effects"])
        return 0
    command = f"python -m benchmarks.bias_proof {_in_words(options)}"
    options.page.write_text(proof_page(records, command=command, machine=describe()))
    missed = [demand for demand in demands_of(records) if demand.is_missed]
    for demand in missed:
        print(f"missed: {demand}", flush=True)
    return int(bool(missed))


def _in_words(options):
    said = f"--seeds-step {options.seeds_step} --seeds-study {options.seeds_study}"
    if tuple(options.source) != NAMES:
        said += f" --source {' '.join(options.source)}"
    ended = " (ended early: the tables say how many there are)" if options.page_only else ""
    return f"{said} --jobs {options.jobs}{ended}"


if __name__ == "__main__":
    sys.exit(main())
