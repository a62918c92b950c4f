import Foundation
import SchoolCalendar
import Spreadsheet
import Yibang

/// The second half: pairing, commitments, activities and reports.
extension Demo {
  /// Pairs shown one by one.
  private static let shown = 10

  /// The day of the story: today, or where today lies outside the semester, its eightieth day.
  private var day: CalendarDate {
    let dates = semester.defaultDates
    let today = work.settings.today
    return dates.contains(today) ? today : dates.lowerBound.adding(days: 79)
  }

  mutating func tellProposal() async throws -> UUID {
    try begin(Text("配对方案：最困难的优先，每一对都有理由", "A proposal: most needy first, a reason for each pair"))
    let summary = try await Proposals.propose(semester, in: proposer)
    try say(
      Text(
        "proposer 提出方案：\(summary.pairs) 对。",
        "proposer makes a proposal of \(summary.pairs) pairs."))
    try standardOutput(work.leftOver(summary))
    let detail = try await Proposals.show(summary.id, in: proposer)
    try say(Text("\n前 \(Self.shown) 对：", "\nThe first \(Self.shown):"))
    for pair in detail.pairs.prefix(Self.shown) {
      let place = [pair.school, pair.grade, pair.className].compactMap { $0 }.joined(separator: " ")
      let line = "\(pair.rank). \(pair.pupil)（\(place)）← \(pair.sponsor) \(pair.amount)"
      try say(Text("  \(line)\n     \(pair.reason.zh)", "  \(line)\n     \(pair.reason.en)"))
    }
    return summary.id
  }

  mutating func tellAcceptance(_ proposal: UUID) async throws -> [UUID] {
    try begin(Text("批准与接受：提出者不能批准", "Approval by a second person, and acceptance"))
    do {
      _ = try await Proposals.approve(proposal, on: day, in: proposer)
    } catch let error as PairingError {
      try say(Text("proposer 自己批准：\(error.text.zh)", "proposer tries: \(error.text.en)"))
    }
    let approved = try await Proposals.approve(proposal, on: day, in: approver)
    try say(
      Text(
        "approver 批准：方案\(approved.state.name.zh)。",
        "approver approves: the proposal is \(approved.state.name.en)."))
    let acceptance = try await Proposals.accept(proposal, on: day, in: proposer)
    let count = acceptance.pairings.count
    try say(
      Text(
        "资助人接受：\(count) 名学生结对，三年共承诺 \(acceptance.promised)（尚未到账）。",
        "The sponsors accept: \(count) pupils are paired, \(acceptance.promised) promised over "
          + "three years and not yet received."))
    return acceptance.pairings
  }

  mutating func tellCommitment(_ pairings: [UUID]) async throws {
    try begin(Text("一对的三年：六期", "Three years of one pairing: six instalments"))
    guard let first = pairings.first else { return }
    let commitment = try await Commitments.show(pairing: first, today: day, in: admin)
    try standardOutput(work.story(commitment))
  }

  mutating func tellReceipts(_ pairings: [UUID]) async throws {
    try begin(Text("第一期到账", "First instalments come in"))
    for pairing in pairings.prefix(3) {
      let commitment = try await Commitments.show(pairing: pairing, today: day, in: admin)
      guard let amount = commitment.instalments.first?.amount else { continue }
      _ = try await Instalments.receive(
        .number(1, ofPairing: pairing), amount: amount, on: day, method: .transfer,
        key: "demo-\(pairing.shown)-1", in: admin)
      try say(
        Text(
          "收到 \(commitment.sponsor) 资助 \(commitment.pupil) 的第一期 \(amount)",
          "Received \(amount) from \(commitment.sponsor) for \(commitment.pupil)"))
    }
    let funds = try await Funds.statements(semester, in: admin)
    try standardOutput(
      "\n"
        + work.printer.table(
          funds.filter { $0.kind == .sponsorship && $0.hasMoney }, FundShow.columns))
  }

  /// The sponsors who have not paid are bridged, and every child has its money in time.
  mutating func tellCover(_ pairings: [UUID]) async throws {
    try begin(Text("兜底与发放：一个也不能少", "Cover and payout: no child goes without"))
    guard let first = pairings.first else { return }
    let commitment = try await Commitments.show(pairing: first, today: day, in: admin)
    guard let due = commitment.instalments.first?.dueOn else { return }
    let record = try await Semesters.find(semester, in: admin)
    let covering = min(due.adding(days: 31), record.endsOn)
    let run = try await Covers.run(on: covering, in: admin)
    try say(
      Text(
        "\(covering)：宽限期已过，爱心基金为 \(run.covered) 名学生兜底 \(run.amount)，无法兜底 \(run.short.count) 名。",
        "\(covering): the grace is over; general funds bridge \(run.covered) children with "
          + "\(run.amount), and cannot bridge \(run.short.count)."))
    _ = try await Users.add(
      login: "finance", name: "finance", role: .finance, school: nil, in: admin)
    let actor = try await Users.actor(
      login: "finance", district: admin.actor.districtID, on: work.platform)
    let finance = Context(platform: work.platform, actor: actor)
    let funded = Set(
      try await Payouts.list(semester, in: admin).filter(\.isFunded).map(\.school))
    for school in try await Schools.list(in: admin) where funded.contains(school.name) {
      let made = try await Payouts.makeBatch(
        semester, school: school, title: "一帮一资助", in: admin)
      _ = try await PaymentBatches.submit(made.batch, in: admin)
      _ = try await PaymentBatches.approve(made.batch, today: covering, in: finance)
      _ = try await PaymentBatches.pay(made.batch, on: covering, in: admin)
      try say(
        Text(
          "\(school.name)：\(made.lines) 名学生 \(made.total)，finance 审批后支付。",
          "\(school.name): \(made.lines) children, \(made.total), approved by finance and paid."))
    }
    let lines = try await Coverage.list(
      semester, today: record.endsOn.adding(days: 1), in: admin)
    try standardOutput("\n" + work.printer.table(lines, PairingCoverage.columns))
  }

  mutating func tellActivities() async throws {
    try begin(Text("德育与感恩活动", "Moral-education and gratitude activities"))
    let summary = try await Activities.summary(semester, in: admin)
    try standardOutput(
      work.printer.table(summary.kinds.filter { $0.activities > 0 }, ActivitySummary.columns))
  }

  mutating func tellReports() async throws {
    try begin(Text("报表", "Reports"))
    let folder = (work.settings.home.path as NSString).appendingPathComponent("reports")
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    for kind in Reports.Kind.allCases {
      let request = Reports.Request(kind, semester: semester, date: day)
      for format in Reports.Format.allCases {
        let path = "\(folder)/\(kind.name.zh)-\(semester).\(format)"
        let written = try await Reports.write(request, format: format, to: path, in: admin)
        try say(Text("\(path)（\(written.rows) 行）", "\(path) (\(written.rows) rows)"))
      }
    }
  }

  func tellEnd() throws {
    let home = work.settings.home.path
    try say(
      Text(
        "\n接着看：yibang --home \(home) pairing list\n不要了：rm -r \(home)",
        "\nGo on: yibang --home \(home) pairing list\nDone with it: rm -r \(home)"))
  }
}
