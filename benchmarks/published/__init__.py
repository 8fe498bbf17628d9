"""Instances that others have published, solved and checked.

``python -m benchmarks.published FAMILY PATH… --seconds S --out CSV [--plans DIR]``
"""
