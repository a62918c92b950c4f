import CoreFoundation
import Glibc
import Yibang

/// A secret that a person types at the terminal without seeing it, twice where `again` asks, or that a
/// program writes to the standard input as one line.
/// - Throws: `SecretError`.
func readSecret(_ prompt: Text, again: Text?, _ printer: Printer) throws -> String {
  guard isatty(STDIN_FILENO) == 1 else {
    guard let line = readLine(), !line.isEmpty else { throw SecretError.nothing }
    return line
  }
  let first = try readHidden(prompt(printer.language))
  if let again, try readHidden(again(printer.language)) != first { throw SecretError.different }
  return first
}

private func readHidden(_ prompt: String) throws -> String {
  var before = termios()
  guard tcgetattr(STDIN_FILENO, &before) == 0 else { throw SecretError.nothing }
  var hidden = before
  hidden.c_lflag &= ~tcflag_t(ECHO)
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
  defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, &before) }
  standardError(prompt)
  let line = readLine()
  standardError("\n")
  guard let line, !line.isEmpty else { throw SecretError.nothing }
  return line
}

enum SecretError: YibangError {
  case nothing
  case different

  var code: String {
    switch self {
    case .nothing: "secret.nothing"
    case .different: "secret.different"
    }
  }

  var category: ErrorCategory { .usage }

  var text: Text {
    switch self {
    case .nothing:
      Text(
        "没有读到密码。请在终端上输入，或从标准输入给出一行。",
        "No password was read. Type it at the terminal, or give it as one line of the standard input."
      )
    case .different: Text("两次输入不一样，请重新输入。", "The two differ. Type it again.")
    }
  }
}
