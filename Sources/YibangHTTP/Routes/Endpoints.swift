extension API {
  /// Every endpoint, in the order of the document.
  static let allEndpoints: [Endpoint] = accountRoutes + peopleRoutes + moneyRoutes

  /// Of who works with the platform.
  private static let accountRoutes: [Endpoint] =
    [sessionRoutes, credentialRoutes, userRoutes, ownRoutes].flatMap { $0 }

  /// Of districts, pupils, recognition, pairings and what follows from them.
  private static let peopleRoutes: [Endpoint] =
    [
      schoolRoutes, districtRoutes, semesterRoutes, calendarRoutes, studentRoutes, consentRoutes,
      privacyRoutes, offerRoutes, matchRoutes, pairingRoutes, coverRoutes, instalmentRoutes,
      payoutRoutes,
      recognitionRoutes, revocationRoutes, noticeRoutes, objectionRoutes, comparisonRoutes,
      rulesRoutes, targetingRoutes, activityRoutes, reportRoutes,
    ].flatMap { $0 }

  /// Of gifts, funds, payments and their papers.
  private static let moneyRoutes: [Endpoint] =
    [
      donationRoutes, donorRoutes, campaignRoutes, fundRoutes, budgetRoutes, closingRoutes,
      paymentRoutes, clawbackRoutes, receiptRoutes, bankRoutes, goodsRoutes, sealRoutes,
      auditRoutes, accessRoutes, reminderRoutes, mailRoutes, jobRoutes, letterRoutes, eventRoutes,
    ].flatMap { $0 }
}
