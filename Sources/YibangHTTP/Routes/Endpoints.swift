extension API {
  /// Every endpoint, in the order of the document.
  static let allEndpoints: [Endpoint] =
    schoolRoutes
    + donationRoutes
}
