import ArgumentParser
import Yibang

/// What was probably meant by a word that is no subcommand.
enum Suggestion {
  /// - Returns: nil where the words name a command.
  static func text(_ arguments: [String], root: any ParsableCommand.Type) -> Text? {
    var command = root
    var isValue = false
    for word in arguments {
      let subcommands = command.configuration.subcommands
      if subcommands.isEmpty || word == "--" { return nil }
      if word.hasPrefix("-") {
        isValue = !word.contains("=") && word != "--quiet"
      } else if let next = subcommands.first(where: { $0.configuration.commandName == word }) {
        command = next
        isValue = false
      } else if isValue {
        isValue = false
      } else {
        return text(
          word,
          among: subcommands.map { $0.configuration }.filter { $0.shouldDisplay }
            .compactMap { $0.commandName })
      }
    }
    return nil
  }

  private static func text(_ word: String, among names: [String]) -> Text {
    let near = names.map { (name: $0, steps: steps(from: word, to: $0)) }
      .min { $0.steps < $1.steps }
    if let near, near.steps <= max(1, word.count / 3) {
      return Text(
        "没有“\(word)”这个子命令。是不是“\(near.name)”？",
        "There is no subcommand “\(word)”. Did you mean “\(near.name)”?")
    }
    return Text(
      "没有“\(word)”这个子命令。可用的有：\(names.joined(separator: "、"))。",
      "There is no subcommand “\(word)”. There are: \(names.joined(separator: ", ")).")
  }

  /// Letters to put in, take out, exchange or swap with the next one (optimal string alignment).
  static func steps(from word: String, to name: String) -> Int {
    let (a, b) = (Array(word.lowercased()), Array(name))
    var rows = [Array(0...b.count)]
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var least = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          least = min(least, rows[i - 1][j - 1] + 1)
        }
        row.append(least)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
