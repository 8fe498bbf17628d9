"""Quotas: index methods, exact allocation, conflicts named, and the build-up of each quota."""
