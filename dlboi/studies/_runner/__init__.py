"""How a study is run: its divisions, its runs and its journal."""
