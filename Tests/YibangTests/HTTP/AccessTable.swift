/// Who may use which endpoint: A district admin, M matcher, F finance, O school officer, P principal,
/// S assessor, U auditor, D sponsor. Where a role may go is row-level security's matter; what it finds
/// there is the operation's.
enum AccessTable {
  static let rows: [String: String] = [
    // Anybody, to get in.
    "session.sign_in": "AMFOPSUD",
    "link.accept": "AMFOPSUD",
    // The own account.
    "session.confirm": "AMFOPSUD",
    "session.list": "AMFOPSUD",
    "session.revoke": "AMFOPSUD",
    "session.show": "AMFOPSUD",
    "session.sign_out": "AMFOPSUD",
    "password.change": "AMFOPSUD",
    "second_factor.confirm": "AMFOPSUD",
    "second_factor.enrol": "AMFOPSUD",
    "second_factor.remove_own": "AMFOPSUD",
    "token.add": "AMFOPSUD",
    "token.list": "AMFOPSUD",
    "token.revoke": "AMFOPSUD",
    // Others' accounts.
    "second_factor.remove": "A",
    "user.disable": "A",
    "user.enable": "A",
    "user.invite": "A",
    "user.list": "A",
    "user.reset": "A",
    "user.role": "A",
    // Schools.
    "school.add": "A",
    "school.list": "AMFOPSU",
    // Gifts.
    "donation.import": "AFO",
    "donation.list": "AMFOPU",
  ]
}
