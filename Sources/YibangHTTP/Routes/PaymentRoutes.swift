import Foundation
import HardshipRecognition
import SchoolCalendar
import Yibang

extension API {
  static let paymentRoutes: [Endpoint] =
    paymentBatches + paymentSteps + paymentReceipts + paymentSheets + paymentLimits

  private static let paymentBatches: [Endpoint] = [
    .pages(
      "/payment-batches", "payment.list", Text("发放批次，新的在前", "Payment batches, newest first"),
      .needs([.read])
    ) { (input: BatchPage, page, call) in
      let school = try await call.school(input.school)
      return try await page.page(by: \.id) { after, limit in
        try await PaymentBatches.list(
          school: school, semester: input.semester, state: input.state, after: after,
          limit: limit, in: call.context)
      }
    },
    .create(
      "/payment-batches", "payment.batch",
      Text("按同一金额或按困难等级编制发放批次", "Make a batch of one amount, or of amounts by tier"),
      .needs([.preparePayments])
    ) { (input: NewBatch, call) in
      let id = try await PaymentBatches.make(
        try await input.batch(call), rule: try input.rule, in: call.context)
      return try await PaymentBatches.show(id, in: call.context).batch
    },
    .takeSheet(
      "/payment-batches/from-sheet", "payment.batch_from_sheet",
      Text("按名单编制发放批次", "Make a batch of a sheet of payees"), .needs([.preparePayments])
    ) { (input: BatchSheet, upload, call) in
      let batch = try await input.batch(call)
      let request = ImportRequest(
        path: upload.path, school: batch.school, semester: batch.semester, today: call.today,
        dryRun: input.dryRun ?? false, skipRefused: input.skipRefused ?? false)
      let (report, id) = try await PaymentBatches.make(batch, sheet: request, in: call.context)
      return BatchOfSheet(batch: id, report: report.document(call.language, \.overHTTP))
    },
    .get(
      "/payment-batches/{id}", "payment.show",
      Text("一个批次：审批、应发与实付、差额", "A batch: approvals, due and paid, differences"),
      .needs([.read])
    ) { (input: Identified, call) in
      let detail = try await PaymentBatches.show(input.id, in: call.context)
      return ShownBatch(detail: detail, paidInFull: detail.isPaidInFull)
    }.versioned(.paymentBatch, alone: false),
    .pages(
      "/payment-batches/{id}/lines", "payment.lines", Text("批次的每一行", "The lines of a batch"),
      .needs([.read])
    ) { (input: BatchLinePage, page, call) in
      let after: Int64 = try page.position(Int64.self)
      let lines = try await PaymentBatches.lines(
        input.id, after: Int(max(0, after)), limit: page.limit + 1, in: call.context)
      return Page(lines, page) { Cursor("\($0.number)") }
    },
    .put(
      "/payment-batches/{id}/lines/{number}", "payment.change",
      Text("修改草稿中一行的金额", "Change the amount of a draft's line"), .needs([.preparePayments])
    ) { (input: ChangedLine, call) in
      try await PaymentBatches.amend(
        input.id, line: input.number, amount: input.amount, in: call.context)
    }.versioned(.paymentBatch),
    .delete(
      "/payment-batches/{id}/lines/{number}", "payment.remove",
      Text("把一行移出草稿", "Take a line out of a draft"), .needs([.preparePayments])
    ) { (input: BatchLine, call) in
      try await PaymentBatches.amend(input.id, line: input.number, amount: nil, in: call.context)
    }.versioned(.paymentBatch),
  ]

  private static let paymentSteps: [Endpoint] = [
    .post(
      "/payment-batches/{id}/submit", "payment.submit",
      Text("提交审批，此后名单锁定", "Submit; the lines are locked from now on"),
      .needs([.preparePayments])
    ) { (input: Identified, call) in
      try await PaymentBatches.submit(input.id, in: call.context)
    }.versioned(.paymentBatch),
    .post(
      "/payment-batches/{id}/approve", "payment.approve",
      Text("审批，编制人不能审批", "Approve; the maker cannot"), .needs([.approvePayments])
    ) { (input: Identified, call) in
      BatchState(
        state: try await PaymentBatches.approve(input.id, today: call.today, in: call.context))
    }.versioned(.paymentBatch),
    .post(
      "/payment-batches/{id}/pay", "payment.pay", Text("支付已批准的批次", "Pay an approved batch"),
      .needs([.payOut])
    ) { (input: OnDay, call) in
      let paidNow = try await PaymentBatches.pay(
        input.id, on: try call.day(input.date), in: call.context)
      let figures = try await PaymentBatches.show(input.id, in: call.context).batch.figures
      return PaidBatch(paidNow: paidNow, figures: figures)
    }.versioned(.paymentBatch),
    .post(
      "/payment-batches/{id}/withdraw", "payment.withdraw",
      Text("退回草稿，原审批作废", "Make it a draft again; approvals are lost"),
      .needs([.preparePayments])
    ) { (input: Identified, call) in
      try await PaymentBatches.withdraw(input.id, in: call.context)
    }.versioned(.paymentBatch),
    .post(
      "/payment-batches/{id}/cancel", "payment.cancel",
      Text("撤销未支付的批次", "Cancel a batch that is not paid"), .needs([.preparePayments])
    ) { (input: Reasoned, call) in
      try await PaymentBatches.cancel(input.id, reason: input.reason, in: call.context)
    }.versioned(.paymentBatch),
    .post(
      "/payment-batches/{id}/close", "payment.close",
      Text("办结：全部签收或说明后", "Close a batch of which every line is settled"),
      .needs([.preparePayments])
    ) { (input: Identified, call) in
      try await PaymentBatches.close(input.id, in: call.context)
    }.versioned(.paymentBatch),
  ]

  private static let paymentReceipts: [Endpoint] = [
    .post(
      "/payment-batches/{id}/confirm", "payment.confirm",
      Text("登记签收情况", "Record what was received"), .needs([.preparePayments])
    ) { (input: Confirmation, call) in
      let count = try await PaymentBatches.confirm(
        input.id, lines: try input.numbers, as: try input.told, on: try call.day(input.date),
        in: call.context)
      let figures = try await PaymentBatches.show(input.id, in: call.context).batch.figures
      return ConfirmedBatch(lines: count, figures: figures)
    },
    .post(
      "/payment-batches/{id}/lines/{number}/explain", "payment.explain",
      Text("说明差额的原因", "Say why less was paid than was due"), .needs([.preparePayments])
    ) { (input: ExplainedLine, call) in
      try await PaymentBatches.explain(
        input.id, line: input.number, reason: input.reason, in: call.context)
    },
    .create(
      "/payment-batches/{id}/follow-up", "payment.follow_up",
      Text("补发：把未收到的部分编成新批次", "Make a batch of what is still due"),
      .needs([.preparePayments])
    ) { (input: FollowUp, call) in
      let id = try await PaymentBatches.followUp(input.id, title: input.title, in: call.context)
      return try await PaymentBatches.show(id, in: call.context).batch
    },
  ]

  private static let paymentSheets: [Endpoint] = [
    .file(
      "/payment-batches/{id}/sheet", "payment.sheet",
      Text("供签字的发放表 .xlsx，身份证号打码", "The sheet that payees sign, as .xlsx, IDs masked"),
      .needs([.read]), type: SheetType.xlsx.mediaType
    ) { (input: Identified, call) in
      (try await call.paymentSheet(input.id, reveal: nil), "发放表.xlsx")
    },
    .lookUpFile(
      "/payment-batches/{id}/sheet/reveal", "payment.reveal_sheet",
      Text("含完整身份证号的发放表，理由记入审计", "The same with full IDs; the reason is kept in the trail"),
      .needs([.readIdentities]), type: SheetType.xlsx.mediaType
    ) { (input: Reveal, call) in
      (try await call.paymentSheet(input.id, reveal: input.reason), "发放表.xlsx")
    }.showing(.paymentSheet),
    .sheet(
      "/payment-batches/{id}/import", "payment.import",
      Text("导入签字后的发放表", "Import the signed sheet of a batch"), .needs([.preparePayments])
    ) { (input: SignedSheet, upload, call) in
      try await PaymentSheet.importSigned(
        PaymentSheet.Return(
          batch: input.id, path: upload.path, today: call.today, dryRun: input.dryRun ?? false,
          skipRefused: input.skipRefused ?? false),
        in: call.context)
    },
  ]

  private static let paymentLimits: [Endpoint] = [
    .get("/payment-limits", "payment.limits", Text("审批限额", "Approval limits"), .needs([.read])) {
      (input: AtSchool, call) in
      try await Payments.limits(school: try await call.school(input.school), in: call.context)
    },
    .put(
      "/payment-limits", "payment.set_limits",
      Text("设定审批限额", "Set how much takes how many people"), .needs([.administer])
    ) { (input: NewLimits, call) in
      _ = try await Payments.setLimits(
        school: try await call.school(input.school), thirdAbove: input.thirdAbove,
        direct: input.direct, in: call.context)
    },
  ]
}

extension Call {
  fileprivate func paymentSheet(_ batch: UUID, reveal: String?) async throws -> [UInt8] {
    try await file("xlsx") { path in
      _ = try await PaymentSheet.write(
        batch, to: path, as: .xlsx, reveal: reveal, date: today, in: context)
    }
  }
}
