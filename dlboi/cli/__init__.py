"""The command ``dlboi``: a file for each of its commands."""

from dlboi.cli._main import main as main  # the entry point of the installed command
