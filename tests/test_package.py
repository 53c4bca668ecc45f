"""The package as it is installed: what it imports, declares, exports and ships."""

import ast
import importlib
import pkgutil
import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from importlib import metadata, resources
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import dlboi

ROOT = Path(__file__).parents[1]
DISTRIBUTION_OF = {"sklearn": "scikit-learn", "PIL": "pillow"}
PUBLIC_MODULES = [
    f"dlboi.{module.name}"
    for module in pkgutil.iter_modules(dlboi.__path__)
    if not module.name.startswith("_")
]


def _run(*command, **kwargs):
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **kwargs)


def _script(name):
    """Return the path of a command that is installed beside this Python."""
    path = shutil.which(name, path=str(Path(sys.executable).parent))
    assert path is not None, f"{name} is not installed"
    return path


def _requirements():
    """Return the requirements by the name of the extra, those of the package itself under ""."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    texts = {"": setup["options"]["install_requires"], **setup["options.extras_require"]}
    return {
        extra: [Requirement(line) for line in text.split("\n") if line]
        for extra, text in texts.items()
    }


def test_version():
    assert metadata.version("dlboi") == dlboi.__version__


def test_importing_takes_no_heavy_package_along():
    code = (
        f"import sys, {', '.join(PUBLIC_MODULES)}\n"
        "print([name for name in ('torchvision', 'matplotlib') if name in sys.modules])"
    )
    result = _run(sys.executable, "-P", "-W", "error", "-c", code)
    assert result.stderr == ""
    assert result.stdout.strip() == "[]"


# ----------------------------------------------------------------------------------- what it needs


#: Used where they are installed; where not, an error says what to install.
OPTIONAL = {"pandas", "pydicom"}


def _imported_packages():
    """Return, for each package that dlboi imports, one file that does."""
    packages = {}
    for path in (ROOT / "dlboi").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module]
            else:
                continue
            packages |= {name.partition(".")[0]: str(path) for name in names}
    return {
        name: path
        for name, path in packages.items()
        if name not in sys.stdlib_module_names and name != "dlboi"
    }


def test_what_is_imported_is_declared():
    declared = {requirement.name for requirement in _requirements()[""]}
    undeclared = {
        name: path
        for name, path in _imported_packages().items()
        if DISTRIBUTION_OF.get(name, name) not in declared | OPTIONAL
    }
    assert undeclared == {}


def test_extras():
    names = {extra: {r.name for r in found} for extra, found in _requirements().items()}
    assert set(names) == {"", "dask", "dicom", "test", "docs"}
    assert names["dask"] | names["dicom"] == {"distributed", "pydicom"} <= names["test"]
    assert {"pytest", "hypothesis", "ruff", "import-linter"} <= names["test"]
    assert {"sphinx", "sphinx-gallery", "numpydoc"} <= names["docs"]


@pytest.mark.parametrize("extra", ["", "dask", "dicom", "test", "docs"])
def test_every_requirement_says_the_oldest_version(extra):
    without = [r.name for r in _requirements()[extra] if ">=" not in str(r.specifier)]
    assert without == []


# ----------------------------------------------------------------------------------- what it ships


def _files(folder, pattern):
    """Return the files of a folder, or of an installed package, by their relative paths."""
    return {path.relative_to(folder).as_posix() for path in Path(folder).rglob(pattern)}


@pytest.mark.parametrize("pattern", ["*.py", "py.typed", "*.html"])
def test_all_files_are_installed(pattern):
    with resources.as_file(resources.files("dlboi")) as installed:
        found = _files(installed, pattern)
    assert found
    assert found == _files(ROOT / "dlboi", pattern)


def test_command():
    result = _run(_script("dlboi"), "--help")
    assert result.returncode == 0, result.stderr
    assert "demo" in result.stdout
    assert "compare" in result.stdout


# --------------------------------------------------------------------------- what it keeps to


def test_imports_point_one_way():
    result = _run(_script("lint-imports"), "--no-cache", cwd=ROOT)
    assert result.returncode == 0, result.stdout


def _documented():
    """Return the full names of the objects that api.rst lists."""
    module, names = None, set()
    for line in (ROOT / "docs" / "api.rst").read_text(encoding="utf-8").splitlines():
        if found := re.fullmatch(r"\.\. currentmodule:: (\S+)", line):
            module = found[1]
        elif found := re.fullmatch(r"(?:   |\.\. autodata:: )(\w+)", line):
            names.add(f"{module}.{found[1]}")
    return names


def _public_objects():
    """Return the public objects by the full names under which they can be imported."""
    exported = {f"dlboi.{name}": getattr(dlboi, name) for name in dlboi.__all__}
    del exported["dlboi.__version__"]
    shorter = {id(value) for value in exported.values()}
    for name in PUBLIC_MODULES:
        module = importlib.import_module(name)
        for attribute in getattr(module, "__all__", []):
            value = getattr(module, attribute)
            if id(value) not in shorter:
                exported[f"{name}.{attribute}"] = value
    return exported


def test_api_page_lists_every_public_object():
    assert _documented() == set(_public_objects())


@pytest.mark.parametrize("module", ["dlboi", *PUBLIC_MODULES])
def test_exports_are_sorted_and_there(module):
    module = importlib.import_module(module)
    exported = getattr(module, "__all__", [])
    assert list(exported) == sorted(exported, key=_isort_key)
    assert all(hasattr(module, name) for name in exported)


def _isort_key(name):
    """Constants, classes, the rest: the order that ruff gives to an __all__."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2
    return kind, name


@pytest.mark.parametrize(
    "command", ["pip install . && dlboi demo", 'pip install ".[test]" && pytest']
)
def test_readme_gives_the_commands_that_are_checked(command):
    assert f"```\n{command}\n```" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
