"""Whether the study of dataset bias finds what was planted, and nothing else.

Run ``python -m benchmarks.bias_proof``; see :mod:`benchmarks.bias_proof.__main__`.
"""
