"""Fixed bytes of an office file: the parts of its archive without the time of writing."""

from __future__ import annotations

import io
import re
import zipfile

#: What stands where a program notes when it wrote.
FIXED_TIME = "2000-01-01T00:00:00Z"
_FIXED_DATE = (1980, 1, 1, 0, 0, 0)
_TIMES = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(<)")


def without_time(content: bytes) -> bytes:
    """Return the archive anew, with a fixed time in and on each part.

    Workbooks inside, which charts keep their figures in, are treated alike.
    """
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            part = source.read(name)
            if name.endswith(".xlsx"):
                part = without_time(part)
            elif name == "docProps/core.xml":
                part = _TIMES.sub(rb"\g<1>" + FIXED_TIME.encode() + rb"\g<3>", part)
            entry = zipfile.ZipInfo(name, _FIXED_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            target.writestr(entry, part)
    return written.getvalue()
