import Spreadsheet

/// Where a sheet says who a sponsor is.
struct SponsorColumns<Column: SheetColumn> {
  let sponsor: Column
  let kind: Column
  /// A resident ID or, of a company or organisation, a credit code.
  let identity: Column
  var residentID: Column?
  var creditCode: Column?
  let phone: Column
  let employer: Column
  let anonymous: Column
}

extension DataRow {
  /// - Returns: nil, with its refusals, where nobody is named.
  func sponsor(
    _ columns: SponsorColumns<Column>, _ refusals: inout [Refusal]
  ) -> SponsorDetails? {
    let name = normalizeName(text(columns.sponsor))
    if name.isEmpty || DonorDetails.unnamed.contains(name.lowercased()) {
      refusals.append(
        refusal(
          columns.sponsor, problem: Text("没有写明帮扶人", "the sponsor is not named"),
          advice: Text(
            "写姓名或单位；不愿公开的在“是否匿名”写“是”",
            "write the name; a sponsor who stays unnamed in public has 是 under 是否匿名")))
      return nil
    }
    let word = text(columns.kind)
    let kind = word.isEmpty ? DonorKind.individual : DonorKind(word: word)
    if kind == nil {
      refusals.append(
        refusal(
          columns.kind, problem: Text("不认识的帮扶人类别", "this kind of sponsor is not known"),
          advice: Text(
            "写：\(DonorKind.allCases.map(\.name.zh).joined(separator: "、"))",
            "write one of: \(DonorKind.allCases.map(\.name.zh).joined(separator: ", "))")))
    }
    var details = SponsorDetails(
      kind: kind ?? .individual, name: name,
      anonymous: isAnonymous(columns.anonymous, &refusals), employer: meaning(columns.employer))
    if details.kind == .company || details.kind == .organisation {
      details.creditCode = number([columns.creditCode, columns.identity], &refusals)
    } else {
      details.residentID = number([columns.residentID, columns.identity], &refusals)
    }
    details.mobile = identifier(columns.phone, Mobile.self, &refusals)
    return details
  }

  /// The first of these columns that holds one.
  private func number<Value: Identifier>(
    _ columns: [Column?], _ refusals: inout [Refusal]
  ) -> Value? {
    for column in columns.compactMap({ $0 }) {
      if let value = identifier(column, Value.self, &refusals) { return value }
    }
    return nil
  }

  private func isAnonymous(_ column: Column, _ refusals: inout [Refusal]) -> Bool {
    switch text(column) {
    case "是", "匿名", "√", "要": return true
    case "", "否", "不匿名", "×", "不", "公开", "无", "/": return false
    default:
      refusals.append(
        refusal(
          column, problem: Text("不是“是”或“否”", "this is neither 是 nor 否"),
          advice: Text("写“是”或“否”", "write 是 or 否")))
      return false
    }
  }
}
