"""A deck under work: few words in large letters, tables, native charts, speaker notes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Inches, Pt

from .archive import without_time

FONT = "Calibri"
DARK, MUTED, PALE = (
    RGBColor(0x17, 0x21, 0x2B),
    RGBColor(0x5B, 0x68, 0x75),
    RGBColor(0xE8, 0xF2, 0xF3),
)
ACCENT, GREY = RGBColor(0x44, 0x77, 0xAA), RGBColor(0xB4, 0xBB, 0xC2)
WARNING = RGBColor(0xB0, 0x3A, 0x1A)
WHITE = RGBColor(0xFF, 0xFF, 0xFF)
#: Width and height of a slide, and its margin, inches.
WIDTH, HEIGHT, MARGIN = 13.333, 7.5, 0.6
_TITLE_ONLY = 5


@dataclass(frozen=True)
class Box:
    """A place on a slide, inches."""

    left: float
    top: float
    width: float
    height: float

    @property
    def emu(self) -> tuple[int, int, int, int]:
        """Left, top, width and height in the file's own unit."""
        return Inches(self.left), Inches(self.top), Inches(self.width), Inches(self.height)


BODY = Box(MARGIN, 1.55, WIDTH - 2 * MARGIN, HEIGHT - 2.25)


@dataclass(frozen=True)
class Series:
    """Bars of one kind; None for a gap."""

    name: str
    values: tuple[float | None, ...]
    colour: RGBColor


class Deck:
    """A thin layer over python-pptx that keeps style and bytes in one place.

    Parameters
    ----------
    footer
        What stands small at the foot of each slide: whom the deck is for.
    """

    def __init__(self, title: str, footer: str) -> None:
        self.file = Presentation()
        self.file.slide_width, self.file.slide_height = Inches(WIDTH), Inches(HEIGHT)
        self._widen()
        properties = self.file.core_properties
        properties.title, properties.author = title, "teig"
        properties.last_modified_by, properties.subject = "teig", footer
        self.footer = footer

    def _widen(self) -> None:
        """Stretch the layouts of the library's narrower template, for slides added by hand."""
        master = self.file.slide_master
        stretch = self.file.slide_width / Inches(10)
        for part in (master, *master.slide_layouts):
            for shape in part.placeholders:
                if shape._element.spPr.xfrm is not None:  # noqa: SLF001 - others inherit it
                    shape.left, shape.width = int(shape.left * stretch), int(shape.width * stretch)

    def slide(self, title: str, notes: str, *, size: int = 32) -> Any:
        """Add a slide with a title, a foot and notes for the speaker."""
        slide = self.file.slides.add_slide(self.file.slide_layouts[_TITLE_ONLY])
        head = slide.shapes.title
        head.left, head.top, head.width, head.height = Box(
            MARGIN, 0.35, WIDTH - 2 * MARGIN, 1.0
        ).emu
        head.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        head.text_frame.word_wrap = True
        head.text_frame.margin_left = head.text_frame.margin_right = 0
        _fill(head.text_frame, [title], size, bold=True)
        slide.notes_slide.notes_text_frame.text = notes
        number = len(self.file.slides)
        self.text(slide, Box(MARGIN, HEIGHT - 0.5, 10.5, 0.3), [self.footer], 11, colour=MUTED)
        self.text(
            slide,
            Box(WIDTH - MARGIN - 1.0, HEIGHT - 0.5, 1.0, 0.3),
            [str(number)],
            11,
            colour=MUTED,
            right=True,
        )
        return slide

    def text(
        self,
        slide: Any,
        box: Box,
        lines: Sequence[str],
        size: int,
        *,
        colour: RGBColor = DARK,
        bold: bool = False,
        right: bool = False,
        gap: int = 0,
    ) -> None:
        """Write paragraphs.

        Parameters
        ----------
        size, gap
            Of the letters and after each paragraph, points.
        """
        shape = slide.shapes.add_textbox(*box.emu)
        frame = shape.text_frame
        frame.word_wrap = True
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        _fill(frame, lines, size, colour=colour, bold=bold, right=right, gap=gap)

    def table(
        self,
        slide: Any,
        box: Box,
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        *,
        size: int = 16,
        texts: int = 1,
        strong: Sequence[int] = (),
    ) -> None:
        """Write a table; the first row is its header.

        Parameters
        ----------
        widths
            Of the columns, in any unit.
        texts
            How many columns at the left are words; the others are figures, at the right.
        strong
            Rows in bold letters.
        """
        height = min(box.height / len(rows), 0.55)
        frame = slide.shapes.add_table(
            len(rows), len(rows[0]), *Box(box.left, box.top, box.width, height * len(rows)).emu
        )
        table = frame.table
        table.horz_banding = False
        for at, width in enumerate(widths):
            table.columns[at].width = Inches(box.width * width / sum(widths))
        for number, row in enumerate(rows):
            table.rows[number].height = Inches(height)
            for at, text in enumerate(row):
                cell = table.cell(number, at)
                cell.fill.solid()
                cell.fill.fore_color.rgb = PALE if number == 0 else WHITE
                cell.vertical_anchor = MSO_ANCHOR.MIDDLE
                cell.margin_top = cell.margin_bottom = Inches(0.03)
                bold = number == 0 or number in strong
                letters = size - 2 if number == 0 else size
                _fill(cell.text_frame, [text], letters, bold=bold, right=at >= texts)

    def bars(
        self,
        slide: Any,
        box: Box,
        names: Sequence[str],
        series: Sequence[Series],
        *,
        number: str,
        lowest: float | None = 0.0,
        labelled: bool = False,
    ) -> None:
        """Draw bars as a chart of the presentation program, figures and all.

        Parameters
        ----------
        number
            How figures are written, as a spreadsheet has it.
        lowest
            Foot of the scale; None where bars go both ways.
        """
        data = CategoryChartData(number_format=number)
        data.categories = list(names)
        for each in series:
            data.add_series(each.name, each.values)
        kind = XL_CHART_TYPE.COLUMN_CLUSTERED
        chart = slide.shapes.add_chart(kind, *box.emu, data).chart
        chart.font.size, chart.font.name = Pt(12 if len(names) <= 24 else 10), FONT
        chart.font.color.rgb = DARK
        chart.has_title = False
        chart.has_legend = len(series) > 1
        if chart.has_legend:
            chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
            chart.legend.font.size = Pt(14)
        plot = chart.plots[0]
        plot.gap_width, plot.overlap, plot.vary_by_categories = 50, -5, False
        for drawn, each in zip(plot.series, series, strict=True):
            drawn.format.fill.solid()
            drawn.format.fill.fore_color.rgb = each.colour
            drawn.invert_if_negative = False
        if labelled:
            plot.has_data_labels = True
            plot.data_labels.number_format, plot.data_labels.number_format_is_linked = number, False
            plot.data_labels.font.size = Pt(12)
        axis = chart.value_axis
        axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = number, False
        axis.major_gridlines.format.line.color.rgb = RGBColor(0xD9, 0xDD, 0xE1)
        axis.format.line.fill.background()
        if lowest is not None:
            axis.minimum_scale = lowest
        chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW

    def save(self, path: str | Path) -> None:
        """Write the file; the same deck gives the same bytes."""
        content = io.BytesIO()
        self.file.save(content)
        Path(path).write_bytes(without_time(content.getvalue()))


def _fill(
    frame: Any,
    lines: Sequence[str],
    size: int,
    *,
    colour: RGBColor = DARK,
    bold: bool = False,
    right: bool = False,
    gap: int = 0,
) -> None:
    for number, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT
        paragraph.space_after = Pt(gap)
        run = paragraph.add_run()
        run.text = line
        run.font.size, run.font.name, run.font.bold = Pt(size), FONT, bold
        run.font.color.rgb = colour
