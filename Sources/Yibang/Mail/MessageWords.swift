import Foundation
import Postgres
import SchoolCalendar

/// What a message says: sentences of the program around values that may be published.
struct MessageWords: Sendable, Equatable {
  let subject: String
  let lines: [String]
}

extension MessageWords {
  typealias Pupil = Published<SponsorsPupil, SchoolName>
  typealias Awaited = Published<SemesterName, InstalmentNumber, DueDay, MoneyAwaited>
  typealias Received = Published<SemesterName, InstalmentNumber, EventDay, MoneyReceived>

  /// - Parameter pupil: nil once nothing of it is told any more.
  static func reminder(
    _ facts: Awaited, of pupil: Pupil?, isOverdue: Bool, to sponsor: String, _ language: Language
  ) -> MessageWords {
    let isEnglish = language == .en
    let opening =
      isOverdue
      ? Text(
        "您承诺的下列帮扶款已过应到账日期，我们还没有收到。如已汇出，请不必理会；如有困难，请告诉我们。",
        "The following instalment of your sponsorship has not come in. If you have sent it, please "
          + "take no notice; if there is a difficulty, please tell us.")
      : Text(
        "您承诺的下列帮扶款将到期，特此提醒。", "The following instalment of your sponsorship falls due soon.")
    return letter(
      isOverdue
        ? Text("帮扶款逾期提醒", "Overdue instalment") : Text("帮扶款到期提醒", "Instalment due"),
      opening, (pupil?.lines(inEnglish: isEnglish) ?? []) + facts.lines(inEnglish: isEnglish), nil,
      to: sponsor, language)
  }

  static func thanks(
    _ facts: Received, of pupil: Pupil?, to sponsor: String, _ language: Language
  ) -> MessageWords {
    let isEnglish = language == .en
    return letter(
      Text("感谢您的帮扶", "Thank you for your support"),
      Text("您的帮扶款已经到账，谢谢您。", "Your instalment has come in. Thank you."),
      (pupil?.lines(inEnglish: isEnglish) ?? []) + facts.lines(inEnglish: isEnglish), nil,
      to: sponsor, language)
  }

  static func report(
    _ report: SponsorReport, to sponsor: String, _ language: Language
  ) -> MessageWords {
    letter(
      Text("帮扶学生学期报告", "Semester report on the pupil"),
      Text("现将本学期的帮扶情况报告如下。", "This is what your support came to in the semester."),
      report.lines(language),
      Text(
        "承诺金额是您答应的，已到账金额是我们收到的，学生已领取金额是学生签收的。",
        "Promised is what you said; received is what came in; what reached the pupil was signed for."
      ),
      to: sponsor, language)
  }

  private static func letter(
    _ subject: Text, _ opening: Text, _ facts: [String], _ closing: Text?, to sponsor: String,
    _ language: Language
  ) -> MessageWords {
    let name = salutation(sponsor)
    let greeting = Text("尊敬的\(name.zh)：", "Dear \(name.en),")
    let end = Text("一帮一 助学平台", "Yibang, aid for pupils")
    let lines =
      [greeting(language), "", opening(language), ""] + facts
      + (closing.map { ["", $0(language)] } ?? []) + ["", end(language)]
    return MessageWords(subject: subject(language), lines: lines)
  }
}
