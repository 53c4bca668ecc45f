"""The commands of the benchmarks begin: what they take from the library is there."""

import pkgutil
import sys
from importlib import import_module, resources
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # the benchmarks are not installed

import benchmarks

MODULES = [found.name for found in pkgutil.walk_packages(benchmarks.__path__, "benchmarks.")]


@pytest.mark.parametrize("name", MODULES)
def test_a_benchmark_imports_what_there_is(name):
    import_module(name)


def test_the_table_of_commands_names_every_benchmark():
    text = (resources.files(benchmarks) / "README.md").read_text(encoding="utf-8")
    parts = {"machine", "plain", "rst"}  # of others
    commands = {name.split(".")[1] for name in MODULES} - parts
    assert {name for name in commands if f"`python -m benchmarks.{name}" not in text} == set()
