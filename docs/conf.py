"""Settings of the documentation."""

import inspect
from pathlib import Path

import dlboi

project = "dlboi"
author = "The dlboi developers"
copyright = author
version = release = dlboi.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
    "matplotlib.sphinxext.plot_directive",
]
templates_path = ["_templates"]
exclude_patterns = ["_build"]
default_role = "literal"
smartquotes = False  # they would curl the quotes of default="auto"

autosummary_generate = True
autodoc_typehints = "none"  # numpydoc says the types
numpydoc_show_class_members = False

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": "/plot_",
    "ignore_pattern": r"(__init__|_options)\.py",
    "within_subsection_order": "FileNameSortKey",
    "download_all_examples": False,
    "show_signature": False,
    "capture_repr": (),
    "write_computation_times": False,
    "abort_on_example_error": True,
}

plot_formats = ["svg"]
plot_html_show_formats = False
plot_html_show_source_link = False
plot_working_directory = str(Path(__file__).parent)

html_theme = "pydata_sphinx_theme"
html_title = f"dlboi {release}"
html_static_path = ["_static"]
html_css_files = ["dlboi.css"]
html_show_sourcelink = False
html_theme_options = {
    "secondary_sidebar_items": ["page-toc"],
    "header_links_before_dropdown": 4,
    "footer_start": ["copyright"],
    "footer_end": [],
}
# Pages without pages below them: their sidebar would be empty.
_alone = ("quick_start", "reproductions", "bias_verdicts", "bias_proof", "architecture")
html_sidebars = {page: [] for page in (*_alone, "whats_new", "cite", "contributing")}


def _skip_foreign_member(app, what, name, obj, skip, options):
    """Leave out methods that scikit-learn, skorch, torch or a named tuple bring with them."""
    function = inspect.unwrap(getattr(obj, "fget", None) or getattr(obj, "__func__", obj))
    own = (getattr(function, "__module__", None) or "").startswith("dlboi")
    return skip or name.startswith("_") or not own


def setup(app):
    """Connect the hook."""
    app.connect("autodoc-skip-member", _skip_foreign_member)
