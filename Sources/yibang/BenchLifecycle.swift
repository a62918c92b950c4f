import ArgumentParser
import Foundation
import SchoolCalendar
import Yibang

/// Six semesters of pairings by seeded chance: sponsors who pay late, in part or not at all, end or
/// die; pupils who move or die; others who take over. Prints what each semester's coverage was and what
/// cover cost, and fails where a child was not paid in time or the books do not agree.
struct BenchLifecycle: WorkCommand {
  static let configuration = CommandConfiguration(commandName: "lifecycle")

  @Option var pairings = 10_000
  @Option var seed: UInt64 = 1
  /// Yuan given to the district's general fund.
  @Option var fund = 20_000_000
  @OptionGroup var global: GlobalOptions

  func run(_ work: Work) async throws {
    let context = try await work.context()
    var district = try await SimulatedDistrict(
      context, pupils: pairings, seed: seed, fund: Money(fen: Int64(fund) * 100))
    var semester = Semester.of(work.settings.today)
    let begin = ContinuousClock.now
    print("semester children sponsor cover late unpaid covered_fen repaid_fen running")
    for _ in 1...6 {
      let line = try await district.live(semester)
      print(
        semester, line.coverage.children, line.coverage.bySponsor, line.coverage.byCover,
        line.coverage.late, line.coverage.notPaid, line.covered.fen, line.repaid.fen, line.running)
      let findings = try await Doctor.examine(in: context)
      guard findings.isEmpty else {
        throw ValidationError("doctor: \(findings.map(\.check).joined(separator: " "))")
      }
      guard line.coverage.gaps.isEmpty else {
        throw ValidationError("\(line.coverage.gaps.count) children were not paid in time")
      }
      semester = semester.successor
    }
    print("seconds \(Int((ContinuousClock.now - begin) / .seconds(1)))")
  }
}

private struct SimulatedDistrict {
  struct Line {
    let coverage: Coverage.Line
    let covered: Money
    let repaid: Money
    let running: Int
  }

  private enum Behaviour { case pays, paysAhead, paysHalf, paysLate, paysNothing }
  private enum Fate: String { case none, moves, dies, sponsorDies, sponsorBroke, sponsorAsks }

  private let context: Context
  private let others: [Context]
  private let schools: [Schools.School]
  private let seed: UInt64
  private let tiers = ["特别困难", "困难", "一般困难"]
  /// By number: the school's index; nil once the pupil is gone.
  private var places: [Int?]
  private var numbers: [UUID: Int] = [:]

  init(_ context: Context, pupils: Int, seed: UInt64, fund: Money) async throws {
    self.context = context
    self.seed = seed
    var others: [Context] = []
    for login in ["second", "third"] {
      _ = try await Users.add(
        login: login, name: login, role: .districtAdmin, school: nil, in: context)
      let actor = try await Users.actor(
        login: login, district: context.actor.districtID, on: context.platform)
      others.append(Context(platform: context.platform, actor: actor))
    }
    self.others = others
    var schools: [Schools.School] = []
    for number in 0..<10 {
      schools.append(
        try await Schools.add(code: "219900010\(number)", name: "测量第\(number)小学", in: context)
          .school)
    }
    self.schools = schools
    places = (0..<pupils).map { $0 % 10 }
    let semester = Semester("2026-2027-1")!
    _ = try await Semesters.open(semester, in: context)
    let donor = try await Donors.donor(
      DonorDetails(kind: .company, name: "测试有限公司", anonymous: false), school: nil, in: context)
    let general = try await Funds.fund(for: nil, school: nil, in: context)
    _ = try await Giving.record(
      Giving.NewDonation(
        donor: donor, fund: general, school: nil, semester: semester, amount: fund,
        receivedOn: semester.defaultDates.lowerBound),
      in: context)
  }

  /// A number from 0 up to 1,000 that is the seed's, the pupil's, the semester's and the question's.
  private func chance(_ number: Int, _ semester: Semester, _ question: UInt64) -> UInt64 {
    var state = seed &* 0x9E37_79B9_7F4A_7C15
    for part in [UInt64(number), UInt64(semester.ordinal), question] {
      state = (state ^ part) &* 0xBF58_476D_1CE4_E5B9
      state ^= state >> 29
    }
    return state % 1_000
  }

  private func behaviour(_ number: Int, _ semester: Semester) -> Behaviour {
    switch chance(number, semester, 1) {
    case ..<50: .paysNothing
    case ..<90: .paysLate
    case ..<120: .paysHalf
    case ..<150: .paysAhead
    default: .pays
    }
  }

  private func fate(_ number: Int, _ semester: Semester) -> Fate {
    switch chance(number, semester, 2) {
    case ..<25: .moves
    case ..<28: .dies
    case ..<32: .sponsorDies
    case ..<45: .sponsorBroke
    case ..<55: .sponsorAsks
    default: .none
    }
  }

  mutating func live(_ semester: Semester) async throws -> Line {
    let start = semester.defaultDates.lowerBound
    let due = start.adding(months: semester.term == .autumn ? 1 : 2).adding(days: -1)
    let before = try await Covers.list(in: context)
    _ = try await Semesters.open(semester, in: context)
    try await recognise(semester)
    try await pair(semester, on: start.adding(days: 9))
    try await receive(semester, on: start.adding(days: 20)) { $0 != .paysLate }
    try await befall(semester, on: due.adding(days: 10))
    _ = try await Covers.run(on: due.adding(days: 31), in: context)
    try await payOut(semester, on: due.adding(days: 36))
    try await receive(semester, on: due.adding(days: 50)) { $0 == .paysLate }
    let covers = try await Covers.list(in: context)
    let lines = try await Coverage.list(
      semester, today: semester.defaultDates.upperBound, in: context)
    guard let coverage = lines.first else { throw ValidationError("nobody is paired") }
    return Line(
      coverage: coverage,
      covered: try (covers.map(\.amount).total() - before.map(\.amount).total()),
      repaid: try (covers.map(\.repaid).total() - before.map(\.repaid).total()),
      running: try await Pairings.list(state: .running, in: context).count)
  }

  /// Every school's roster, with the tiers of the school year.
  private mutating func recognise(_ semester: Semester) async throws {
    guard semester.term == .autumn else { return }
    for (index, school) in schools.enumerated() {
      var sheet = "姓名,班级,性别,学籍号,等级,监护人同意\n"
      for (number, place) in places.enumerated() where place == index {
        let gender = number % 2 == 0 ? "男" : "女"
        let code = "L990000\(String(format: "%012d", number))"
        sheet += "试\(number),\(number % 6 + 1)年级1班,\(gender),\(code),\(tiers[number % 3]),是\n"
      }
      try await load(sheet, semester, school) {
        try await Students.importRoster($0, school: school, in: context)
      }
      for pupil in try await Students.list(
        school: school.id, year: semester.schoolYear, in: context)
      {
        numbers[pupil.id] = Int(pupil.name.dropFirst()) ?? 0
      }
    }
  }

  private func load(
    _ sheet: String, _ semester: Semester, _ school: Schools.School?,
    _ body: (ImportRequest) async throws -> ImportReport
  ) async throws {
    let path = FileManager.default.temporaryDirectory.appending(
      path: "yibang-bench-\(getpid()).csv")
    try Data(sheet.utf8).write(to: path)
    defer { try? FileManager.default.removeItem(at: path) }
    let report = try await body(
      ImportRequest(
        path: path.path(percentEncoded: false), school: school, semester: semester,
        today: semester.defaultDates.lowerBound))
    guard report.written else {
      throw ValidationError(report.refused.first?.problem.en ?? "nothing was imported")
    }
  }

  /// Sponsors for all who wait: at first everybody, later those whose sponsor is gone.
  private func pair(_ semester: Semester, on day: CalendarDate) async throws {
    let running = try await Pairings.list(state: .running, in: context).count
    let alive = places.count { $0 != nil }
    let wanted = max(alive - running + alive / 50, 1)
    var sheet = "帮扶人,类别,联系电话,每学期金额\n"
    for number in 0..<wanted {
      let phone = 19_900_000_000 + (semester.ordinal % 100) * 1_000_000 + number
      sheet += "助\(semester.ordinal)号\(number),个人,\(phone),1000\n"
    }
    try await load(sheet, semester, nil) { try await Offers.importSheet($0, in: context) }
    let proposal = try await Proposals.propose(semester, in: context)
    guard proposal.pairs > 0 else { return }
    _ = try await Proposals.approve(proposal.id, on: day, in: others[0])
    _ = try await Proposals.accept(proposal.id, on: day, in: context)
  }

  private func receive(
    _ semester: Semester, on day: CalendarDate, _ isMeant: @Sendable (Behaviour) -> Bool
  ) async throws {
    let pupils = Dictionary(
      uniqueKeysWithValues: try await Pairings.list(state: .running, in: context)
        .map { ($0.id, $0.student) })
    let due = try await Instalments.list(semester, today: day, in: context).filter {
      $0.outstanding > .zero && pupils[$0.pairing] != nil
    }
    var payments: [(pairing: UUID, amount: Money)] = []
    for instalment in due {
      let number = pupils[instalment.pairing].flatMap { numbers[$0] } ?? 0
      let behaviour = behaviour(number, semester)
      guard isMeant(behaviour) else { continue }
      switch behaviour {
      case .paysNothing: continue
      case .paysHalf:
        payments.append((instalment.pairing, Money(fen: instalment.outstanding.fen / 2)))
      case .paysAhead where instalment.number < 6:
        payments.append((instalment.pairing, Money(fen: instalment.outstanding.fen * 2)))
      default: payments.append((instalment.pairing, instalment.outstanding))
      }
    }
    try await inParallel(payments) { payment in
      _ = try await Instalments.pay(
        pairing: payment.pairing, amount: payment.amount, on: day, method: .transfer, in: context)
    }
  }

  private mutating func befall(_ semester: Semester, on day: CalendarDate) async throws {
    var moves: [(UUID, Schools.School)] = []
    var ends: [(UUID, PairingEndReason)] = []
    for pairing in try await Pairings.list(state: .running, in: context) {
      guard let number = numbers[pairing.student], let place = places[number] else { continue }
      let fate = fate(number, semester)
      let reason: String
      switch fate {
      case .none: continue
      case .moves:
        let next = (place + 1 + number % 9) % 10
        moves.append((pairing.student, schools[next]))
        places[number] = next
        continue
      case .dies:
        places[number] = nil
        reason = "death"
      case .sponsorDies: reason = "sponsor_death"
      case .sponsorBroke: reason = "sponsor_finances"
      case .sponsorAsks: reason = "sponsor_request"
      }
      if let reason = PairingEndReason(word: reason) { ends.append((pairing.id, reason)) }
    }
    let context = context
    try await inParallel(moves) { student, school in
      _ = try await StudentMoves.move(
        student, to: SchoolCode(school.code), on: day, today: day, in: context)
    }
    try await inParallel(ends) { pairing, reason in
      _ = try await Pairings.end(
        pairing, reason: reason, on: day, balance: .init(.returned), in: context)
    }
  }

  private func payOut(_ semester: Semester, on day: CalendarDate) async throws {
    for school in schools {
      let made = try await Payouts.makeBatch(
        semester, school: school, title: "\(semester) 一帮一", in: context)
      _ = try await PaymentBatches.submit(made.batch, in: context)
      for other in others
      where try await PaymentBatches.show(made.batch, in: context).batch.state == .submitted {
        _ = try await PaymentBatches.approve(made.batch, today: day, in: other)
      }
      _ = try await PaymentBatches.pay(made.batch, on: day, in: context)
      _ = try await PaymentBatches.confirm(
        made.batch, lines: nil, as: .received, on: day.adding(days: 3), in: context)
      try await PaymentBatches.close(made.batch, in: context)
    }
  }

  private func inParallel<Item: Sendable>(
    _ items: [Item], _ body: @escaping @Sendable (Item) async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      var rest = items[...]
      for _ in 0..<16 {
        guard let item = rest.popFirst() else { break }
        group.addTask { try await body(item) }
      }
      while try await group.next() != nil {
        if let item = rest.popFirst() { group.addTask { try await body(item) } }
      }
    }
  }
}
