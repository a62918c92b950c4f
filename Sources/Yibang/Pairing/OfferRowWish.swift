import Foundation
import Spreadsheet

/// What a line of a 帮扶意向表 says of the pupil: wishes, and what the sponsor insists on.
extension OfferReader {
  func wish(_ data: DataRow<OfferColumn>, _ refusals: inout [Refusal]) -> Wish {
    var wish = Wish()
    func read<Value: Equatable>(
      _ item: Wish.Item, _ soft: OfferColumn, _ hard: OfferColumn, _ weight: OfferColumn,
      _ value: (OfferColumn) -> Value?
    ) -> Value? {
      let (wished, limited) = (value(soft), value(hard))
      wish.weights[item] = self.weight(data, weight, &refusals)
      if wish.weights[item] != nil, wished == nil, limited == nil {
        refusals.append(
          data.refusal(
            weight,
            problem: Text("没有写明希望哪一个\(item.name.zh)", "there is no wish for the \(item.name.en)"),
            advice: Text("填写意愿，或去掉权重", "fill in the wish, or leave the weight out")))
      }
      guard let limited else { return wished }
      if let wished, wished != limited { refusals.append(contradiction(data, hard, soft)) }
      wish.hard.insert(item)
      return limited
    }
    wish.region = read(.region, .wishRegion, .limitRegion, .weightRegion) {
      region(data, $0, &refusals)
    }
    let wanted = read(.school, .wishSchool, .limitSchool, .weightSchool) {
      wishedSchools(data, $0, &refusals)
    }
    wish.school = wanted?.first
    wish.otherSchools = Set(wanted?.dropFirst() ?? [])
    wish.grade = read(.grade, .wishGrade, .limitGrade, .weightGrade) { wished(data, $0) }
    wish.gender = read(.gender, .wishGender, .limitGender, .weightGender) {
      gender(data, $0, &refusals)
    }
    return wish
  }

  private func contradiction(
    _ data: DataRow<OfferColumn>, _ hard: OfferColumn, _ soft: OfferColumn
  ) -> Refusal {
    let heading = soft.headings.first ?? ""
    return data.refusal(
      hard, problem: Text("与“\(heading)”不同", "differs from “\(heading)”"),
      advice: Text("只填其中一栏", "fill in one of both columns"))
  }

  private func weight(
    _ data: DataRow<OfferColumn>, _ column: OfferColumn, _ refusals: inout [Refusal]
  ) -> Int? {
    guard let text = data.meaning(column) else { return nil }
    if let weight = Int(text), Wish.weights.contains(weight) { return weight }
    refusals.append(
      data.refusal(
        column, problem: Text("权重不是 1 到 100 的整数", "the weight is no number from 1 to 100"),
        advice: Text("越看重写得越大，不填为 1", "the dearer the wish, the more; 1 if left out")))
    return nil
  }

  private func region(
    _ data: DataRow<OfferColumn>, _ column: OfferColumn, _ refusals: inout [Refusal]
  ) -> String? {
    guard let text = wished(data, column) else { return nil }
    if let region = try? RegionCode(text) { return region.text }
    refusals.append(
      data.refusal(
        column, problem: Text("不是地区代码", "this is no region code"),
        advice: Text("写 6 位县区代码或 9 位乡镇代码", "write 6 digits of a county, or 9 of a town")))
    return nil
  }

  func wished(_ data: DataRow<OfferColumn>, _ column: OfferColumn) -> String? {
    guard let text = data.meaning(column), !["不限", "均可", "都可以", "任意"].contains(text) else {
      return nil
    }
    return text
  }

  private func wishedSchools(
    _ data: DataRow<OfferColumn>, _ column: OfferColumn, _ refusals: inout [Refusal]
  ) -> [UUID]? {
    guard let text = wished(data, column) else { return nil }
    var found: [UUID] = []
    for name in text.split(whereSeparator: { "、，,；;/ ".contains($0) }) {
      guard let school = school(String(name)) else {
        refusals.append(
          data.refusal(
            column, problem: Text("没有登记学校“\(name)”", "the school “\(name)” is not registered"),
            advice: Text(
              "写：\(schools.prefix(20).map(\.name).joined(separator: "、"))",
              "write one of: \(schools.prefix(20).map(\.name).joined(separator: ", "))")))
        return nil
      }
      if !found.contains(school) { found.append(school) }
    }
    return found.isEmpty ? nil : found
  }

  private func school(_ text: String) -> UUID? {
    let exact = schools.filter { $0.name == text || $0.code == text }
    let close = schools.filter { $0.name.hasSuffix(text) || text.hasSuffix($0.name) }
    let found = exact.isEmpty ? close : exact
    return found.count == 1 ? found[0].id : nil
  }

  private func gender(
    _ data: DataRow<OfferColumn>, _ column: OfferColumn, _ refusals: inout [Refusal]
  ) -> ResidentID.Gender? {
    switch wished(data, column) {
    case nil, "男女均可": return nil
    case "男", "男生", "男孩": return .male
    case "女", "女生", "女孩": return .female
    default:
      refusals.append(
        data.refusal(
          column, problem: Text("不是“男”或“女”", "this is neither 男 nor 女"),
          advice: Text("写“男”、“女”，不限则留空", "write 男 or 女, or nothing")))
      return nil
    }
  }
}
