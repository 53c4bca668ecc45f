"""What a study found: its runs, its table, its page and its file."""
