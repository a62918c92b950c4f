extension API {
  /// Every endpoint, in the order of the document.
  static let allEndpoints: [Endpoint] = schoolRoutes + peopleRoutes + donationRoutes

  /// Of districts, pupils, recognition, pairings and what follows from them.
  private static let peopleRoutes: [Endpoint] =
    [
      districtRoutes, semesterRoutes, calendarRoutes, studentRoutes, consentRoutes, offerRoutes,
      matchRoutes, pairingRoutes, coverRoutes, instalmentRoutes, payoutRoutes, recognitionRoutes,
      revocationRoutes, noticeRoutes, objectionRoutes, comparisonRoutes, rulesRoutes,
      targetingRoutes, activityRoutes, reportRoutes,
    ].flatMap { $0 }
}
