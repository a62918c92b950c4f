/// A few named private values, sealed together as one.
///
/// Written as `name U+001F value U+001E` per field, in order of name, so that equal fields give equal
/// bytes. Neither separator can occur in a normalised value.
package struct SealedFields: Sendable, Equatable {
  package private(set) var values: [String: String]

  package init(_ values: [String: String] = [:]) {
    self.values = values.filter { !$0.value.isEmpty }
  }

  package subscript(_ name: String) -> String? {
    get { values[name] }
    set { values[name] = newValue?.isEmpty == true ? nil : newValue }
  }

  package var isEmpty: Bool { values.isEmpty }

  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      bytes.append(contentsOf: name.utf8)
      bytes.append(0x1F)
      bytes.append(contentsOf: value.utf8)
      bytes.append(0x1E)
    }
    return bytes
  }

  package init(bytes: [UInt8]) {
    values = [:]
    for field in bytes.split(separator: 0x1E) {
      guard let cut = field.firstIndex(of: 0x1F) else { continue }
      let name = String(decoding: field[..<cut], as: UTF8.self)
      values[name] = String(decoding: field[(cut + 1)...], as: UTF8.self)
    }
  }
}
