"""The store of results: one folder a run, plain files, nothing half-written."""

from .locking import in_use
from .plans import read_plan
from .shelf import ResultShelf
from .writing import OUTPUT_MARK, check_folder, write_run

__all__ = ["OUTPUT_MARK", "ResultShelf", "check_folder", "in_use", "read_plan", "write_run"]
