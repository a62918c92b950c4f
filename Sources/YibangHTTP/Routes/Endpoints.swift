extension API {
  /// Every endpoint, in the order of the document.
  static let allEndpoints: [Endpoint] =
    [sessionRoutes, credentialRoutes, userRoutes, schoolRoutes].flatMap { $0 } + moneyRoutes

  /// Of gifts, funds, payments and their papers.
  private static let moneyRoutes: [Endpoint] =
    [
      donationRoutes, donorRoutes, campaignRoutes, fundRoutes, budgetRoutes, closingRoutes,
      paymentRoutes, clawbackRoutes, receiptRoutes, bankRoutes, goodsRoutes, sealRoutes,
      auditRoutes, reminderRoutes, mailRoutes, jobRoutes, letterRoutes,
    ].flatMap { $0 }
}
