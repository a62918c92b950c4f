import CXlsxWriter

/// Writes forms as the sheets of one .xlsx file, which appears whole or not at all. Names of sheets
/// are made fit, as by `writeXlsx`.
/// - Throws: `TableWriteError`.
package func writeForms(_ forms: [FormSheet], to path: String) throws {
  precondition(!forms.isEmpty, "a workbook has at least one sheet")
  // Cells of several rows are written ahead of what stands beside them.
  try writeWorkbook(to: path, inConstantMemory: false) { book, _ in
    var formats: [FormSheet.Style: XlsxFormats.Format] = [:]
    for style in [FormSheet.Style.title, .label, .value, .block, .line] {
      formats[style] = try XlsxFormats.form(book, style)
    }
    var names: Set<String> = []
    for form in forms {
      let sheet = try addSheet(named: fitSheetName(form.name, taken: &names), to: book)
      try write(form, to: sheet) { formats[$0] }
    }
  }
}

private func write(
  _ form: FormSheet, to sheet: UnsafeMutablePointer<lxw_worksheet>,
  _ format: (FormSheet.Style) -> XlsxFormats.Format?
) throws {
  for (index, width) in form.widths.enumerated() {
    try check(worksheet_set_column(sheet, UInt16(index), UInt16(index), width, nil))
  }
  let placed = form.placed()
  for (row, height) in form.heights(placed).enumerated() {
    try check(worksheet_set_row(sheet, UInt32(row), height, nil))
  }
  for place in placed {
    let (row, column) = (UInt32(place.row), UInt16(place.column))
    let text = try storable(place.cell.text, row: place.row, column: place.column)
    let style = format(place.cell.style)
    if place.cell.columns > 1 || place.cell.rows > 1 {
      try check(
        worksheet_merge_range(
          sheet, row, column, row + UInt32(place.cell.rows - 1),
          column + UInt16(place.cell.columns - 1), text, style))
    } else if text.isEmpty {
      try check(worksheet_write_blank(sheet, row, column, style))
    } else {
      try check(worksheet_write_string(sheet, row, column, text, style))
    }
  }
  worksheet_set_paper(sheet, 9)
  if form.isLandscape { worksheet_set_landscape(sheet) } else { worksheet_set_portrait(sheet) }
  worksheet_fit_to_pages(sheet, 1, 1)
  worksheet_center_horizontally(sheet)
  worksheet_set_margins(sheet, 0.5, 0.5, 0.5, 0.5)
}

extension XlsxFormats {
  fileprivate static func form(
    _ book: UnsafeMutablePointer<lxw_workbook>, _ style: FormSheet.Style
  ) throws -> Format {
    let format = try newFormat(book)
    format_set_num_format(format, "@")
    format_set_text_wrap(format)
    let isCentred = style == .title || style == .label
    format_set_align(format, UInt8((isCentred ? LXW_ALIGN_CENTER : LXW_ALIGN_LEFT).rawValue))
    let vertical = style == .block ? LXW_ALIGN_VERTICAL_TOP : LXW_ALIGN_VERTICAL_CENTER
    format_set_align(format, UInt8(vertical.rawValue))
    switch style {
    case .title:
      format_set_bold(format)
      format_set_font_size(format, 16)
    case .line: break
    case .label, .value, .block: format_set_border(format, UInt8(LXW_BORDER_THIN.rawValue))
    }
    return format
  }
}
