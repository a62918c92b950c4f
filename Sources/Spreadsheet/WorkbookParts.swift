/// What the parts around the sheets say: which sheets there are, where, and how to read their cells.
struct Workbook: Sendable {
  struct Sheet: Sendable {
    let name: String
    /// The sheet's part in the archive.
    let part: String
  }

  let path: String
  let fileBytes: Int
  let limits: Limits
  let sheets: [Sheet]
  let epoch: DateEpoch
  let formats: [NumberFormat]
  let strings: SharedStrings

  init(path: String, fileBytes: Int, limits: Limits) throws(TableFileError) {
    let archive = try ZipArchive(path: path, fileBytes: fileBytes, limits: limits)
    let main = try Self.mainPart(archive)
    let index = WorkbookIndex()
    try parseXML(archive.part(main), index)
    let relations = try Relation.read(of: main, archive)
    self.path = path
    self.fileBytes = fileBytes
    self.limits = limits
    epoch = index.epoch
    var sheets: [Sheet] = []
    for sheet in index.sheets where sheet.isVisible {
      guard let relation = relations[sheet.relation] else { throw .corrupt(where: main) }
      // Sheets that are charts or dialogues hold no cells.
      guard relation.kind == "worksheet" else { continue }
      guard archive.has(relation.target) else { throw .corrupt(where: relation.target) }
      sheets.append(Sheet(name: sheet.name, part: relation.target))
    }
    guard !sheets.isEmpty else { throw .empty }
    // Any number of sheets may name one large part.
    var total = 0
    for sheet in sheets {
      total += min(archive.declaredBytes(sheet.part), limits.inflatedBytes + 1)
      if total > limits.inflatedBytes {
        throw .tooLarge(.inflatedBytes, limit: limits.inflatedBytes)
      }
    }
    self.sheets = sheets
    let parts = relations.values
    let styles = Styles()
    if let target = parts.first(where: { $0.kind == "styles" })?.target, archive.has(target) {
      try parseXML(archive.part(target), styles)
    }
    formats = styles.formats
    let strings = SharedStringsReader(limits)
    if let target = parts.first(where: { $0.kind == "sharedStrings" })?.target,
      archive.has(target)
    {
      try parseXML(archive.part(target), strings)
    }
    self.strings = strings.strings
  }

  private static func mainPart(_ archive: ZipArchive) throws(TableFileError) -> String {
    let root = try Relation.read(of: "", archive).values.first { $0.kind == "officeDocument" }
    let main = root?.target ?? "xl/workbook.xml"
    if main.hasSuffix(".bin") { throw .notATable(.binaryWorkbook) }
    if main.hasPrefix("word/") { throw .notATable(.wordDocument) }
    if main.hasPrefix("ppt/") { throw .notATable(.presentation) }
    if archive.has(main) { return main }
    if archive.has("mimetype"), archive.has("content.xml") { throw .notATable(.openDocument) }
    if archive.hasFolder("xl/") || archive.has("[Content_Types].xml") {
      throw .corrupt(where: main)
    }
    throw .notATable(.zip)
  }
}

/// A link from one part to another.
private struct Relation {
  /// The last word of the type's address, the same in both namespaces: `worksheet`, `styles`, …
  let kind: String
  let target: String

  /// The relations of a part by their ids; those of the package for the empty name.
  static func read(of part: String, _ archive: ZipArchive) throws(TableFileError) -> [String: Self]
  {
    let folder = part.lastIndex(of: "/").map { String(part[...$0]) } ?? ""
    let name = folder + "_rels/" + part.dropFirst(folder.count) + ".rels"
    guard archive.has(name) else { return [:] }
    let reader = RelationsReader(folder: folder)
    try parseXML(archive.part(name), reader)
    return reader.relations
  }
}

private final class RelationsReader: XMLHandler {
  let folder: String
  var relations: [String: Relation] = [:]

  init(folder: String) { self.folder = folder }

  func start(_ name: XMLName, _ attributes: XMLAttributes, depth: Int) throws(TableFileError) {
    guard depth == 1, name == "Relationship", let id = attributes.string("Id"),
      let type = attributes.string("Type"), let target = attributes.string("Target"),
      attributes.string("TargetMode") != "External"
    else { return }
    let kind = type.split(separator: "/").last.map(String.init) ?? ""
    relations[id] = Relation(kind: kind, target: resolve(target))
    if relations.count > 10_000 { throw .bomb(.structure) }
  }

  /// A target is relative to the folder of the part that links, or absolute with a leading slash.
  private func resolve(_ target: String) -> String {
    var steps: [Substring] = []
    let whole = target.hasPrefix("/") ? target : folder + target
    for step in whole.split(separator: "/") where step != "." {
      if step == ".." { _ = steps.popLast() } else { steps.append(step) }
    }
    return steps.joined(separator: "/")
  }
}

private final class WorkbookIndex: XMLHandler {
  struct Sheet {
    let name: String
    let relation: String
    let isVisible: Bool
  }

  var sheets: [Sheet] = []
  var epoch = DateEpoch.year1900
  private var isInSheets = false

  func start(_ name: XMLName, _ attributes: XMLAttributes, depth: Int) throws(TableFileError) {
    if depth == 1 {
      isInSheets = name == "sheets"
      if name == "workbookPr", let flag = attributes.string("date1904"),
        flag == "1" || flag == "true"
      {
        epoch = .year1904
      }
    } else if depth == 2, isInSheets, name == "sheet" {
      let state = attributes.string("state")
      sheets.append(
        Sheet(
          name: attributes.string("name") ?? "", relation: attributes.string("id") ?? "",
          isVisible: state == nil || state == "visible"))
      if sheets.count > 10_000 { throw .bomb(.structure) }
    }
  }
}

/// The number formats of the cell styles, by style index.
private final class Styles: XMLHandler {
  var formats: [NumberFormat] = []
  private var custom: [Int: NumberFormat] = [:]
  private var section = Section.other

  private enum Section { case numberFormats, cellFormats, other }

  func start(_ name: XMLName, _ attributes: XMLAttributes, depth: Int) throws(TableFileError) {
    switch (depth, section) {
    case (1, _):
      section = name == "numFmts" ? .numberFormats : name == "cellXfs" ? .cellFormats : .other
    case (2, .numberFormats):
      guard let id = attributes.number("numFmtId"), let code = attributes.string("formatCode")
      else { return }
      custom[id] = NumberFormat(code: code)
      if custom.count > 100_000 { throw .bomb(.structure) }
    case (2, .cellFormats):
      guard name == "xf" else { return }
      let id = attributes.number("numFmtId") ?? 0
      formats.append(custom[id] ?? NumberFormat(builtIn: id))
      if formats.count > 100_000 { throw .bomb(.structure) }
    default: break
    }
  }
}
