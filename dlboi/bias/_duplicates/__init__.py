"""The parts of the search for duplicates."""
