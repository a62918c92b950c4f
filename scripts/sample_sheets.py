"""Sheets with titles, units, headers and feet, as .xlsx and .csv, the same bytes each time."""

import csv
import io
import re
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

MADE_AT = datetime(2026, 11, 20, 8, 0, 0)
TEXT_FIELDS = {"id", "code", "phone"}
THIN = Border(*[Side(style="thin")] * 4)
CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)


@dataclass
class Line:
    """One record of a sheet: its cells by field, and what a reader is expected to find in it."""

    cells: dict
    fen: int = 0
    refused: tuple = None  # (field, why)
    notes: list = field(default_factory=list)  # (kind, field)

    def refuse(self, name, value, why):
        self.cells[name] = value
        self.refused = (name, why)

    def note(self, kind, name, value=None):
        if value is not None:
            self.cells[name] = value
        self.notes.append((kind, name))


@dataclass
class Sheet:
    """A sheet from its first title to its last signature."""

    titles: list
    unit: str
    layout: list  # (header, field)
    lines: list
    foot: list  # a dict of cells by field, or one text across the whole width
    merged: tuple = ()  # fields whose equal neighbours are one merged cell
    date_format: str = "yyyy/m/d"

    @property
    def header_row(self):
        return len(self.titles) + 2

    def rows(self):
        """All rows after the titles and the unit, as lists of values."""
        names = [name for _, name in self.layout]
        yield [header for header, _ in self.layout]
        for line in self.lines:
            yield [line.cells.get(name) for name in names]
        for entry in self.foot:
            cells = {names[0]: entry} if isinstance(entry, str) else entry
            yield [cells.get(name) for name in names]

    def place(self, index, name):
        """Row, header, address and stored value of one cell of the index-th line."""
        column = [each for _, each in self.layout].index(name)
        row = self.header_row + 1 + index
        value = self.lines[index].cells.get(name)
        return {
            "row": row,
            "column": self.layout[column][0],
            "cell": f"{get_column_letter(column + 1)}{row}",
            "value": "" if value is None else str(value),
        }

    def findings(self):
        """The refusals, and the other peculiarities by kind, in the order of the rows."""
        refused, notes = [], {}
        for index, line in enumerate(self.lines):
            if line.refused:
                name, why = line.refused
                refused.append(self.place(index, name) | {"why": why})
            for kind, name in line.notes:
                notes.setdefault(kind, []).append(self.place(index, name))
        return refused, notes

    def write(self, path, encoding):
        path.parent.mkdir(parents=True, exist_ok=True)
        if encoding == "xlsx":
            path.write_bytes(self._workbook())
        else:
            path.write_bytes(self._text().encode(encoding))

    def _text(self):
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        padding = [""] * (len(self.layout) - 1)
        for text in [*self.titles, self.unit]:
            writer.writerow([text, *padding])
        for row in self.rows():
            writer.writerow([_csv_value(value) for value in row])
        return out.getvalue()

    def _workbook(self):
        book = Workbook()
        sheet = book.active
        sheet.title = "Sheet1"
        width = len(self.layout)
        for number, text in enumerate([*self.titles, self.unit], 1):
            sheet.cell(number, 1, text)
            sheet.merge_cells(start_row=number, end_row=number, start_column=1, end_column=width)
            sheet.cell(number, 1).alignment = CENTRED
        sheet.cell(1, 1).font = Font(bold=True, size=16)
        for number, row in enumerate(self.rows(), self.header_row):
            self._fill(sheet, number, row)
        for column in range(1, width + 1):
            sheet.cell(self.header_row, column).font = Font(bold=True)
        self._merge(sheet, width)
        sheet.freeze_panes = sheet.cell(self.header_row + 1, 1)
        book.properties.creator = "sample"
        book.properties.created = MADE_AT
        return _packed(book)

    def _fill(self, sheet, number, row):
        for column, ((_, name), value) in enumerate(zip(self.layout, row, strict=True), 1):
            cell = sheet.cell(number, column, value)
            cell.border = THIN
            if isinstance(value, date):
                cell.number_format = self.date_format
            elif name in TEXT_FIELDS and isinstance(value, str):
                cell.number_format = "@"
            letter = get_column_letter(column)
            if isinstance(value, str) and number < self.header_row + 40 and len(value) < 40:
                wanted = min(24, 2 + sum(2 if ord(c) > 255 else 1 for c in value))
                sheet.column_dimensions[letter].width = max(
                    wanted, sheet.column_dimensions[letter].width or 0)

    def _merge(self, sheet, width):
        names = [name for _, name in self.layout]
        for name in self.merged:
            column = names.index(name) + 1
            row = self.header_row + 1
            for _, equal in groupby(line.cells[name] for line in self.lines):
                count = len(list(equal))
                if count > 1:
                    sheet.merge_cells(start_row=row, end_row=row + count - 1,
                                      start_column=column, end_column=column)
                    sheet.cell(row, column).alignment = CENTRED
                row += count
        first = self.header_row + 1 + len(self.lines)
        for row, entry in enumerate(self.foot, first):
            if isinstance(entry, str) and entry:
                sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=width)


def _csv_value(value):
    if isinstance(value, date):
        return f"{value.year}/{value.month}/{value.day}"
    return "" if value is None else value


def _packed(book):
    """The workbook's bytes with the times of its making fixed."""
    raw = io.BytesIO()
    book.save(raw)
    out = io.BytesIO()
    with zipfile.ZipFile(raw) as source, \
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            data = source.read(entry)
            if entry.filename == "docProps/core.xml":
                stamp = MADE_AT.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
                data = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.]*Z?", stamp, data)
            info = zipfile.ZipInfo(entry.filename, MADE_AT.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            target.writestr(info, data)
    return out.getvalue()
