"""The comparison of networks of the command line, and its folder."""
