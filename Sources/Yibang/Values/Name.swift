/// The name as it is stored and compared: half-width, without spaces between Chinese characters
/// (张　三 is 张三), with one space between Latin words, and with one form of the dot in names such
/// as 阿依古丽·买买提.
package func normalizeName(_ text: String) -> String {
  var joined: [Character] = []
  for word in normalizeText(text).split(whereSeparator: \.isWhitespace) {
    if let last = joined.last, let first = word.first, !(isTight(last) && isTight(first)) {
      joined.append(" ")
    }
    joined += word
  }
  for index in joined.indices.dropFirst().dropLast() where dots.contains(joined[index]) {
    if isHan(joined[index - 1]) && isHan(joined[index + 1]) { joined[index] = "·" }
  }
  return String(joined)
}

/// The name with stars, as notices show it: 张三 is 张*, 张小明 is 张*明, 欧阳小明 is 欧**明. A name of
/// several parts keeps its first character alone: 阿依古丽·买买提 is 阿***·***, John Smith is J*** *****.
///
/// - Parameter isOrganisation: A company or organisation is no person; its name stays.
package func maskedName(_ name: String, isOrganisation: Bool = false) -> String {
  let name = normalizeName(name)
  if isOrganisation { return name }
  let characters = Array(name)
  guard characters.count > 1 else { return characters.isEmpty ? "" : "*" }
  let separators: Set<Character> = ["·", " "]
  let isOfParts = characters.contains { separators.contains($0) }
  let keepsLast = !isOfParts && characters.count > 2
  let lastIndex = characters.count - 1
  let masked = characters.enumerated().map { index, character -> Character in
    let isShown = index == 0 || (index == lastIndex && keepsLast)
    return isShown || separators.contains(character) ? character : "*"
  }
  return String(masked)
}

/// What people write for the dot in a name.
private let dots: Set<Character> = ["·", "•", "‧", "∙", "・", ".", "･", "●", "⋅"]

/// Whether no space belongs between this character and another such.
private func isTight(_ character: Character) -> Bool {
  isHan(character) || dots.contains(character)
}

/// Whether the character is a Chinese one, also a rare one that only names use.
private func isHan(_ character: Character) -> Bool {
  switch character.unicodeScalars.first?.value ?? 0 {
  case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF, 0x3007: true
  default: false
  }
}
