/// Why somebody is not let in, and what of an account cannot be done.
package enum AccountError: YibangError {
  package enum PasswordProblem: String, Sendable {
    case short, long, named, common, unchanged
  }

  /// One answer for an unknown login, a wrong password or code, and a disabled account.
  case refused
  /// Nobody, or what is shown for it ended.
  case signInNeeded
  case tooManyFailures(retryAfter: Int)
  case busy
  case hashing(Int32)
  case password(PasswordProblem)
  case wrongPassword
  case wrongCode
  case link
  case confined
  case noPassword
  case secondFactorThere
  case noSecondFactor
  case secondFactorNeeded(Role)
  case ownSecondFactor
  case reason
  case hasAccount(login: String)
  case otherRole(login: String)
  case unknownDonor
  case unknownSession
  case unknownToken
  case scope([Permission])
  case tokenName
  case tokenTerm
  case login

  package var code: String {
    switch self {
    case .refused: "sign_in.refused"
    case .signInNeeded: "sign_in.needed"
    case .tooManyFailures: "sign_in.too_many_failures"
    case .busy: "sign_in.busy"
    case .hashing: "sign_in.hashing"
    case .password(let problem): "account.password_\(problem.rawValue)"
    case .wrongPassword: "account.wrong_password"
    case .wrongCode: "account.wrong_code"
    case .link: "account.link"
    case .confined: "account.confined"
    case .noPassword: "account.no_password"
    case .secondFactorThere: "account.second_factor_there"
    case .noSecondFactor: "account.no_second_factor"
    case .secondFactorNeeded: "account.second_factor_needed"
    case .ownSecondFactor: "account.own_second_factor"
    case .reason: "account.reason"
    case .hasAccount: "account.exists"
    case .otherRole: "account.other_role"
    case .unknownDonor: "account.unknown_donor"
    case .unknownSession: "account.unknown_session"
    case .unknownToken: "account.unknown_token"
    case .scope: "account.token_scope"
    case .tokenName: "account.token_name"
    case .tokenTerm: "account.token_term"
    case .login: "account.login"
    }
  }

  package var category: ErrorCategory {
    switch self {
    case .refused, .signInNeeded: .unauthenticated
    case .tooManyFailures(let seconds): .tooMany(retryAfter: seconds)
    case .busy: .tooMany(retryAfter: 2)
    case .hashing: .unavailable
    case .password, .reason, .scope, .tokenName, .tokenTerm, .login: .usage
    case .wrongPassword, .wrongCode, .confined, .ownSecondFactor: .forbidden
    case .link, .unknownDonor, .unknownSession, .unknownToken: .notFound
    case .noPassword, .secondFactorThere, .noSecondFactor, .secondFactorNeeded, .hasAccount,
      .otherRole:
      .conflict
    }
  }
}
