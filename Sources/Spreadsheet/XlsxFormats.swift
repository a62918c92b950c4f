import CXlsxWriter

/// The cell formats of a workbook that is being written; the workbook owns them.
struct XlsxFormats {
  typealias Format = UnsafeMutablePointer<lxw_format>

  let title: Format
  let subtitle: Format
  let header: Format
  let footer: Format
  let body: CellFormats
  let totals: CellFormats

  struct CellFormats {
    let text: Format
    let integer: Format
    let money: Format
    let date: Format

    /// For a cell without content, into which someone may type.
    func empty(in kind: TableDocument.Column.Kind) -> Format {
      switch kind {
      case .text: text
      case .integer: integer
      case .money: money
      case .date: date
      }
    }

    fileprivate init(_ book: UnsafeMutablePointer<lxw_workbook>, isBold: Bool) throws {
      func format(_ code: String, _ alignment: lxw_format_alignments) throws -> Format {
        let format = try newFormat(book)
        format_set_num_format(format, code)
        format_set_align(format, UInt8(alignment.rawValue))
        format_set_align(format, UInt8(LXW_ALIGN_VERTICAL_CENTER.rawValue))
        format_set_border(format, UInt8(LXW_BORDER_THIN.rawValue))
        if isBold { format_set_bold(format) }
        return format
      }
      text = try format("@", LXW_ALIGN_LEFT)
      format_set_text_wrap(text)
      integer = try format("0", LXW_ALIGN_RIGHT)
      money = try format("#,##0.00", LXW_ALIGN_RIGHT)
      date = try format("yyyy-mm-dd", LXW_ALIGN_CENTER)
    }
  }

  init(_ book: UnsafeMutablePointer<lxw_workbook>) throws {
    title = try newFormat(book)
    format_set_bold(title)
    format_set_font_size(title, 16)
    format_set_align(title, UInt8(LXW_ALIGN_CENTER.rawValue))
    format_set_align(title, UInt8(LXW_ALIGN_VERTICAL_CENTER.rawValue))
    subtitle = try newFormat(book)
    format_set_align(subtitle, UInt8(LXW_ALIGN_RIGHT.rawValue))
    header = try newFormat(book)
    format_set_bold(header)
    format_set_text_wrap(header)
    format_set_num_format(header, "@")
    format_set_align(header, UInt8(LXW_ALIGN_CENTER.rawValue))
    format_set_align(header, UInt8(LXW_ALIGN_VERTICAL_CENTER.rawValue))
    format_set_border(header, UInt8(LXW_BORDER_THIN.rawValue))
    footer = try newFormat(book)
    format_set_num_format(footer, "@")
    body = try CellFormats(book, isBold: false)
    totals = try CellFormats(book, isBold: true)
  }
}

func newFormat(_ book: UnsafeMutablePointer<lxw_workbook>) throws -> XlsxFormats.Format {
  guard let format = workbook_add_format(book) else {
    throw TableWriteError.library("out of memory")
  }
  return format
}
