import Foundation
import HTTPTypes
import SchoolCalendar
import Yibang

extension API {
  static let receiptRoutes: [Endpoint] = receiptRegister + receiptWrites + receiptWaivers

  private static let receiptRegister: [Endpoint] = [
    .pages("/receipts", "receipt.list", Text("收据登记簿", "The register of receipts"), .needs([.read]))
    {
      (input: ReceiptPage, page, call) in
      var filter = Receipts.Filter(school: try await call.school(input.school), year: input.year)
      filter.state = input.state
      return try await Receipts.page(page, filter, in: call.context)
    },
    .file(
      "/receipts/sheet", "receipt.sheet", Text("收据登记表 .xlsx", "The register as .xlsx"),
      .needs([.read]), type: SheetType.xlsx.mediaType
    ) { (input: ReceiptSheet, call) in
      var filter = Receipts.Filter(school: try await call.school(input.school), year: input.year)
      filter.state = input.state
      let asked = filter
      let bytes = try await call.file("xlsx") { path in
        _ = try await Receipts.write(asked, date: call.today, to: path, in: call.context)
      }
      return (bytes, "捐赠收据登记表.xlsx")
    },
    .get("/receipts/{receipt}", "receipt.show", Text("一张收据", "One receipt"), .needs([.read])) {
      (input: OneReceipt, call) in
      let receipt = try await Receipts.show(input.receipt, in: call.context)
      return ReceiptOnPaper(
        receipt: receipt,
        paper: receipt.paper.map { .init(label: $0.label, value: $0.value) },
        footnote: Receipts.Receipt.footnote)
    },
    .file(
      "/donations/{id}/proof", "receipt.proof",
      Text("捐款的证明文件，任何人可离线核验", "A file that proves a donation to anybody"),
      .needs([.read]), type: "application/json"
    ) { (input: Identified, call) in
      // To the byte: whoever verifies it takes no other layout.
      let proof = try await Seals.receipt(of: input.id, in: call.context)
      return ([UInt8](try proof.file), "捐款证明.json")
    },
    .takeFile(
      .post, "/receipts/verify", "receipt.verify",
      Text("核验证明文件，任何人可用", "Verify such a file; for anybody"), .open,
      types: ["application/json"]
    ) { (input: PublishedKey, upload, _) in
      try ReceiptProof.verify(
        text: String(decoding: upload.bytes, as: UTF8.self), key: input.key)
    },
  ]

  struct PublishedKey: Codable, Sendable {
    /// The key that was published; without it, the file's own is taken and nothing proves whose it is.
    let key: String?
  }

  private static let receiptWrites: [Endpoint] = [
    .create(
      "/receipts", "receipt.issue", Text("开收据", "Issue the receipt of a gift"),
      .needs([.issueReceipts])
    ) { (input: NewReceipt, call) in
      let new = Receipts.NewReceipt(try input.subject, on: call.today, handler: input.handler)
      return try await Receipts.issue(new, in: call.context).receipt
    },
    .post(
      "/receipts/{receipt}/void", "receipt.void",
      Text("作废收据，编号保留", "Void a receipt; its number stays"), .needs([.issueReceipts])
    ) { (input: VoidedReceipt, call) in
      try await Receipts.void(
        input.receipt, reason: input.reason, on: call.today, in: call.context
      ).receipt
    },
    .create(
      "/receipts/{receipt}/reissue", "receipt.reissue",
      Text("作废并按捐赠现额换开", "Void, and issue anew over what is left of the gift"),
      .needs([.issueReceipts])
    ) { (input: ReissuedReceipt, call) in
      try await Receipts.reissue(
        input.receipt, reason: input.reason, handler: input.handler, on: call.today,
        in: call.context
      ).receipt
    },
    .post(
      "/receipts/{receipt}/official", "receipt.official",
      Text("登记公益事业捐赠统一票据号", "Record the official receipt's number"),
      .needs([.issueReceipts])
    ) { (input: OfficialReceipt, call) in
      try await Receipts.recordOfficial(input.receipt, number: input.number, in: call.context)
        .receipt
    },
  ]

  private static let receiptWaivers: [Endpoint] = [
    .pages(
      "/receipt-waivers", "receipt.waivers",
      Text("不开收据的捐赠及原因", "Gifts without a receipt, and why"), .needs([.read])
    ) { (input: SchoolPage, page, call) in
      try await Receipts.waivers(page, school: call.school(input.school), in: call.context)
    },
    .create(
      "/donations/{id}/receipt-waiver", "receipt.waive",
      Text("登记捐赠人不要收据或匿名", "Record that the donor gets none"), .needs([.issueReceipts])
    ) { (input: NewWaiver, call) in
      Identified(
        id: try await Receipts.waive(
          .donation(input.id), cause: input.cause ?? .declined, on: call.today, in: call.context
        ).id)
    },
    .delete(
      "/donations/{id}/receipt-waiver", "receipt.withdraw_waiver",
      Text("捐赠人又要收据", "The donor wants one after all"), .needs([.issueReceipts])
    ) { (input: Identified, call) in
      _ = try await Receipts.withdrawWaiver(.donation(input.id), on: call.today, in: call.context)
    },
  ]

  struct ReceiptPage: Paged, Sendable {
    let school: SchoolCode?
    let year: Int?
    let state: Receipts.State?
    let after: Cursor?
    let limit: PageLimit?
  }

  struct ReceiptSheet: Codable, Sendable {
    let school: SchoolCode?
    let year: Int?
    let state: Receipts.State?
  }

  struct OneReceipt: Codable, Sendable {
    let receipt: Receipts.Reference
  }

  struct ReceiptOnPaper: Codable, Sendable {
    struct Line: Codable, Sendable {
      let label: Text
      let value: Text
    }

    let receipt: Receipts.Receipt
    let paper: [Line]
    let footnote: Text
  }

  /// One of the three.
  struct NewReceipt: Codable, Sendable {
    let donation: UUID?
    let campaign: UUID?
    let lot: UUID?
    let handler: String?

    var subject: Receipts.Subject {
      get throws {
        switch (donation, campaign, lot) {
        case (let id?, nil, nil): return .donation(id)
        case (nil, let id?, nil): return .campaign(id)
        case (nil, nil, let id?): return .goods(lot: id)
        default:
          throw InputError.value(
            field: "donation",
            Text(
              "donation、campaign、lot 写且只写一项。", "give one of donation, campaign and lot."))
        }
      }
    }
  }

  struct VoidedReceipt: Codable, Sendable {
    let receipt: Receipts.Reference
    let reason: String
  }

  struct ReissuedReceipt: Codable, Sendable {
    let receipt: Receipts.Reference
    let reason: String
    let handler: String?
  }

  struct OfficialReceipt: Codable, Sendable {
    let receipt: Receipts.Reference
    let number: String
  }

  struct NewWaiver: Codable, Sendable {
    let id: UUID
    let cause: Receipts.WaiverCause?
  }
}
