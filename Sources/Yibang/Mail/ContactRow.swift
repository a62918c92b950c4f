import Foundation
import Spreadsheet

/// One line of a list of donors' addresses: who is meant, and where the donor is written to.
struct ContactRow {
  let data: DataRow<ContactColumn>
  let name: String
  let kind: DonorKind?
  let school: UUID?
  let className: String?
  let identity: String?
  let mobile: Mobile?
  let reach: DonorReach
  /// Nil: as on record, or Chinese.
  let language: Language?
  /// A postal address stands beside the mail address, which alone is used.
  let hasBoth: Bool
}

/// Reads the lines of a list of donors' addresses.
struct ContactReader {
  let schools: [Schools.School]
  /// Of lines that name none.
  let school: UUID?

  /// - Returns: the line, or the reasons why it is refused.
  func read(_ data: DataRow<ContactColumn>) -> (row: ContactRow?, refusals: [Refusal]) {
    var refusals: [Refusal] = []
    let name = normalizeName(data.text(.name))
    if name.isEmpty || DonorDetails.unnamed.contains(name.lowercased()) {
      refusals.append(
        data.refusal(
          .name, problem: Text("没有写明捐赠人", "the donor is not named"),
          advice: Text("写登记时的姓名或单位", "write the name as it is on record")))
    }
    let kind = kind(data, &refusals)
    let school = school(data, &refusals)
    let identity = identity(data, &refusals)
    let mobile = data.identifier(.phone, Mobile.self, &refusals)
    let reach = reach(data, &refusals)
    let language = language(data, &refusals)
    guard refusals.isEmpty, let reach else { return (nil, refusals) }
    let className = data.meaning(.className)?.filter { $0 != " " }
    return (
      ContactRow(
        data: data, name: name, kind: kind, school: school, className: className,
        identity: identity, mobile: mobile, reach: reach, language: language,
        hasBoth: data.meaning(.mail) != nil && data.meaning(.post) != nil), []
    )
  }

  private func kind(
    _ data: DataRow<ContactColumn>, _ refusals: inout [Refusal]
  ) -> DonorKind? {
    guard let word = data.meaning(.kind) else { return nil }
    if let kind = DonorKind(word: word) { return kind }
    let known = DonorKind.allCases.map(\.name.zh)
    refusals.append(
      data.refusal(
        .kind, problem: Text("不认识的捐赠人类别", "this kind of donor is not known"),
        advice: Text(
          "写：\(known.joined(separator: "、"))", "write one of: \(known.joined(separator: ", "))")))
    return nil
  }

  private func school(
    _ data: DataRow<ContactColumn>, _ refusals: inout [Refusal]
  ) -> UUID? {
    guard let word = data.meaning(.school) else { return school }
    if let found = schools.first(where: { $0.name == word || $0.code == word }) { return found.id }
    refusals.append(
      data.refusal(
        .school, problem: Text("本区没有这所学校", "the district has no such school"),
        advice: Text("写学校全称或标识码", "write the school's full name or its code")))
    return nil
  }

  private func identity(
    _ data: DataRow<ContactColumn>, _ refusals: inout [Refusal]
  ) -> String? {
    if let number = data.identifier(.residentID, ResidentID.self, &refusals) { return number.text }
    if let code = data.identifier(.creditCode, CreditCode.self, &refusals) { return code.text }
    guard data.meaning(.identity) != nil else { return nil }
    var ofCode: [Refusal] = []
    if let code = data.identifier(.identity, CreditCode.self, &ofCode) { return code.text }
    return data.identifier(.identity, ResidentID.self, &refusals)?.text
  }

  private func reach(
    _ data: DataRow<ContactColumn>, _ refusals: inout [Refusal]
  ) -> DonorReach? {
    if data.meaning(.mail) != nil {
      if let address = try? MailAddress(data.text(.mail)) { return .mail(address) }
      refusals.append(
        data.refusal(
          .mail, problem: Text("邮箱地址写法不对", "this is not a mail address"),
          advice: Text(
            "应形如 name@example.cn，只用英文字母、数字和常用符号", "write it as name@example.cn, in ASCII")
        ))
      return nil
    }
    if let address = data.meaning(.post) { return .letter(address: address) }
    refusals.append(
      data.refusal(
        data.has(.mail) ? .mail : .post, problem: Text("没有地址", "there is no address"),
        advice: Text("写邮箱或通讯地址，或删除这一行", "write a mail or postal address, or delete the row")))
    return nil
  }

  private func language(
    _ data: DataRow<ContactColumn>, _ refusals: inout [Refusal]
  ) -> Language? {
    switch data.meaning(.language)?.lowercased() {
    case nil: return nil
    case "中文", "汉语", "zh": return .zh
    case "英文", "英语", "en": return .en
    default:
      refusals.append(
        data.refusal(
          .language, problem: Text("不认识的语言", "this language is not known"),
          advice: Text("写“中文”或“英文”", "write 中文 or 英文")))
      return nil
    }
  }
}
