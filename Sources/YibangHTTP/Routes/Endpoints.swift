extension API {
  /// Every endpoint, in the order of the document.
  static let allEndpoints: [Endpoint] =
    sessionRoutes
    + credentialRoutes
    + userRoutes
    + schoolRoutes
    + donationRoutes
}
