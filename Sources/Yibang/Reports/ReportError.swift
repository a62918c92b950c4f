package enum ReportError: YibangError {
  case reasonMissing
  /// The reason holds a number that may identify a person; it would stay in the audit trail.
  case reasonIdentifies(IdentityTrace)
  case nothingToReveal(Reports.Kind)
  case unwritable(path: String)
  /// A list of columns for an export names what no pupil has.
  case unknownField(String, known: [String])
  case noColumns
  /// So many pupils lack something that an export needs.
  case incomplete(Int)

  package var code: String {
    switch self {
    case .reasonMissing: "report.reason_missing"
    case .reasonIdentifies: "report.reason_identifies"
    case .nothingToReveal: "report.nothing_to_reveal"
    case .unwritable: "report.unwritable"
    case .unknownField: "report.unknown_field"
    case .noColumns: "report.no_columns"
    case .incomplete: "report.incomplete"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .reasonMissing, .nothingToReveal: .usage
    case .reasonIdentifies, .unknownField, .noColumns, .incomplete: .badData
    case .unwritable: .unavailable
    }
  }

  package var text: Text {
    switch self {
    case .reasonMissing:
      Text(
        "查看学生身份信息须写明理由（至少两个字），理由会记入审计。",
        "To see pupils' identities, give a reason of two characters or more; it is kept in the "
          + "audit trail.")
    case .reasonIdentifies(let trace):
      Text(
        "理由中有像\(trace.name.zh)的数字。理由会记入审计，请删去这个数字。",
        "The reason holds a number that may identify a person (\(trace.name.en)). It is kept in "
          + "the audit trail: take the number out.")
    case .nothingToReveal(let kind):
      Text(
        "《\(kind.name.zh)》不含可公开的学生身份信息，请去掉查看理由。",
        "The \(kind.name.en) has no identities to reveal: leave the reason out.")
    case .unwritable(let path):
      Text(
        "文件 \(path) 无法写入，请检查路径、权限和磁盘空间。",
        "The file \(path) cannot be written. Check the path, permissions and disk.")
    case .unknownField(let word, let known):
      Text(
        "“内容”一栏没有“\(word)”，可选：\(known.joined(separator: "、"))。",
        "The column 内容 cannot be “\(word)”. Choose one of: \(known.joined(separator: ", ")).")
    case .noColumns:
      Text("列的清单是空的。样式见 --print-columns。", "The list has no columns. See --print-columns.")
    case .incomplete(let count):
      Text(
        "\(count) 名学生信息不全，没有导出。请先补全，或跳过信息不全的学生。",
        "\(count) pupils lack something, so nothing was exported. Complete them, or skip them.")
    }
  }
}
