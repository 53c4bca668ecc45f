"""What the folder exports."""

import inspect

import pytest
from numpydoc.docscrape import FunctionDoc

from dlboi import datasets

FUNCTIONS = [name for name in datasets.__all__ if inspect.isfunction(getattr(datasets, name))]
RETURN_IMAGES = [name for name in FUNCTIONS if name.startswith(("fetch_", "load_", "make_"))]


def test_exports_are_sorted():
    assert datasets.__all__ == sorted(datasets.__all__)
    assert all(callable(getattr(datasets, name)) for name in datasets.__all__)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_documents_what_it_takes_and_raises(name):
    function = getattr(datasets, name)
    documented = FunctionDoc(function)
    parameters = inspect.signature(function).parameters
    assert [entry.name for entry in documented["Parameters"]] == list(parameters)
    assert documented["Raises"]
    assert documented["Examples"]
    for entry in documented["Parameters"]:
        default = parameters[entry.name].default
        if default is not inspect.Parameter.empty:
            assert f"default={default}".replace("'", '"') in entry.type.replace("'", '"') or (
                f'default="{default}"' in entry.type
            )


def test_something_is_tested():
    assert len(RETURN_IMAGES) >= 4


@pytest.mark.parametrize("name", RETURN_IMAGES)
def test_all_but_the_first_parameter_are_keywords(name):
    parameters = list(inspect.signature(getattr(datasets, name)).parameters.values())
    assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in parameters[1:])
    assert "return_X_y" in {parameter.name for parameter in parameters}
