"""Docstrings say what the code says: parameters, defaults, attributes, form."""

import ast
import dataclasses
import importlib
import inspect
import pkgutil

import numpy as np
import pytest
from numpydoc.docscrape import ClassDoc, FunctionDoc
from numpydoc.validate import validate

import dlboi
from dlboi.training import ImageClassifierNet

# Checks of numpydoc that all docstrings pass. Left out: sections that not everything needs
# (extended summary, examples, see also), and those on parameters, which are compared below.
CHECKS = {
    *("GL01", "GL03", "GL05", "GL06", "GL07", "GL08", "GL09", "GL10"),
    *("SS01", "SS03", "SS04", "SS06", "ES02", "ES03"),
    *("PR03", "PR05", "PR06", "PR07", "PR08", "PR09", "PR10"),
    *("RT05", "YD01", "SA02", "SA03", "SA04"),
}


def public_modules():
    names = [module.name for module in pkgutil.iter_modules(dlboi.__path__)]
    return [dlboi] + [
        importlib.import_module(f"dlboi.{name}") for name in names if not name.startswith("_")
    ]


MODULES = [module for module in public_modules() if hasattr(module, "__all__")]

#: Every public class and function, by the name under which users find it.
PUBLIC = {
    f"{module.__name__}.{name}": getattr(module, name)
    for module in MODULES
    for name in module.__all__
    if callable(getattr(module, name))
}
CLASSES = {name: obj for name, obj in PUBLIC.items() if inspect.isclass(obj)}
METHODS = {
    f"{name}.{method}": getattr(cls, method)
    for name, cls in CLASSES.items()
    for method, value in vars(cls).items()
    if inspect.isfunction(value) and not method.startswith("_")
}
CLASSIFIERS = {name: cls for name, cls in CLASSES.items() if name.endswith("Classifier")}

#: What a classifier needs to be fitted without a network on images of a few pixels.
SMALL = {"PretrainedClassifier": {"weights": None, "input_size": 32}}


def documented(entries):
    """Return names and types; ``a, b : int`` counts as two, ``*args`` and ``**kwargs`` as names."""
    return {
        name.strip().lstrip("*"): entry.type for entry in entries for name in entry.name.split(",")
    }


def signature(obj):
    parameters = inspect.signature(obj).parameters.values()
    return {p.name: p for p in parameters if p.name != "self" and not p.name.startswith("_")}


def docs_of(obj):
    return ClassDoc(obj) if inspect.isclass(obj) else FunctionDoc(obj)


def test_something_is_tested():
    assert len(PUBLIC) > 40
    assert len(METHODS) > 40
    assert len(CLASSIFIERS) >= 3


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_exports_are_sorted_and_there(module):
    assert list(module.__all__) == sorted(
        module.__all__, key=lambda name: (not name.isupper(), not name[0].isupper(), name)
    )
    assert len(set(module.__all__)) == len(module.__all__)
    assert module.__doc__


@pytest.mark.parametrize("name", PUBLIC)
def test_parameters_are_documented_in_their_order(name):
    obj = PUBLIC[name]
    if inspect.isclass(obj) and issubclass(obj, BaseException):
        return
    doc = docs_of(obj)
    names = list(documented(doc["Parameters"]))
    expected = list(signature(obj))
    if obj is ImageClassifierNet:  # passes the parameters of skorch.NeuralNet on
        own = [name for name in expected if name not in ("args", "kwargs")]
        assert set(own) <= set(names)
    elif (dataclasses.is_dataclass(obj) or hasattr(obj, "_fields")) and not names:
        attributes = list(documented(doc["Attributes"]))
        assert not attributes or attributes == expected
    else:
        assert names == expected


@pytest.mark.parametrize("name", METHODS)
def test_parameters_of_methods(name):
    """A method of one line may leave its parameters to its class."""
    names = list(documented(FunctionDoc(METHODS[name])["Parameters"]))
    if names or name.startswith(("dlboi.classifiers.", "dlboi.datasets.")):
        assert names == list(signature(METHODS[name]))


@pytest.mark.parametrize("name", [*PUBLIC, *METHODS])
def test_defaults_are_those_of_the_code(name):
    obj = PUBLIC.get(name) or METHODS[name]
    if inspect.isclass(obj) and issubclass(obj, BaseException):
        return
    parameters = signature(obj)
    for parameter, kind in documented(docs_of(obj)["Parameters"]).items():
        if "default=" not in kind or parameter not in parameters:
            continue
        text = kind.split("default=")[1]
        default = parameters[parameter].default
        made_anew = type(default).__name__ == "_HAS_DEFAULT_FACTORY_CLASS"
        if made_anew:
            default = obj.__dataclass_fields__[parameter].default_factory()
        try:
            value = ast.literal_eval(text)
        except (SyntaxError, ValueError):
            assert made_anew or text == getattr(default, "__name__", repr(default)), parameter
        else:
            assert value == default, parameter
            assert isinstance(value, bool) == isinstance(default, bool), parameter


@pytest.mark.parametrize("name", [*PUBLIC, *METHODS])
def test_form(name):
    errors = [error for error in validate(name)["errors"] if error[0] in CHECKS]
    assert not errors


@pytest.mark.parametrize("name", CLASSIFIERS)
@pytest.mark.parametrize("with_names", [False, True])
def test_fitted_attributes_are_documented(name, with_names):
    X = np.random.default_rng(0).random((12, 16))
    if with_names:
        pandas = pytest.importorskip("pandas")
        X = pandas.DataFrame(X).rename(columns=str)
    cls = CLASSIFIERS[name]
    clf = cls(max_epochs=1, random_state=0, **SMALL.get(cls.__name__, {}))
    before = set(vars(clf))
    clf.fit(X, np.arange(12) % 2)
    fitted = {attribute for attribute in set(vars(clf)) - before if attribute[0] != "_"}
    described = documented(ClassDoc(cls)["Attributes"])
    optional = set() if with_names else {"feature_names_in_"}
    computed = {name for name in described if isinstance(getattr(cls, name, None), property)}
    assert fitted == set(described) - optional - computed
    assert all(described.values())
