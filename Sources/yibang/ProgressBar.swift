import CoreFoundation
import Glibc
import Synchronization
import Yibang

/// How far a file is read, on a terminal's standard error, redrawn at most ten times a second.
final class ProgressBar: Sendable {
  private static let width = 30
  private static let pauseNanoseconds: UInt64 = 100_000_000

  private struct State {
    var drawnAt: UInt64 = 0
    var isVisible = false
  }

  private let language: Language
  private let state = Mutex(State())

  private init(language: Language) {
    self.language = language
  }

  /// Nil where there is no terminal to see it.
  static func onTerminal(language: Language, isQuiet: Bool) -> ProgressBar? {
    guard !isQuiet, isatty(STDERR_FILENO) == 1 else { return nil }
    return ProgressBar(language: language)
  }

  /// - Parameter done: 0 to 1.
  func show(_ done: Double) {
    let now = Self.now
    state.withLock { state in
      guard now &- state.drawnAt >= Self.pauseNanoseconds else { return }
      state.drawnAt = now
      state.isVisible = true
      standardError("\r" + Self.line(done, language))
    }
  }

  /// Takes the bar off the screen.
  func clear() {
    state.withLock { state in
      guard state.isVisible else { return }
      state.isVisible = false
      standardError("\r\u{1B}[K")
    }
  }

  /// `读取 [#####-----]  50%`.
  static func line(_ done: Double, _ language: Language) -> String {
    let done = done.isFinite ? min(1, max(0, done)) : 0
    let filled = Int(done * Double(width))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    let percent = String(Int(done * 100))
    let space = String(repeating: " ", count: 3 - percent.count)
    return "\(language == .zh ? "读取" : "Reading") \(bar) \(space)\(percent)%"
  }

  private static var now: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
