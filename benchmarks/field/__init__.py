"""Territories of real units: contiguous, balanced on two measures, as near as can be."""
