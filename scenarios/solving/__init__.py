"""Solves scenarios: here, in processes, by any executor, on a cluster; the results are the same."""

from .dask_cluster import cluster
from .keys import result_key
from .tasks import Listener, Outcome, Task, solve_tasks

__all__ = ["Listener", "Outcome", "Task", "cluster", "result_key", "solve_tasks"]
