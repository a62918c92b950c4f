import Foundation
import HardshipRecognition
import SchoolCalendar
import Yibang

extension API {
  static let recognitionRoutes: [Endpoint] =
    roundRoutes + caseRoutes + decisionRoutes + recognisedRoutes + recognitionFormRoutes

  private static let roundRoutes: [Endpoint] = [
    .create(
      "/recognition-rounds", "recognition.open",
      Text("开始认定或学期调整：登记宣传告知", "Begin with the announcement"), .needs([.recognise])
    ) { (input: NewRound, call) in
      let day = try call.day(input.date)
      var opening = Rounds.Opening(
        school: try await call.schoolRecord(input.school),
        semester: try await call.semester(input.semester, on: day),
        isAdjustment: input.adjustment ?? false, announcedOn: day, reach: input.reach)
      opening.applyBy = input.applyBy
      opening.nominateBy = input.nominateBy
      opening.assessBy = input.assessBy
      opening.decideBy = input.decideBy
      let (round, added) = try await Rounds.open(opening, in: call.context)
      return RoundOpened(round: round, added: added)
    },
    .post(
      "/leading-group/add", "recognition.group_add",
      Text("加入认定工作领导小组", "Take a user into the leading group"), .needs([.recognise])
    ) { (input: GroupMember, call) in
      GroupChanged(
        changed: try await Rounds.addMember(
          input.login, school: call.schoolRecord(input.school).id, since: call.day(input.date),
          in: call.context))
    },
    .post(
      "/leading-group/remove", "recognition.group_remove",
      Text("退出认定工作领导小组", "End a membership of the leading group"), .needs([.recognise])
    ) { (input: GroupMember, call) in
      GroupChanged(
        changed: try await Rounds.removeMember(
          input.login, school: call.schoolRecord(input.school).id, on: call.day(input.date),
          in: call.context))
    },
    .get(
      "/recognition-rules", "recognition.rules",
      Text("本学年认定办法的类别、等级和证明", "The categories of the year's rules"), .signedIn
    ) { (input: RulesQuestion, call) in
      let year = try await call.semester(input.semester).schoolYear
      return RuleSetView(try await RuleSets.book(in: call.context).chosen(for: year))
    },
  ]

  private static let caseRoutes: [Endpoint] = [
    .pages(
      "/recognition-cases", "recognition.list", Text("申请停在哪一步", "Where each case stands"),
      .needs([.read, .assess])
    ) { (input: CasePage, page, call) in
      var filter = Cases.Filter(
        school: try await call.school(input.school),
        year: try await call.semester(input.semester).schoolYear)
      filter.state = input.state
      filter.className = input.class
      filter.lateOnly = input.late ?? false
      return try await Cases.page(page, filter, today: call.today, in: call.context)
    },
    .create(
      "/recognition-cases", "recognition.apply", Text("登记监护人的申请", "Record a family's application"),
      .needs([.recognise])
    ) { (input: NewCase, call) in
      let day = try call.day(input.date)
      let (id, _) = try await Cases.apply(
        student: input.student,
        year: call.semester(input.semester, on: day).schoolYear, guardian: input.guardian,
        claims: input.claims ?? [], signed: input.signed ?? false, on: day, in: call.context)
      return Identified(id: id)
    },
    .create(
      "/recognition-cases/adjust", "recognition.adjust",
      Text("登记学期调整的申请", "A change of circumstances, or a new pupil"), .needs([.recognise])
    ) { (input: NewAdjustment, call) in
      let day = try call.day(input.date)
      let change = Cases.Change(
        student: input.student, semester: try await call.semester(input.semester, on: day),
        guardian: input.guardian, signed: input.signed ?? false, claims: input.claims ?? [],
        words: input.changed)
      return Identified(id: try await Cases.apply(change, on: day, in: call.context).id)
    },
    .list(
      "/recognition-cases/{id}", "recognition.show",
      Text("一份申请走过的每一步", "What happened to a case"), .needs([.read])
    ) { (input: Identified, call) in
      try await Cases.steps(input.id, in: call.context)
    }.versioned(.recognitionCase, alone: false),
    .lookUp(
      "/recognition-cases/{id}/change", "recognition.change",
      Text("调整申请说明的变化；查看会被记录", "What has changed; reading it is recorded"),
      .needs([.readIdentities])
    ) { (input: Identified, call) in
      CaseChange(changed: try await Cases.change(of: input.id, in: call.context))
    },
    .post(
      "/recognition-cases/nominate", "recognition.nominate", Text("班级提名", "The class nominates"),
      .needs([.recognise])
    ) { (input: Nomination, call) in
      let cases = try await call.selected(
        input.cases, input.all, input.school, input.class, input.semester, in: .applied)
      return CasesDone(
        cases: try await Cases.nominate(
          cases, nominated: input.nominated ?? true, on: call.day(input.date), in: call.context))
    },
    .post(
      "/recognition-cases/panel", "recognition.panel",
      Text("指定评议人，至少两名", "Name the assessors, two at least"), .needs([.recognise])
    ) { (input: Panel, call) in
      let cases = try await call.selected(
        input.cases, input.all, input.school, input.class, input.semester, in: .nominated)
      return CasesDone(
        cases: try await Cases.setPanel(
          cases, assessors: input.assessors, on: call.day(input.date), in: call.context))
    },
    .post(
      "/recognition-cases/{id}/withdraw", "recognition.withdraw",
      Text("按家庭意愿撤回申请", "End a case at the family's wish"), .needs([.recognise])
    ) { (input: CaseStep, call) in
      try await Cases.withdraw(input.id, on: call.day(input.date), in: call.context)
    }.versioned(.recognitionCase),
    .sheet(
      "/recognition-cases/import", "recognition.import_applications",
      Text("导入填好的认定申请表", "Import filled application forms"), .needs([.recognise])
    ) { (input: SchoolSheet, upload, call) in
      let (school, request) = try await call.importRequest(
        upload, school: input.school, semester: input.semester, dryRun: input.dryRun,
        skipRefused: input.skipRefused)
      return try await Cases.importApplications(request, school: school, in: call.context)
    },
  ]

  private static let recognisedRoutes: [Endpoint] = [
    .list(
      "/students/{id}/recognitions", "recognition.history",
      Text("一名学生历次认定及起止日期", "All that was recognised of a pupil, by date"),
      .needs([.read])
    ) { (input: HistoryQuestion, call) in
      try await Recognitions.history(
        of: input.id, withReplaced: input.replaced ?? false, in: call.context)
    },
    .lookUp(
      "/students/{id}/recognitions/reveal", "recognition.reveal_history",
      Text("历次认定及类别；理由记入审计", "The same with categories; why is recorded"),
      .needs([.readIdentities])
    ) { (input: HistoryReveal, call) in
      RevealedEntries(
        items: try await Recognitions.history(
          of: input.id, withReplaced: input.replaced ?? false, reveal: input.reveal,
          in: call.context))
    }.showing(.recognition),
    .pages(
      "/recognitions", "recognition.on", Text("某一天有效的认定", "What was recognised on a day"),
      .needs([.read])
    ) { (input: RecognitionPage, page, call) in
      try await Recognitions.page(
        page, on: input.date ?? call.today, student: input.student,
        school: call.school(input.school), in: call.context)
    },
    .lookUp(
      "/recognitions/reveal", "recognition.reveal_on",
      Text("某一天有效的认定及类别；理由记入审计", "The same with categories; why is recorded"),
      .needs([.readIdentities])
    ) { (input: RecognitionReveal, call) in
      RevealedEntries(
        items: try await Recognitions.on(
          input.date ?? call.today, student: input.student, school: call.school(input.school),
          reveal: input.reveal, in: call.context))
    }.showing(.recognition),
  ]
}

extension Call {
  /// The cases of a step: those that are named, or all that wait for it.
  /// - Throws: `InputError` unless the one or the other is given.
  func selected(
    _ cases: [UUID]?, _ all: Bool?, _ school: SchoolCode?, _ className: String?,
    _ semester: Semester?, in state: CaseState
  ) async throws -> [UUID] {
    guard (all ?? false) != !(cases ?? []).isEmpty else {
      throw InputError.value(
        field: "cases", Text("写明 cases，或 all 为 true。", "give cases, or all as true."))
    }
    guard all == true else { return cases ?? [] }
    let selection = Cases.Selection.all(
      school: try await self.school(school), className: className,
      year: try await self.semester(semester).schoolYear)
    return try await Cases.selected(selection, in: state, today: today, in: context)
  }
}
