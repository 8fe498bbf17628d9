"""Benchmarks: what is measured, with the commands that measure it."""
