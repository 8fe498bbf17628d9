"""Files for other programs: a GeoPackage per scenario, a workbook per run."""

from .geopackage import write_geopackage
from .workbook import write_workbook

__all__ = ["write_geopackage", "write_workbook"]
