/// A box of a form and what stands beside it.
struct TickBox: Equatable {
  let label: String
  let isTicked: Bool
}

/// Reads boxes as people tick them: ☑孤儿 ☐低保, □√孤儿, 孤儿（√） 低保（ ）, 孤儿：是☑否☐.
enum TickBoxes {
  private static let ticks: Set<Character> = [
    "☑", "☒", "√", "✓", "✔", "■", "●", "◼", "▪", "🗹", "✅",
  ]
  private static let blanks: Set<Character> = ["☐", "□", "○", "◯", "◻", "▢", "▫"]
  private static let noise: Set<Character> = [" ", ",", "、", ".", ":", "(", ")", "\t"]

  static func isMark(_ character: Character) -> Bool {
    ticks.contains(bare(character)) || blanks.contains(bare(character))
  }

  /// Without what asks for the colourful form of a sign.
  private static func bare(_ character: Character) -> Character {
    character.unicodeScalars.first.map(Character.init) ?? character
  }

  /// Whether the text is marks alone, and one of them a tick; nil if anything else stands in it.
  static func onlyMarks(_ text: String) -> Bool? {
    let rest = text.filter { !noise.contains($0) }
    guard !rest.isEmpty, rest.allSatisfy(isMark) else { return nil }
    return rest.contains { ticks.contains(bare($0)) }
  }

  /// All boxes of a text, normalised before; none if there is no mark in it.
  static func read(_ text: String) -> [TickBox] {
    text.replacing(/\(\s*\)/, with: "□").split { "\n;。".contains($0) }
      .flatMap { readLine(String($0)) }
  }

  private static func readLine(_ line: String) -> [TickBox] {
    guard line.contains(where: isMark) else { return [] }
    if let colon = line.firstIndex(of: ":") {
      let answers = readBoxes(String(line[line.index(after: colon)...]))
      if !answers.isEmpty, answers.allSatisfy({ ["是", "否", "有", "无"].contains($0.label) }) {
        let isTicked = answers.contains { $0.isTicked && ["是", "有"].contains($0.label) }
        return [TickBox(label: trimmed(line[..<colon]), isTicked: isTicked)]
      }
    }
    return readBoxes(line)
  }

  /// Marks before the words, or, where the line ends in a mark, behind them.
  private static func readBoxes(_ line: String) -> [TickBox] {
    var parts: [(words: String, isTicked: Bool)] = []
    var before = ""
    var current: (words: String, isTicked: Bool)?
    for character in line {
      if isMark(character) {
        let isTick = ticks.contains(bare(character))
        if let part = current, trimmed(part.words[...]).isEmpty {
          current?.isTicked = part.isTicked || isTick
        } else {
          if let part = current { parts.append(part) }
          current = ("", isTick)
        }
      } else if current == nil {
        before.append(character)
      } else {
        current?.words.append(character)
      }
    }
    if let part = current { parts.append(part) }
    guard let last = parts.last else { return [] }
    if trimmed(last.words[...]).isEmpty {
      let labels = [before] + parts.dropLast().map(\.words)
      return zip(labels, parts).map { TickBox(label: trimmed($0[...]), isTicked: $1.isTicked) }
    }
    return parts.map { TickBox(label: trimmed($0.words[...]), isTicked: $0.isTicked) }
  }

  private static func trimmed(_ words: Substring) -> String {
    var rest = words
    while let first = rest.first, noise.contains(first), first != "(" { rest.removeFirst() }
    if rest.first == "(", rest.contains(")") == false { rest.removeFirst() }
    while let last = rest.last, noise.contains(last), last != ")" { rest.removeLast() }
    if rest.last == ")", rest.contains("(") == false { rest.removeLast() }
    while let last = rest.last, last == "(" || last == " " { rest.removeLast() }
    return String(rest)
  }
}
