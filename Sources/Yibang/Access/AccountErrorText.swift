extension AccountError {
  package var text: Text {
    switch self {
    case .refused, .signInNeeded, .tooManyFailures, .busy, .hashing: signInText
    case .password(let problem): problem.text
    case .noPassword, .secondFactorThere, .noSecondFactor, .secondFactorNeeded, .ownSecondFactor,
      .wrongCode, .confined:
      secondFactorText
    default: accountText
    }
  }

  private var signInText: Text {
    switch self {
    case .refused:
      Text(
        "登录名、密码或验证码不对，或账号不能使用。请核对后再试；忘记密码请区管理员重置。",
        "Login, password or code is wrong, or the account cannot be used. Check them and try again; "
          + "a district admin can reset a forgotten password.")
    case .tooManyFailures(let seconds):
      Text(
        "失败次数过多，请 \(seconds) 秒后再试。",
        "Too many failures. Try again in \(seconds) seconds.")
    case .busy:
      Text("登录的人太多，请稍后再试。", "Too many people are signing in. Try again in a moment.")
    case .hashing(let code):
      Text(
        "密码校验出错（\(code)），可能内存不足。请检查服务器后再试。",
        "The password cannot be checked (\(code)); memory may be short. Check the server and try "
          + "again.")
    default: Text("请先登录。", "Sign in first.")
    }
  }

  private var secondFactorText: Text {
    switch self {
    case .wrongCode:
      Text(
        "验证码不对或已用过。请用验证器上的下一个验证码。",
        "The code is wrong or was used. Take the next one of your authenticator.")
    case .confined:
      Text(
        "当前登录或令牌不能改动账号。请完成两步验证后，在自己的登录中办理。",
        "This session or token cannot change an account. Complete the second factor, and do it "
          + "from a session of your own.")
    case .noPassword:
      Text(
        "这个账号还没有密码。请先设置密码：yibang user password，或使用邀请链接。",
        "This account has no password. Set one first: yibang user password, or use the invitation.")
    case .secondFactorThere:
      Text(
        "两步验证已经设置。换设备请区管理员先移除：yibang user totp remove LOGIN --reason REASON。",
        "The second factor is set up already. For another device, have a district admin remove it "
          + "first: yibang user totp remove LOGIN --reason REASON.")
    case .secondFactorNeeded(let role):
      Text(
        "\(role.name.zh)必须使用两步验证，自己不能移除。换设备请另一位区管理员移除。",
        "A \(role.name.en) needs a second factor and cannot remove it. For another device, have "
          + "another district admin remove it.")
    case .ownSecondFactor:
      Text(
        "不能这样移除自己的两步验证，请另一位区管理员办理。",
        "Your own second factor is not removed so. Have another district admin do it.")
    default:
      Text(
        "没有待确认或已设置的两步验证。请先开始设置。",
        "There is no second factor, and none to confirm. Begin to set one up first.")
    }
  }

  private var accountText: Text {
    switch self {
    case .wrongPassword:
      Text("现在的密码不对，请重新输入。", "The present password is wrong. Type it again.")
    case .link:
      Text(
        "链接无效、已用过或已过期。请区管理员再发一个。",
        "The link does not hold, was used or has expired. Have a district admin make another.")
    case .reason: Text("请写明理由。", "Say the reason.")
    case .hasAccount(let login):
      Text(
        "\(login) 已经开通。忘记密码请用 yibang user reset \(login)。",
        "\(login) has an account. For a forgotten password: yibang user reset \(login).")
    case .otherRole(let login):
      Text(
        "\(login) 已按另一角色、学校或捐赠人登记。请按登记的角色邀请，或先用 yibang user role 更改。",
        "\(login) is registered with another role, school or donor. Invite as registered, or change "
          + "it first: yibang user role.")
    case .unknownDonor:
      Text(
        "本区没有这位捐赠人。可用 yibang donor find 查编号。",
        "The district has no such donor. Find the id with yibang donor find.")
    case .unknownSession:
      Text(
        "没有这次登录，或已经结束。可用 yibang user sessions 查看。",
        "There is no such session, or it ended. See yibang user sessions.")
    case .unknownToken:
      Text(
        "没有这个令牌，或已经撤销。可用 yibang user token list 查看。",
        "There is no such token, or it was revoked. See yibang user token list.")
    case .scope(let beyond):
      Text(
        beyond.isEmpty
          ? "请至少写明一项权限。"
          : "令牌不能超出本人的权限：\(beyond.map(\.name.zh).joined(separator: "、"))。请去掉这些。",
        beyond.isEmpty
          ? "Name at least one permission."
          : "A token goes no further than its person: \(beyond.map(\.name.en).joined(separator: "; ")). "
            + "Leave these out.")
    case .tokenName:
      Text("令牌名称应有 1 到 80 个字。", "A token's name has 1 to 80 characters.")
    case .tokenTerm:
      Text(
        "令牌须有期限，最长一年。请另选到期时间。",
        "A token expires within a year at most. Choose another end.")
    default:
      Text(
        "登录名应有 1 到 60 个字，不含空白和控制字符。",
        "A login has 1 to 60 characters, without spaces and control characters.")
    }
  }
}

extension AccountError.PasswordProblem {
  fileprivate var text: Text {
    switch self {
    case .short:
      Text(
        "密码至少 \(Password.fewestCharacters) 个字符。可以用一句话。",
        "A password has at least \(Password.fewestCharacters) characters. A sentence will do.")
    case .long:
      Text(
        "密码最长 \(Password.mostBytes) 字节。请缩短。",
        "A password has at most \(Password.mostBytes) bytes. Shorten it.")
    case .named:
      Text(
        "密码不能由登录名或姓名拼成。请换一个。",
        "A password is not made of the login or the name. Choose another.")
    case .common:
      Text(
        "这个密码太常见，很容易被猜到。请换一个，例如一句话。",
        "This password is too common and easily guessed. Choose another, such as a sentence.")
    case .unchanged:
      Text("新密码与现在的相同，请换一个。", "The new password is the present one. Choose another.")
    }
  }
}
