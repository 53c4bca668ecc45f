"""What the folder exports."""

import inspect

import pytest
from numpydoc.docscrape import FunctionDoc

from dlboi import datasets


def test_exports_are_sorted():
    assert datasets.__all__ == sorted(datasets.__all__)
    assert all(callable(getattr(datasets, name)) for name in datasets.__all__)


@pytest.mark.parametrize("name", datasets.__all__)
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


@pytest.mark.parametrize("name", datasets.__all__)
def test_all_but_the_first_parameter_are_keywords(name):
    parameters = list(inspect.signature(getattr(datasets, name)).parameters.values())
    assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in parameters[1:])
    assert "return_X_y" in {parameter.name for parameter in parameters}
