/// A workbook put together from the text of its parts, so that every oddity can be made.
struct HandMadeWorkbook {
  struct Sheet {
    var name = "Sheet1"
    var state: String?
    /// What stands inside `<worksheet>`.
    var content: String
  }

  static let transitional = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
  static let strict = "http://purl.oclc.org/ooxml/spreadsheetml/main"

  var sheets: [Sheet]
  var namespace = transitional
  /// `<si>` elements.
  var sharedStrings: String?
  /// What stands inside `<styleSheet>`.
  var styles: String?
  var is1904 = false
  var target = { (number: Int) in "worksheets/sheet\(number).xml" }
  /// Stands before the root of every sheet.
  var prologue = ""
  var zipFlags: UInt16 = 0
  /// Parts by name, in place of the generated ones.
  var replaced: [String: [UInt8]] = [:]

  /// One sheet with these rows.
  init(rows: String, after: String = "") {
    sheets = [Sheet(content: "<sheetData>\(rows)</sheetData>\(after)")]
  }

  var bytes: [UInt8] {
    var zip = HandMadeZip()
    zip.flags = zipFlags
    for (name, content) in parts { zip.store(name, replaced[name] ?? Array(content.utf8)) }
    return zip.bytes
  }

  private var parts: [(String, String)] {
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    let package = "http://schemas.openxmlformats.org/package/2006/relationships"
    var links = ""
    var list = ""
    var parts: [(String, String)] = []
    for (index, sheet) in sheets.enumerated() {
      let number = index + 1
      let state = sheet.state.map { " state=\"\($0)\"" } ?? ""
      list += "<sheet name=\"\(sheet.name)\" sheetId=\"\(number)\"\(state) r:id=\"rId\(number)\"/>"
      links += relation("rId\(number)", "\(office)/worksheet", target(number))
      let root = "<worksheet xmlns=\"\(namespace)\">\(sheet.content)</worksheet>"
      parts.append(("xl/worksheets/sheet\(number).xml", prologue + root))
    }
    if let sharedStrings {
      links += relation("rIdS", "\(office)/sharedStrings", "sharedStrings.xml")
      parts.append(("xl/sharedStrings.xml", "<sst xmlns=\"\(namespace)\">\(sharedStrings)</sst>"))
    }
    if let styles {
      links += relation("rIdT", "\(office)/styles", "styles.xml")
      parts.append(("xl/styles.xml", "<styleSheet xmlns=\"\(namespace)\">\(styles)</styleSheet>"))
    }
    let properties = is1904 ? "<workbookPr date1904=\"1\"/>" : ""
    let book =
      "<workbook xmlns=\"\(namespace)\" xmlns:r=\"\(office)\">\(properties)<sheets>\(list)</sheets>"
      + "</workbook>"
    let root = relation("rId1", "\(office)/officeDocument", "xl/workbook.xml")
    parts.append(("_rels/.rels", "<Relationships xmlns=\"\(package)\">\(root)</Relationships>"))
    parts.append(("xl/workbook.xml", book))
    parts.append(
      (
        "xl/_rels/workbook.xml.rels",
        "<Relationships xmlns=\"\(package)\">\(links)</Relationships>"
      ))
    return parts
  }

  private func relation(_ id: String, _ type: String, _ target: String) -> String {
    "<Relationship Id=\"\(id)\" Type=\"\(type)\" Target=\"\(target)\"/>"
  }
}
